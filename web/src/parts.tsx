// The part of each class among two sets of photos, as pairs of bars, and warnings: what adaptation and photos without labels both show.
import * as Plot from "@observablehq/plot";
import { Chart } from "./chart.tsx";
import { useSay } from "./context.ts";
import { shown, visible } from "./format.ts";

const kMostBars = 30;

export interface Parts {
  name: string;
  first: number;
  second: number;
  /** Further columns of the table of numbers. */
  more?: (string | number)[];
}

/** Of many classes only those whose parts differ most are drawn. `columns`: of what each class has more. */
export function ClassParts(chart: { name: string; title: string; says: string; first: string; second: string; columns?: string[]; classes: Parts[] }) {
  const { first, second } = chart;
  const difference = (c: Parts): number => Math.abs(c.second - c.first);
  const order = chart.classes.length <= kMostBars ? chart.classes : [...chart.classes].sort((a, b) => difference(b) - difference(a)).slice(0, kMostBars);
  if (order.length === 0) return null;
  const bars = order.flatMap((c) => [
    { name: c.name, set: first, part: c.first },
    { name: c.name, set: second, part: c.second },
  ]);
  const pixels = (name: string): number => [...shown(name, 22)].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? 12 : 7.2), 14);
  return (
    <Chart
      name={chart.name}
      title={chart.title}
      says={chart.says}
      legend={[
        ["blue", first],
        ["orange", second],
      ]}
      columns={["", first, second, ...(chart.columns ?? [])]}
      rows={order.map((c) => [c.name, c.first, c.second, ...(c.more ?? [])])}
      options={(width) => ({
        marginLeft: Math.min(width / 3, Math.max(...order.map((c) => pixels(c.name)))),
        marginRight: 28,
        height: 56 + order.length * 34,
        x: { label: null, grid: true, tickFormat: (v: number) => `${Math.round(100 * v)} %`, ticks: 4 },
        fy: { domain: order.map((c) => c.name), label: null, tickFormat: (name: string) => shown(name, 22), padding: 0.25, axis: "left" },
        y: { axis: null, domain: [first, second], padding: 0.1 },
        color: { domain: [first, second], range: ["var(--blue)", "var(--orange)"] },
        marks: [Plot.barX(bars, { x: "part", y: "set", fy: "name", fill: "set", fillOpacity: 0.65 }), Plot.ruleX([0], { stroke: "var(--line)" })],
      })}
    />
  );
}

export function Warnings({ of }: { of: string[] }) {
  const say = useSay();
  if (of.length === 0) return null;
  return (
    <ul class="findings" aria-label={say("warnings")}>
      {of.map((text) => (
        <li class="unsure">
          <span class="sign" aria-hidden="true">
            ~
          </span>
          <p>{visible(text)}</p>
        </li>
      ))}
    </ul>
  );
}
