// A chart of Observable Plot, as wide as its place, with its numbers as a table below for those who do not see it.
import * as Plot from "@observablehq/plot";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSay } from "./context.ts";
import { visible } from "./format.ts";

interface Props {
  name: string;
  title: string;
  says: string;
  /** Of the chart in its width, pixels. */
  options: (width: number) => Plot.PlotOptions;
  columns: string[];
  rows: (string | number)[][];
  /** Colours and what they are, where there are several. */
  legend?: ["blue" | "orange", string][];
}

const kMostRows = 200;

export function NumbersTable({ columns, rows, name }: { columns: string[]; rows: (string | number)[][]; name: string }) {
  const say = useSay();
  const step = Math.max(1, Math.ceil(rows.length / kMostRows));
  return (
    <details class="numbers" data-numbers={name}>
      <summary>{say("numbers")}</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={say("numbers")}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col">{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows
              .filter((_, i) => i % step === 0 || i === rows.length - 1)
              .map((row) => (
                <tr>
                  {row.map((cell) => (
                    <td>{typeof cell === "number" ? Number(cell.toPrecision(6)) : visible(cell)}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function Chart({ name, title, says, options, columns, rows, legend = [] }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (place.current === null || width < 50) return;
    const plot = Plot.plot({ ...options(width), width, className: "plot", style: { background: "transparent", color: "inherit", fontSize: "12px", fontFamily: "inherit" } });
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", `${title}. ${says}`);
    // To a reader of the screen the chart is one image; Plot's names of its marks would stand on elements that have no role.
    for (const mark of plot.querySelectorAll("[aria-label]")) {
      mark.setAttribute("data-mark", mark.getAttribute("aria-label") ?? "");
      mark.removeAttribute("aria-label");
    }
    place.current.replaceChildren(plot);
  });
  return (
    <figure class="chart" data-chart={name}>
      <figcaption>
        <h3>{title}</h3>
        <p>{says}</p>
      </figcaption>
      {legend.length > 0 && (
        <p class="legend" aria-hidden="true">
          {legend.map(([colour, text]) => (
            <span>
              <span class={`swatch ${colour}`} /> {text}
            </span>
          ))}
        </p>
      )}
      <div class="plot-place" ref={place} />
      <NumbersTable columns={columns} rows={rows} name={name} />
    </figure>
  );
}
