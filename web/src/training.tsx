// How the model came about: curves, and what was decided, with reasons.
import { useSay } from "./context.ts";
import type { Phase, Run } from "./data.ts";
import { decimal, percent, shown, visible } from "./format.ts";
import { NumbersTable } from "./chart.tsx";
import { Picture } from "./picture.tsx";

function CurveNumbers({ phase }: { phase: Phase | undefined }) {
  const path = (phase?.["cross_validation"] as { path?: Record<string, number>[] } | undefined)?.path;
  const rows = phase?.epochs ?? path;
  if (rows === undefined || rows.length === 0) return null;
  const columns = Object.keys(rows[0] ?? {}).filter((key) => rows.every((row) => typeof row[key] === "number" || row[key] === null));
  return <NumbersTable name="curves" columns={columns} rows={rows.map((row) => columns.map((key) => row[key] ?? "–"))} />;
}

const kPlaces = new Set(["data", "out"]); // are no decisions, and stand in the command

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
    </section>
  );
}
