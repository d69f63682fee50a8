// What a run has where somebody asked for it: findings about the data, groups of photos, other files. Shown as the files have it.
import * as Plot from "@observablehq/plot";
import { findingsOf } from "./advice.ts";
import { Chart } from "./chart.tsx";
import { useSay } from "./context.ts";
import type { Answer, Interval, Run } from "./data.ts";
import { fileName, percent, shown, whole } from "./format.ts";
import type { Key, Say } from "./words.ts";

const kFewPhotos = 8;

export function Findings({ run, open }: { run: Run; open: (answers: Answer[], at: number) => void }) {
  const say = useSay();
  const findings = findingsOf(run);
  if (findings === null) return null;
  const signs: Record<string, string> = { error: "✗", warning: "~", note: "·" };
  return (
    <section id="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">{say("findings")}</h2>
      {findings.length === 0 && <p>{say("dataClean")}</p>}
      <ul class="findings">
        {findings.map((finding) => {
          const some = finding.photos.slice(0, kFewPhotos);
          return (
            <li class={finding.severity === "error" ? "bad" : finding.severity === "warning" ? "unsure" : "plain"} data-finding={finding.kind}>
              <span class="sign" aria-hidden="true">
                {signs[finding.severity] ?? "·"}
              </span>
              <div>
                <p>{finding.text}</p>
                {some.length > 0 && (
                  <ul class="photos tiny">
                    {some.map((path) => {
                      const photo = Object.hasOwn(run.photos, path) ? run.photos[path] : undefined;
                      const answer = run.answers.find((a) => a.path === path);
                      const alone = photo !== undefined && answer === undefined;
                      return (
                        <li>
                          {answer !== undefined ? (
                            <button type="button" class="photo" aria-label={shown(fileName(path), 40)} onClick={() => open([answer], 0)}>
                              {photo === undefined ? <span class="no-picture">{say("noPicture")}</span> : <img src={photo} alt="" />}
                            </button>
                          ) : (
                            alone && <img src={photo} alt={shown(fileName(path), 40)} title={path} />
                          )}
                          {photo === undefined && answer === undefined && <bdi title={path}>{shown(fileName(path), 24)}</bdi>}
                        </li>
                      );
                    })}
                    {finding.photos.length > some.length && <li class="faint">{say("more2", finding.photos.length - some.length)}</li>}
                  </ul>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface Group {
  name: string;
  photos: number;
  compared?: boolean;
  accuracy?: { value: number; interval: Interval };
}

interface Gap {
  name: string;
  of?: string;
  value: number;
  highest: string;
  lowest: string;
  interval: Interval | null;
  p_holm: number;
  within_chance: boolean;
}

interface Attribute {
  attribute: string;
  crossed?: boolean;
  groups: Group[];
  gaps?: Gap[];
}

function attributesOf(run: Run): Attribute[] {
  // Of what `graft eval --groups --json` prints, kept in the run as groups.json.
  const file = run.files["groups"] as { attributes?: unknown; groups?: { attributes?: unknown } } | undefined;
  for (const attributes of [file?.groups?.attributes, file?.attributes, (run.files.eval["groups"] as { attributes?: unknown } | undefined)?.attributes])
    if (Array.isArray(attributes)) return attributes as Attribute[];
  return [];
}

export const hasGroups = (run: Run): boolean => attributesOf(run).length > 0;

export function Groups({ run }: { run: Run }) {
  const say = useSay();
  const attributes = attributesOf(run);
  if (attributes.length === 0) return null;
  return (
    <section id="groups" aria-labelledby="groups-title">
      <h2 id="groups-title">{say("groups")}</h2>
      {attributes.map((attribute) => {
        if (attribute.crossed === true && attribute.groups.every((g) => g.compared !== true)) return null;
        const groups = attribute.groups.filter((g) => typeof g.accuracy?.value === "number" && (attribute.crossed !== true || g.compared === true));
        return (
          <div class="attribute" data-attribute={attribute.attribute}>
            <Chart
              name={`groups-${attribute.attribute}`}
              title={shown(attribute.attribute, 40)}
              says={say("groupsSays", whole(attribute.groups.reduce((sum, g) => sum + g.photos, 0)))}
              columns={[say("group"), say("photosOf"), say("accuracy"), "95 %", "95 %"]}
              rows={groups.map((g) => [g.name, g.photos, g.accuracy?.value ?? "–", g.accuracy?.interval[0] ?? "–", g.accuracy?.interval[1] ?? "–"])}
              options={(width) => {
                const letters = width < 500 ? 13 : 28;
                return {
                  marginLeft: 20 + 7.2 * Math.max(...groups.map((g) => [...shown(g.name, letters)].length)),
                  marginRight: 28,
                  marginBottom: 40,
                  height: 70 + groups.length * 28,
                  x: { domain: [0, 1], label: say("accuracy"), labelAnchor: "center", labelArrow: "none", grid: true, ticks: width < 500 ? 4 : 10, tickFormat: (v: number) => `${Math.round(100 * v)} %` },
                  y: { domain: groups.map((g) => g.name), label: null, tickFormat: (name: string) => shown(name, letters) },
                  marks: [
                    Plot.ruleY(groups, { y: "name", x1: (g: Group) => g.accuracy?.interval[0], x2: (g: Group) => g.accuracy?.interval[1], stroke: "currentColor", strokeWidth: 1.5 }),
                    Plot.dot(groups, { y: "name", x: (g: Group) => g.accuracy?.value, fill: "var(--blue)", r: 5 }),
                  ],
                };
              }}
            />
            <Gaps gaps={attribute.gaps ?? []} />
          </div>
        );
      })}
    </section>
  );
}

const kGaps: Record<string, Key> = {
  accuracy_difference: "accuracy",
  balanced_accuracy_difference: "balancedAccuracy",
  calibration_difference: "gapCalibration",
  demographic_parity_difference: "gapParity",
  equalized_odds_difference: "gapOdds",
  equalised_odds_difference: "gapOdds", // as older runs wrote it
};

const gapName = (name: string, say: Say): string => (Object.hasOwn(kGaps, name) ? say(kGaps[name] ?? "accuracy") : shown(name.replace(/_difference$/, "").replaceAll("_", " "), 40));

/** The largest differences between two groups, and whether chance alone would give them. */
function Gaps({ gaps }: { gaps: Gap[] }) {
  const say = useSay();
  if (gaps.length === 0) return null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={say("gaps")}>
      <table>
        <thead>
          <tr>
            {([say("gaps"), say("gapHighest"), say("gapLowest"), say("difference"), "95 %", "p (Holm)", ""]).map((title) => (
              <th scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {gaps.map((gap) => (
            <tr>
              <th scope="row">
                {gapName(gap.name, say)}
                {gap.of !== undefined && `, ${shown(gap.of, 40)}`}
              </th>
              <td>{shown(gap.highest, 24)}</td>
              <td>{shown(gap.lowest, 24)}</td>
              <td>{percent(gap.value)}</td>
              <td>{gap.interval === null ? "–" : `${percent(gap.interval[0])} – ${percent(gap.interval[1])}`}</td>
              <td>{gap.p_holm < 0.001 ? "< 0.001" : gap.p_holm.toFixed(3)}</td>
              <td>{say(gap.within_chance ? "withinChance" : "beyondChance")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const kOwnSections = new Set(["eval", "history", "features_map", "cost", "doctor", "groups", "by_group", "comparison", "ablation", "study", "plan", "tuning", "trust"]);
const kMostLines = 60;

/** "calibration.temperature" and its value, for each number and word of a small tree. */
function lines(value: unknown, name: string): [string, string][] {
  if (value === null || typeof value !== "object") return [[name, typeof value === "number" ? String(Number(value.toPrecision(5))) : shown(String(value), 60)]];
  if (Array.isArray(value) && value.length > 8) return [[name, `${value.length}`]];
  return Object.entries(value).flatMap(([key, part]) => lines(part, name === "" ? key : `${name}.${key}`));
}

function otherFiles(run: Run): [string, [string, string][]][] {
  return Object.entries(run.files)
    .filter(([name]) => !kOwnSections.has(name))
    .map(([name, value]) => [name, lines(value, "").slice(0, kMostLines)]);
}

export const hasOthers = (run: Run): boolean => otherFiles(run).length > 0;

/** Whatever else the run has a file of. */
export function Others({ run }: { run: Run }) {
  const say = useSay();
  const files = otherFiles(run);
  if (files.length === 0) return null;
  return (
    <section id="others" aria-labelledby="others-title">
      <h2 id="others-title">{say("others")}</h2>
      {files.map(([name, facts]) => (
        <div class="scroll" tabIndex={0} role="region" aria-label={name}>
          <h3>{name}</h3>
          <table class="words">
            <tbody>
              {facts.map(([key, value]) => (
                <tr>
                  <th scope="row">{shown(key, 60)}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
    </section>
  );
}
