// A run of `graft adapt`: its methods side by side, how far the target is from the source, and the photos of both in two dimensions. As history.json and
// features_map.json have it.
import * as Plot from "@observablehq/plot";
import { Chart } from "./chart.tsx";
import { useSay } from "./context.ts";
import type { Adaptation, FeatureMap, Interval, Run } from "./data.ts";
import { decimal, percent, shown, visible, whole } from "./format.ts";
import { ClassParts, Warnings } from "./parts.tsx";
import type { Say } from "./words.ts";

const kColours = 10; // of classes, in style.css; with more classes the last one is of all others

export const adaptationOf = (run: Run): Adaptation | undefined => run.files.history?.adaptation;

function Methods({ found }: { found: Adaptation }) {
  const say = useSay();
  const labelled = found.target_test_photos > 0;
  const risks = found.methods.some((m) => m.risk !== null);
  const gain = (mean: number, interval: Interval): string => `${(100 * mean).toFixed(1)} (${(100 * interval[0]).toFixed(1)} – ${(100 * interval[1]).toFixed(1)})`;
  return (
    <>
      <h3>{say("adaptMethods")}</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label={say("adaptMethods")}>
        <table class="methods" data-methods={found.methods.length}>
          <thead>
            <tr>
              <th scope="col">{say("adaptMethod")}</th>
              {labelled && <th scope="col">{say("adaptByLabels")}</th>}
              <th scope="col">{say("adaptSourceAccuracy")}</th>
              <th scope="col">{say("adaptBack")}</th>
              <th scope="col">{say("adaptBackGain")}</th>
              <th scope="col">{say("adaptInformation")}</th>
              <th scope="col">{say("adaptDensity")}</th>
              {risks && <th scope="col">{say("adaptRisk")}</th>}
            </tr>
          </thead>
          <tbody>
            {found.methods.map((m) => (
              <tr class={m.method === found.chosen ? "taken" : ""} data-method={m.method}>
                <th scope="row">
                  {m.method}
                  {m.method === found.chosen && <span class="faint"> {say("adaptChosen")}</span>}
                  {labelled && m.method === found.best_by_labels && <span class="faint"> {say("adaptBest")}</span>}
                </th>
                {labelled && <td data-number="target">{percent(m.target_accuracy)}</td>}
                <td>{percent(m.source_accuracy)}</td>
                <td>{percent(m.back)}</td>
                <td>{m.back_gain === null ? "–" : gain(m.back_gain.mean, m.back_gain.interval)}</td>
                <td>{decimal(m.information)}</td>
                <td>{decimal(m.density)}</td>
                {risks && <td>{decimal(m.risk?.log_loss, 2)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="faint">{say("adaptColumns")}</p>
    </>
  );
}

function PartsOfDomains({ found }: { found: Adaptation }) {
  const say = useSay();
  return (
    <ClassParts
      name="class-parts"
      title={say("adaptParts")}
      says={say("adaptPartsSays")}
      first={say("adaptSource")}
      second={say("adaptTarget")}
      columns={[say("adaptByConfusion"), ""]}
      classes={(found.shift?.classes ?? []).map((c) => ({ name: c.name, first: c.source, second: c.target, more: [c.target_by_confusion, c.missing ? say("adaptMissing") : ""] }))}
    />
  );
}

interface Dot {
  target: boolean;
  group: number;
  name: string;
  x: number;
  y: number;
}

/** Each class by its colour; of more classes than there are colours, the first that have the most photos, and one colour for the others. */
function groupsOf(map: FeatureMap, say: Say): { names: string[]; of: number[] } {
  if (map.classes.length <= kColours) return { names: map.classes.map((name) => shown(name, 24)), of: map.classes.map((_, k) => k) };
  const photos = map.classes.map(() => 0);
  for (const [, k = 0] of map.points) photos[k] = (photos[k] ?? 0) + 1;
  const first = photos.map((_, k) => k).sort((a, b) => (photos[b] ?? 0) - (photos[a] ?? 0) || a - b).slice(0, kColours - 1);
  return {
    names: [...first.map((k) => shown(map.classes[k] ?? "", 24)), say("adaptOthers", map.classes.length - first.length)],
    of: map.classes.map((_, k) => (first.includes(k) ? first.indexOf(k) : kColours - 1)),
  };
}

function MapOf({ map, after, group }: { map: FeatureMap; after: boolean; group: number[] }) {
  const say = useSay();
  const at = after ? 4 : 2;
  const dots = map.points.map((p): Dot => ({ target: p[0] === 1, group: group[p[1] ?? 0] ?? 0, name: shown(map.classes[p[1] ?? 0] ?? "", 40), x: p[at] ?? 0, y: p[at + 1] ?? 0 }));
  const title = after ? say("adaptMapAfter", map.method) : say("adaptMapBefore");
  const explained = after && !map.same_axes ? map.explained.after : map.explained.before;
  const says = after && map.same_axes ? say("adaptSameAxes") : say("adaptExplained", percent(explained?.[0], 0), percent(explained?.[1], 0));
  const domain = (d: Dot): string => say(d.target ? "adaptTarget" : "adaptSource");
  const common = { x: "x", y: "y", title: (d: Dot) => `${domain(d)}: ${d.name}` };
  const colour = (d: Dot): string => `var(--class-${d.group})`;
  return (
    <Chart
      name={after ? "map-after" : "map-before"}
      title={title}
      says={says}
      columns={[say("adaptDomain"), say("forClass"), "x", "y"]}
      rows={dots.map((d) => [domain(d), d.name, d.x, d.y])}
      options={(width) => ({
        height: Math.min(width, 460),
        margin: 10,
        x: { domain: [-1, 1], axis: null },
        y: { domain: [-1, 1], axis: null },
        marks: [
          Plot.frame({ stroke: "var(--line)" }),
          Plot.dot(dots.filter((d) => !d.target), { ...common, r: 2.6, stroke: colour, strokeWidth: 1.2, strokeOpacity: 0.75 }),
          Plot.dot(dots.filter((d) => d.target), { ...common, r: 3, symbol: "triangle", fill: colour, fillOpacity: 0.75 }),
        ],
      })}
    />
  );
}

function Maps({ map }: { map: FeatureMap }) {
  const say = useSay();
  const groups = groupsOf(map, say);
  const drawn = map.points.length;
  const all = map.photos.source + map.photos.target;
  const both = (map.points[0]?.length ?? 0) > 4;
  return (
    <div data-map={drawn}>
      <h3>{say("adaptMap")}</h3>
      <p>
        {say("adaptMapSays")} {drawn < all && say("adaptMapSample", whole(drawn), whole(all))} {!both && say("adaptMapOne")}
      </p>
      <p class="legend keys" aria-hidden="true">
        <span>
          <svg width="12" height="12">
            <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.5" />
          </svg>{" "}
          {say("adaptSource")}
        </span>
        <span>
          <svg width="12" height="12">
            <path d="M6 1 L11 10 L1 10 Z" fill="currentColor" />
          </svg>{" "}
          {say("adaptTarget")}
        </span>
        {groups.names.map((name, k) => (
          <span>
            <svg width="12" height="12">
              <rect width="12" height="12" rx="2" fill={`var(--class-${k})`} />
            </svg>{" "}
            <bdi>{name}</bdi>
          </span>
        ))}
      </p>
      <div class="side-by-side">
        <MapOf map={map} after={false} group={groups.of} />
        {both && <MapOf map={map} after group={groups.of} />}
      </div>
    </div>
  );
}

/** Rows of three pictures: a photo of the source, what the target's look makes of it, and the way back. */
function TranslatedPhotos({ run, found }: { run: Run; found: Adaptation }) {
  const say = useSay();
  if (run.translated === undefined || run.translated === "" || found.translation === undefined) return null;
  const { size, epochs } = found.translation;
  return (
    <figure data-translated={epochs.length}>
      <figcaption>
        <h3>{say("adaptTranslated")}</h3>
        <p>{say("adaptTranslatedSays", whole(size), decimal(epochs[0]?.cycle, 3), decimal(epochs.at(-1)?.cycle, 3), whole(epochs.length))}</p>
      </figcaption>
      <img class="sheet" src={run.translated} alt={say("adaptTranslatedAlt")} />
    </figure>
  );
}

export function AdaptedTo({ run }: { run: Run }) {
  const say = useSay();
  const found = adaptationOf(run);
  if (found === undefined) return null;
  const accuracy = (name: string | undefined): string => percent(found.methods.find((m) => m.method === name)?.target_accuracy);
  const aligned = found.shift !== null && found.shift.a_distance_aligned !== found.shift.a_distance;
  return (
    <section id="adaptation" aria-labelledby="adaptation-title">
      <h2 id="adaptation-title">{say("adaptation")}</h2>
      <p>{say("adaptFrom", whole(found.source_photos), whole(found.target_photos))}</p>
      <p data-number="adapt-reason">{say("adaptTaken", found.chosen, visible(found.reason))}</p>
      {found.target_test_photos > 0 && (
        <p data-number="adapt-by-labels">
          {say("adaptLabels", whole(found.target_test_photos), accuracy(found.chosen), accuracy(found.methods[0]?.method), found.best_by_labels ?? "", accuracy(found.best_by_labels))}
        </p>
      )}
      <Warnings of={found.warnings} />
      <Methods found={found} />
      {found.shift !== null && (
        <p data-number="a-distance">
          {say("adaptDistance", decimal(found.shift.a_distance, 2))} {aligned && say("adaptDistanceAfter", decimal(found.shift.a_distance_aligned, 2))}
        </p>
      )}
      <PartsOfDomains found={found} />
      <TranslatedPhotos run={run} found={found} />
      {run.files.features_map !== undefined && <Maps map={run.files.features_map} />}
    </section>
  );
}
