// Several runs on the same photos.
import * as Plot from "@observablehq/plot";
import { headline } from "./advice.ts";
import { Chart } from "./chart.tsx";
import { useSay } from "./context.ts";
import type { Comparison as Found, ComparisonRow, Run } from "./data.ts";
import { decimal, shortNames, shown, visible } from "./format.ts";

export function Comparison({ found, notCompared, runs }: { found: Found | undefined; notCompared: string | undefined; runs: readonly Run[] }) {
  const say = useSay();
  const whole: ComparisonRow[] = found?.rows ?? runs.map((run) => ({ name: run.name, value: headline(run.files.eval).value, interval: headline(run.files.eval).interval, runs: 1 }));
  const names = shortNames(whole.map((r) => r.name));
  const rows = whole.map((r, i) => ({ ...r, name: names[i] ?? r.name }));
  if (rows.length < 2) return null;
  const metric = found?.metric.replaceAll("_", " ") ?? say("accuracy");
  const ends = rows.flatMap((r) => (r.interval === null ? [r.value] : r.interval));
  const room = Math.max(0.01, 0.1 * (Math.max(...ends) - Math.min(...ends)));
  const range = (interval: readonly number[] | null | undefined, sign = false): string =>
    interval === null || interval === undefined ? "–" : interval.map((v) => (sign && v > 0 ? "+" : "") + decimal(v)).join(" … ");
  return (
    <section id="comparison" aria-labelledby="comparison-title">
      <h2 id="comparison-title">{say("compared")}</h2>
      {notCompared !== undefined && <p class="note">{say("notCompared", visible(notCompared))}</p>}
      {found !== undefined && found.verdicts.length > 0 && (
        <ul>
          {found.verdicts.map((verdict) => (
            <li>{visible(verdict)}</li>
          ))}
        </ul>
      )}
      <Chart
        name="comparison"
        title={metric}
        says={say("comparedSays", metric, found?.images ?? runs[0]?.files.eval.count ?? "–")}
        columns={[say("run"), metric, "95 %", "95 %"]}
        rows={rows.map((r) => [r.name, r.value, r.interval?.[0] ?? "–", r.interval?.[1] ?? "–"])}
        options={(width) => ({
          marginLeft: Math.min(width / 3, 190),
          marginRight: 20,
          height: 60 + rows.length * 30,
          marginBottom: 42,
          x: { label: metric, labelAnchor: "center", labelArrow: "none", grid: true, domain: [Math.min(...ends) - room, Math.max(...ends) + room], ticks: width < 500 ? 4 : 8 },
          y: { type: "point", domain: rows.map((_, i) => i), label: null, tickFormat: (i: number) => shown(rows[i]?.name ?? "", width < 500 ? 16 : 28) },
          marks: [
            Plot.ruleX([rows[0]?.value ?? 0], { stroke: "currentColor", strokeOpacity: 0.4, strokeDasharray: "4 4" }),
            Plot.ruleY(
              rows.map((r, i) => ({ ...r, i })).filter((r) => r.interval !== null),
              { y: "i", x1: (r: ComparisonRow) => r.interval?.[0], x2: (r: ComparisonRow) => r.interval?.[1], stroke: "currentColor", strokeWidth: 1.5 },
            ),
            Plot.dot(rows.map((r, i) => ({ ...r, i })), { y: "i", x: "value", fill: "var(--blue)", r: 5 }),
          ],
        })}
      />
      <div class="scroll" tabIndex={0} role="region" aria-label={say("compared")}>
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">{say("run")}</th>
              <th scope="col">{metric}</th>
              <th scope="col">95 %</th>
              <th scope="col">{say("difference")}</th>
              <th scope="col">95 %</th>
              <th scope="col">p</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr>
                <th scope="row">
                  <bdi>{shown(r.name, 40)}</bdi>
                </th>
                <td>{decimal(r.value)}</td>
                <td>{range(r.interval)}</td>
                <td>{r.difference === undefined ? "" : (r.difference.mean > 0 ? "+" : "") + decimal(r.difference.mean)}</td>
                <td>{r.difference === undefined ? "" : range(r.difference.interval, true)}</td>
                <td>{r.difference === undefined ? "" : r.difference.p < 0.001 ? "< 0.001" : decimal(r.difference.p)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
