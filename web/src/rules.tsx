// By what rules the model says more than a class: sets that hold the truth, what mistakes cost, when a photo is unknown to it (docs/trust.md). What was found is of
// history.json and of the model's own metadata; what it is worth on the validation photos is counted from predictions.csv.
import * as Plot from "@observablehq/plot";
import { Chart } from "./chart.tsx";
import { useSay } from "./context.ts";
import type { Answer, Run, Unknown } from "./data.ts";
import { decimal, percent, shown, whole } from "./format.ts";
import { coverage, meanCosts, wilson } from "./statistics.ts";
import type { Key, Say } from "./words.ts";

const kBases: Record<string, Key> = { "cross-validation": "basisCross", validation: "basisValidation", "other photos": "basisOther" };
export const basis = (on: string, say: Say): string => (Object.hasOwn(kBases, on) ? say(kBases[on] ?? "basisOther") : shown(on, 40));

const drawn = (run: Run): Answer[] => run.answers.filter((a) => a.drawn);
const kMostNames = 12;
const kMostCosts = 12;

function Sets({ run }: { run: Run }) {
  const say = useSay();
  const sets = run.files.trust?.sets;
  if (sets === undefined) return null;
  const found = coverage(drawn(run), run.multi);
  const part = found.held / Math.max(1, found.photos);
  const [low, high] = wilson(Math.round(found.held), found.photos);
  const facts = [percent(sets.coverage, 0), percent(part), whole(found.photos), decimal(found.size, 2)] as const;
  const says = run.multi ? say("setsSaysMulti", ...facts) : say("setsSays", ...facts, percent(low), percent(high));
  const shared = sets.of_the_class_alone?.flatMap((own, i) => (own ? [] : [shown(run.classes[i] ?? "", 24)])) ?? [];
  // So that one size alone is no bar as wide as the chart.
  const largest = Math.max(Math.min(3, run.classes.length), ...found.sizes.map((s) => s.size));
  const domain = Array.from({ length: largest + (run.multi ? 1 : 0) }, (_, i) => i + (run.multi ? 0 : 1));
  const bars = found.sizes.flatMap((s) => [
    { size: s.size, what: say("holds"), photos: s.held },
    { size: s.size, what: say("misses"), photos: s.photos - s.held },
  ]);
  return (
    <div data-rule="sets">
      <Chart
        name="sets"
        title={say("setsTitle")}
        says={says}
        legend={[
          ["blue", say("holds")],
          ["orange", say("misses")],
        ]}
        columns={[say("setSize"), say("count"), say("holds")]}
        rows={found.sizes.map((s) => [s.size, s.photos, s.held])}
        options={() => ({
          height: 240,
          marginBottom: 42,
          marginTop: 28,
          x: { label: say("setSize"), labelAnchor: "center", labelArrow: "none", tickFormat: (v: number) => String(v), domain, padding: 0.4, ...(domain.length > 12 ? { ticks: domain.filter((v) => v % Math.ceil(domain.length / 12) === 0) } : {}) },
          y: { label: say("count"), labelArrow: "none", grid: true, ticks: 5 },
          color: { domain: [say("holds"), say("misses")], range: ["var(--blue)", "var(--orange)"] },
          marks: [Plot.barY(bars, { x: "size", y: "photos", fill: "what", fillOpacity: 0.7 }), Plot.ruleY([0], { stroke: "var(--line)" })],
        })}
      />
      <p class="faint">
        {say("foundOn", whole(sets.photos), basis(sets.on, say))}
        {shared.length > 0 && !run.multi && ` ${say("setsShared", shared.slice(0, kMostNames).join(", ") + (shared.length > kMostNames ? `, ${say("more2", shared.length - kMostNames)}` : ""))}`}
      </p>
    </div>
  );
}

function Costs({ run }: { run: Run }) {
  const say = useSay();
  const costs = run.files.trust?.costs;
  if (costs === undefined) return null;
  const found = meanCosts(drawn(run), run.classes, costs);
  return (
    <div data-rule="costs">
      <h3>{say("costsTitle")}</h3>
      <p>{say("costsSays", decimal(found.decided), decimal(found.plain), whole(found.other), whole(found.photos))}</p>
      {run.classes.length <= kMostCosts && (
        <div class="scroll" tabIndex={0} role="region" aria-label={say("costsTitle")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{say("matrixAxis")}</th>
                {run.classes.map((name) => (
                  <th scope="col">
                    <bdi>{shown(name, 16)}</bdi>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {costs.map((row, i) => (
                <tr>
                  <th scope="row">
                    <bdi>{shown(run.classes[i] ?? "", 24)}</bdi>
                  </th>
                  {row.map((cost) => (
                    <td>{Number(cost.toPrecision(6))}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

const kScores: Record<string, Key> = { energy: "scoreEnergy", "max-logit": "scoreMaxLogit", mahalanobis: "scoreMahalanobis", neighbours: "scoreNeighbours", combined: "scoreCombined" };
const scoreName = (name: string, say: Say): string => (Object.hasOwn(kScores, name) ? say(kScores[name] ?? "scoreEnergy") : shown(name, 40));

function Strangers({ run }: { run: Run }) {
  const say = useSay();
  const rule: Unknown | undefined = run.files.trust?.unknown;
  const history = run.files.history?.trust?.unknown;
  if (rule === undefined && history === undefined) return null;
  if (rule === undefined)
    return (
      <div data-rule="unknown">
        <h3>{say("unknownTitle")}</h3>
        <p>{say("unknownNone", shown(history?.reason ?? "", 200))}</p>
      </div>
    );
  const scores = rule.percentiles ?? [];
  const points = scores.map((x, i) => ({ x, y: scores.length < 2 ? 1 : i / (scores.length - 1) }));
  const says = say("unknownSays", scoreName(rule.score, say), percent(rule.reject), whole(rule.photos), basis(rule.on, say));
  const tried = Object.entries(history?.left_out_auroc ?? {}).sort((a, b) => b[1] - a[1]);
  return (
    <div data-rule="unknown">
      {points.length > 1 ? (
        <Chart
          name="unknown"
          title={say("unknownTitle")}
          says={`${says} ${say("unknownCurve")}`}
          columns={[say("strangeness"), say("lessStrange")]}
          rows={points.map((p) => [p.x, p.y])}
          options={() => ({
            height: 260,
            marginLeft: 52,
            marginTop: 28,
            marginBottom: 42,
            marginRight: 28,
            x: { label: say("strangeness"), labelAnchor: "center", labelArrow: "none", grid: true, ticks: 6 },
            y: { domain: [0, 1], label: say("lessStrange"), labelArrow: "none", grid: true, ticks: 5, tickFormat: (v: number) => `${Math.round(100 * v)} %` },
            marks: [
              Plot.line(points, { x: "x", y: "y", stroke: "var(--blue)", strokeWidth: 2.2 }),
              Plot.ruleX([rule.threshold], { stroke: "var(--orange)", strokeWidth: 2, strokeDasharray: "5 4" }),
            ],
          })}
        />
      ) : (
        <>
          <h3>{say("unknownTitle")}</h3>
          <p>{says}</p>
        </>
      )}
      {tried.length > 0 && (
        <p class="faint">
          {say("leftOut", whole(history?.classes_left_out ?? 0))} {tried.map(([name, auroc]) => `${scoreName(name, say)} ${decimal(auroc)}`).join("; ")}.
        </p>
      )}
    </div>
  );
}

export const hasRules = (run: Run): boolean => {
  const rules = run.files.trust;
  return rules?.sets !== undefined || rules?.costs !== undefined || rules?.unknown !== undefined || run.files.history?.trust?.unknown !== undefined;
};

export function Rules({ run }: { run: Run }) {
  const say = useSay();
  if (!hasRules(run)) return null;
  return (
    <section id="rules" aria-labelledby="rules-title">
      <h2 id="rules-title">{say("rules")}</h2>
      <div class="side-by-side">
        <Sets run={run} />
        <Strangers run={run} />
      </div>
      <Costs run={run} />
    </section>
  );
}
