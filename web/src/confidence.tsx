// How far a confidence can be trusted: reliability, risk and coverage, and each class against the others.
import * as Plot from "@observablehq/plot";
import { useMemo, useState } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { useSay } from "./context.ts";
import type { Bin, Interval, Run } from "./data.ts";
import { decimal, shown, whole } from "./format.ts";
import { basis } from "./rules.tsx";
import { ranking, reliability, riskCoverage, wilson, withoutTemperature } from "./statistics.ts";
import type { Point } from "./statistics.ts";

const inPercent = (v: number): string => `${Math.round(100 * v)} %`;
const side = (width: number): number => Math.min(width, 420);

function axes(width: number, x: string, y: string): Plot.PlotOptions {
  return {
    height: side(width) * 0.82 + 40,
    marginLeft: 52,
    marginTop: 32,
    marginBottom: 42,
    marginRight: 28,
    x: { domain: [0, 1], label: x, labelAnchor: "center", labelArrow: "none", tickFormat: inPercent, ticks: 5, grid: true },
    y: { domain: [0, 1], label: y, labelArrow: "none", tickFormat: inPercent, ticks: 5, grid: true },
  };
}

const line = (points: Point[], curve: "linear" | "step-after" = "linear") => Plot.line(points, { x: "x", y: "y", stroke: "var(--blue)", strokeWidth: 2.2, curve });

function Reliability({ run }: { run: Run }) {
  const say = useSay();
  const { ece, intervals, reliability: own } = run.files.eval;
  const bins = (own ?? reliability(run.answers.filter((a) => a.drawn))).filter((b) => b.count > 0);
  const interval = (b: Bin): Interval => b.accuracy_interval ?? wilson(Math.round((b.accuracy ?? 0) * b.count), b.count);
  const temperature = run.files.history?.trust?.calibration?.temperature ?? 1;
  const before = temperature === 1 || run.multi ? [] : reliability(withoutTemperature(run.answers.filter((a) => a.drawn), temperature)).filter((b) => b.count > 0);
  const of = intervals?.["ece"];
  const says = typeof ece === "number" ? [say("eceSays", decimal(ece), Array.isArray(of) ? `${decimal(of[0])} – ${decimal(of[1])}` : "–")] : [];
  return (
    <Chart
      name="reliability"
      title={say("reliability")}
      says={[say(run.multi ? "reliabilityMulti" : "reliabilitySays"), ...says].join(" ")}
      legend={before.length === 0 ? [] : [["blue", say("calibrated")], ["orange", say("uncalibrated")]]}
      columns={["≥", "<", say("count"), say("confidence"), say("often")]}
      rows={bins.map((b) => [b.low, b.high, b.count, b.confidence ?? "–", b.accuracy ?? "–"])}
      options={(width) => ({
        ...axes(width, say("confidence"), say("often")),
        r: { range: [3, 11], domain: [0, Math.max(...[...bins, ...before].map((b) => b.count))] },
        marks: [
          Plot.line([{ x: 0, y: 0 }, { x: 1, y: 1 }], { x: "x", y: "y", stroke: "currentColor", strokeOpacity: 0.5, strokeDasharray: "4 4" }),
          Plot.dot(before, { x: "confidence", y: "accuracy", r: "count", stroke: "var(--orange)", strokeWidth: 2 }),
          Plot.ruleX(bins, { x: "confidence", y1: (b: Bin) => interval(b)[0], y2: (b: Bin) => interval(b)[1], stroke: "var(--blue)", strokeOpacity: 0.6, strokeWidth: 1.5 }),
          Plot.dot(bins, { x: "confidence", y: "accuracy", r: "count", fill: "var(--blue)", stroke: "var(--paper)" }),
        ],
      })}
    />
  );
}

function RiskCoverage({ run }: { run: Run }) {
  const say = useSay();
  const points = useMemo(() => riskCoverage(run.answers.filter((a) => a.drawn)), [run]);
  const top = Math.max(0.02, ...points.map((p) => p.y));
  return (
    <Chart
      name="risk-coverage"
      title={say("riskCoverage")}
      says={say("riskCoverageSays")}
      columns={[say("coverage"), say("risk")]}
      rows={points.map((p) => [p.x, p.y])}
      options={(width) => {
        const { y, ...rest } = axes(width, say("coverage"), say("risk"));
        return { ...rest, y: { ...y, domain: [0, Math.min(1, 1.15 * top)], tickFormat: (v: number) => `${Number((100 * v).toPrecision(3))} %` }, marks: [line(points, "step-after")] };
      }}
    />
  );
}

function OneClass({ run }: { run: Run }) {
  const say = useSay();
  const [index, setIndex] = useState(0);
  const found = useMemo(() => ranking(run.answers.filter((a) => a.drawn), run.classes, index), [run, index]);
  const name = shown(run.classes[index] ?? "", 30);
  const sampled = run.predictions.rows - run.predictions.added.length;
  const all = sampled === run.predictions.total;
  const precision = run.files.eval.classes[index]?.average_precision;
  const says = say(all ? "rocAll" : "rocSays", decimal(found.auroc), all ? found.positives : sampled, all ? sampled : found.positives, name);
  return (
    <div class="one-class">
      <label for="ranking-class">
        <span>{say("forClass")}</span>
        <select id="ranking-class" value={index} onChange={(event) => setIndex(Number(event.currentTarget.value))}>
          {run.classes.map((c, i) => (
            <option value={i}>{shown(c, 40)}</option>
          ))}
        </select>
      </label>
      <div class="side-by-side">
        <Chart
          name="roc"
          title={say("rocOf", name)}
          says={says}
          columns={[say("falsePositive"), say("truePositive")]}
          rows={found.roc.map((p) => [p.x, p.y])}
          options={(width) => ({
            ...axes(width, say("falsePositive"), say("truePositive")),
            marks: [Plot.line([{ x: 0, y: 0 }, { x: 1, y: 1 }], { x: "x", y: "y", stroke: "currentColor", strokeOpacity: 0.5, strokeDasharray: "4 4" }), line(found.roc)],
          })}
        />
        <Chart
          name="pr"
          title={say("prOf", name)}
          says={typeof precision === "number" ? say("prSays", decimal(precision)) : say("prShape")}
          columns={[say("recall"), say("precision")]}
          rows={found.pr.map((p) => [p.x, p.y])}
          options={(width) => ({ ...axes(width, say("recall"), say("precision")), marks: [line(found.pr, "step-after")] })}
        />
      </div>
    </div>
  );
}

function Calibrated({ run }: { run: Run }) {
  const say = useSay();
  const found = run.files.history?.trust?.calibration;
  if (found === undefined) return null;
  const on = [whole(found.photos), basis(found.on, say)] as const;
  const before = [decimal(found.before.ece), decimal(found.before.log_loss)] as const;
  return (
    <p data-number="temperature">
      {found.temperature === 1
        ? say("temperatureStays", ...on, ...before)
        : say("temperatureSays", decimal(found.temperature), ...on, ...before, decimal(found.after.ece), decimal(found.after.log_loss))}
    </p>
  );
}

export function Confidence({ run }: { run: Run }) {
  const say = useSay();
  const sampled = run.predictions.rows - run.predictions.added.length;
  return (
    <section id="confidence" aria-labelledby="confidence-title">
      <h2 id="confidence-title">{say("trust")}</h2>
      <p>{say("trustSays")}</p>
      <Calibrated run={run} />
      {sampled < run.predictions.total && <p class="note">{say("ofTheSample", whole(sampled))}</p>}
      {(!run.multi || run.files.eval.reliability !== undefined) && (
        <div class="side-by-side">
          <Reliability run={run} />
          {!run.multi && <RiskCoverage run={run} />}
        </div>
      )}
      {run.classes.length > 0 && <OneClass run={run} />}
    </section>
  );
}
