// How the model came about: curves, and what was decided, with reasons.
import { useSay } from "./context.ts";
import type { Phase, Run } from "./data.ts";
import { decimal, percent, shown, visible } from "./format.ts";
import { NumbersTable } from "./chart.tsx";
import { Picture } from "./picture.tsx";
import { triedIn } from "./tried.ts";

function CurveNumbers({ phase }: { phase: Phase | undefined }) {
  const path = (phase?.["cross_validation"] as { path?: Record<string, number>[] } | undefined)?.path;
  const rows = phase?.epochs ?? path;
  if (rows === undefined || rows.length === 0) return null;
  const columns = Object.keys(rows[0] ?? {}).filter((key) => rows.every((row) => typeof row[key] === "number" || row[key] === null));
  return <NumbersTable name="curves" columns={columns} rows={rows.map((row) => columns.map((key) => row[key] ?? "–"))} />;
}

const kPlaces = new Set(["data", "out"]); // are no decisions, and stand in the command

function WhatWasTried({ run }: { run: Run }) {
  const say = useSay();
  const tried = triedIn(run, say);
  if (tried.length === 0) return null;
  return (
    <>
      <h3>{say("tried")}</h3>
      <div class="tried">
        {tried.map(({ title, rows }) => (
          <div class="scroll" tabIndex={0} role="region" aria-label={title}>
            <table data-tried={rows.length}>
              <caption>{title}</caption>
              <thead>
                <tr>
                  <th scope="col" />
                  {rows.some((r) => r.accuracy !== undefined) && <th scope="col">{say("accuracy")}</th>}
                  {rows.some((r) => r.loss !== undefined) && <th scope="col">{say("logLoss")}</th>}
                </tr>
              </thead>
              <tbody>
                {rows.map((r) => (
                  <tr class={r.taken === true ? "taken" : ""}>
                    <th scope="row">
                      <bdi>{r.name}</bdi>
                      {r.taken === true && <span class="hidden"> ({say("triedTaken")})</span>}
                      {r.note !== undefined && r.note !== "" && <span class="faint"> {r.note}</span>}
                    </th>
                    {rows.some((k) => k.accuracy !== undefined) && <td>{r.accuracy === undefined ? "–" : percent(r.accuracy)}</td>}
                    {rows.some((k) => k.loss !== undefined) && <td>{r.loss === undefined ? "–" : decimal(r.loss)}</td>}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </div>
    </>
  );
}

export function Training({ run }: { run: Run }) {
  const say = useSay();
  const phases = run.files.history?.phases ?? [];
  const decided = run.options.filter((o) => o.source !== "" && o.source !== "default" && !kPlaces.has(o.name));
  return (
    <section id="training" aria-labelledby="training-title">
      <h2 id="training-title">{say("training")}</h2>
      <div class="side-by-side">
        <div>
          {run.curves === "" ? (
            <p class="empty">{say("noCurves")}</p>
          ) : (
            <figure>
              <figcaption>
                <p>{say("curvesSays")}</p>
              </figcaption>
              <Picture name="curves" svg={run.curves} label={say("curvesSays")} />
              <CurveNumbers phase={phases.at(-1)} />
            </figure>
          )}
        </div>
        <div>
          <h3>{say("decisions")}</h3>
          <div class="scroll" tabIndex={0} role="region" aria-label={say("decisions")}>
            <table class="words">
              <thead>
                <tr>
                  <th scope="col">{say("option")}</th>
                  <th scope="col">{say("value")}</th>
                  <th scope="col">{say("reason")}</th>
                </tr>
              </thead>
              <tbody>
                {decided.map((o) => (
                  <tr>
                    <th scope="row">{o.name}</th>
                    <td>
                      <bdi>{shown(o.value, 48)}</bdi>
                    </td>
                    <td>{o.source === "flag" ? say("given") : visible(o.source.replace(/^chosen: /, ""))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {phases.length > 1 && (
            <>
              <h3>{say("phases")}</h3>
              <ol class="steps">
                {phases.map((phase) => (
                  <li>
                    {phase.strategy}
                    {typeof phase.val_accuracy === "number" && `: ${say("accuracy")} ${percent(phase.val_accuracy)}`}
                    {typeof phase.kept_epoch === "number" && `, ${say("epoch")} ${phase.kept_epoch} / ${phase.epochs?.length ?? "–"}`}
                    {typeof phase.l2 === "number" && `, L2 ${decimal(phase.l2, 4).replace(/0+$/, "")}`}
                  </li>
                ))}
              </ol>
            </>
          )}
        </div>
      </div>
      <WhatWasTried run={run} />
    </section>
  );
}
