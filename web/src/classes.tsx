// Each class: how well it is recognised, and some of its photos.
import * as Plot from "@observablehq/plot";
import { useState } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { useSay } from "./context.ts";
import type { Answer, ClassScore, Interval, Run } from "./data.ts";
import { percent, shown } from "./format.ts";
import { Photo } from "./photo.tsx";
import { wilson } from "./statistics.ts";

const kMostBars = 30;
const kMostSamples = 12;
const kPhotosOfAClass = 6;

interface Bar {
  name: string;
  measure: string;
  value: number;
  interval: Interval;
}

function bars(scores: readonly ClassScore[], recall: string, precision: string): Bar[] {
  return scores.flatMap((c): Bar[] => {
    const predicted = c.predicted ?? 0;
    return [
      { name: c.name, measure: recall, value: c.recall ?? 0, interval: c.intervals?.["recall"] ?? wilson(c.right, c.support) },
      { name: c.name, measure: precision, value: c.precision ?? 0, interval: c.intervals?.["precision"] ?? wilson(c.right, predicted) },
    ];
  });
}

export function Classes({ run, open }: { run: Run; open: (answers: Answer[], at: number) => void }) {
  const say = useSay();
  const [all, setAll] = useState(false);
  const scores = run.files.eval.classes;
  // Of many classes the weakest are worth a look.
  const order = scores.length <= kMostBars ? scores : [...scores].sort((a, b) => (a.f1 ?? 0) - (b.f1 ?? 0)).slice(0, kMostBars);
  const data = bars(order, say("recall"), say("precision"));
  const pixels = (name: string): number => [...shown(name, 22)].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? 12 : 7.2), 14);
  const left = (width: number): number => Math.min(width / 3, Math.max(...order.map((c) => pixels(c.name))));
  const shownClasses = all ? run.classes : run.classes.slice(0, kMostSamples);
  return (
    <section id="classes" aria-labelledby="classes-title">
      <h2 id="classes-title">{say("classes")}</h2>
      <Chart
        name="classes"
        title={`${say("recall")}, ${say("precision")}`}
        says={say("classesSays")}
        legend={[
          ["blue", say("recall")],
          ["orange", say("precision")],
        ]}
        columns={["", "", "", "95 %", "95 %"]}
        rows={data.map((b) => [b.name, b.measure, b.value, ...b.interval])}
        options={(width) => ({
          marginLeft: left(width),
          marginRight: 28,
          height: 56 + order.length * 40,
          x: { domain: [0, 1], label: null, grid: true, tickFormat: (v: number) => `${Math.round(100 * v)} %`, ticks: width < 500 ? 4 : 10 },
          fy: { domain: order.map((c) => c.name), label: null, tickFormat: (name: string) => shown(name, 22), padding: 0.25, axis: "left" },
          y: { axis: null, domain: [say("recall"), say("precision")], padding: 0.1 },
          color: { domain: [say("recall"), say("precision")], range: ["var(--blue)", "var(--orange)"], legend: false },
          marks: [
            Plot.barX(data, { x: "value", y: "measure", fy: "name", fill: "measure", fillOpacity: 0.55 }),
            Plot.ruleY(data, { x1: (b: Bar) => b.interval[0], x2: (b: Bar) => b.interval[1], y: "measure", fy: "name", stroke: "currentColor", strokeWidth: 1.5 }),
            Plot.tickX(data, { x: "value", y: "measure", fy: "name", stroke: "currentColor", strokeWidth: 2 }),
            Plot.ruleX([0], { stroke: "var(--line)" }),
          ],
        })}
      />
      <div class="scroll" tabIndex={0} role="region" aria-label={say("classes")}>
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">{say("forClass")}</th>
              <th scope="col">{say("photosOf")}</th>
              <th scope="col">{say("predictedAs")}</th>
              <th scope="col">{say("right")}</th>
              <th scope="col">{say("precision")}</th>
              <th scope="col">{say("recall")}</th>
              <th scope="col">{say("f1")}</th>
              {scores.some((c) => typeof c.auroc === "number") && <th scope="col">{say("auroc")}</th>}
              {scores.some((c) => typeof c.average_precision === "number") && <th scope="col">{say("averagePrecision")}</th>}
            </tr>
          </thead>
          <tbody>
            {order.map((c) => (
              <tr>
                <th scope="row">
                  <bdi>{shown(c.name, 40)}</bdi>
                </th>
                <td>{c.support}</td>
                <td>{c.predicted ?? "–"}</td>
                <td>{c.right}</td>
                <td>{percent(c.precision)}</td>
                <td>{percent(c.recall)}</td>
                <td>{c.f1?.toFixed(3) ?? "–"}</td>
                {scores.some((k) => typeof k.auroc === "number") && <td>{c.auroc?.toFixed(3) ?? "–"}</td>}
                {scores.some((k) => typeof k.average_precision === "number") && <td>{c.average_precision?.toFixed(3) ?? "–"}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="samples">
        {shownClasses.map((name) => {
          const photos = run.answers.filter((a) => a.photo !== undefined && a.labels.includes(name)).slice(-kPhotosOfAClass);
          return photos.length === 0 ? null : (
            <div class="sample">
              <h3>
                <bdi>{shown(name, 40)}</bdi>
              </h3>
              <ul class="photos small" aria-label={say("sampleOf", shown(name, 40))}>
                {photos.map((answer, i) => (
                  <li>
                    <Photo answer={answer} plain onOpen={() => open(photos, i)} />
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </div>
      {!all && run.classes.length > kMostSamples && (
        <button type="button" onClick={() => setAll(true)}>
          {say("moreClasses", run.classes.length - kMostSamples)}
        </button>
      )}
    </section>
  );
}
