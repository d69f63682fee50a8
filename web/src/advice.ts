// The answer in words, by the run's numbers: what a run is worth, and what to do next.
import type { Evaluation, Interval, Run } from "./data.ts";
import { percent, shellWord, shown, visible } from "./format.ts";
import type { Say } from "./words.ts";

export interface Headline {
  value: number;
  interval: Interval | null;
  right: number | null;
}

/** The accuracy, or of photos of several classes the part of which every answer is right. */
export function headline(evaluation: Evaluation): Headline {
  const value = evaluation.accuracy ?? evaluation.subset_accuracy ?? 0;
  return { value, interval: evaluation.accuracy_interval ?? evaluation.subset_accuracy_interval ?? null, right: evaluation.right ?? null };
}

export type Mood = "good" | "unsure" | "bad" | "plain";

export interface Verdict {
  mood: Mood;
  text: string;
}

const kGap = 0.05; // between training and validation, from which on it is learning by heart

export function verdicts(run: Run, say: Say): Verdict[] {
  const found: Verdict[] = [];
  const evaluation = run.files.eval;
  const { value, interval } = headline(evaluation);
  const largest = evaluation.largest_class;
  if (largest !== undefined && interval !== null) {
    const says = [shown(largest.name, 30), percent(largest.accuracy)] as const;
    if (interval[0] > largest.accuracy) found.push({ mood: "good", text: say("beatsLargest", ...says) });
    else if (interval[1] < largest.accuracy) found.push({ mood: "bad", text: say("worseThanLargest", ...says) });
    else found.push({ mood: "unsure", text: say("notBeatsLargest", ...says) });
  }
  const train = trainAccuracy(run);
  if (train !== null) {
    const large = train - value > kGap && interval !== null && train > interval[1];
    found.push({ mood: large ? "unsure" : "good", text: say(large ? "gapLarge" : "gapSmall", percent(train), percent(value)) });
  }
  const leak = leakOf(run);
  if (leak !== null && leak.count > 0) found.push({ mood: "bad", text: say("leaked", leak.count, percent(leak.without)) });
  const findings = findingsOf(run);
  if (findings === null) found.push({ mood: "plain", text: say("dataUnchecked") });
  else if (findings.length === 0) found.push({ mood: "good", text: say("dataClean") });
  else
    found.push({
      mood: findings.some((f) => f.severity === "error") ? "bad" : "unsure",
      text: say("dataFindings", findings.slice(0, 3).map((f) => f.text.replace(/\.$/, "")).join("; ") + (findings.length > 3 ? `; ${say("more2", findings.length - 3)}` : "")),
    });
  return found;
}

/** What eval.json says of validation photos that were among the training photos, too. */
function leakOf(run: Run): { count: number; without: number | null } | null {
  const leaked = (run.files.eval as { leaked?: { exact?: number; near?: number; accuracy_without?: number | null } }).leaked;
  return leaked === undefined ? null : { count: (leaked.exact ?? 0) + (leaked.near ?? 0), without: leaked.accuracy_without ?? null };
}

/** Of the phase that made the model. */
export function trainAccuracy(run: Run): number | null {
  const phase = run.files.history?.phases.at(-1);
  if (phase === undefined) return null;
  if (typeof phase.train_accuracy === "number") return phase.train_accuracy;
  const epoch = phase.epochs?.[(phase.kept_epoch ?? phase.epochs.length) - 1];
  return epoch?.["train_accuracy"] ?? null;
}

export interface Finding {
  kind: string;
  severity: string;
  text: string;
  photos: string[];
}

/** Of doctor.json; null where nobody looked. */
export function findingsOf(run: Run): Finding[] | null {
  const doctor = run.files["doctor"] as { findings?: unknown } | undefined;
  if (!Array.isArray(doctor?.findings)) return null;
  return (doctor.findings as Partial<Finding>[]).map((f) => ({
    kind: String(f.kind ?? ""),
    severity: String(f.severity ?? "note"),
    text: shown(String(f.text ?? ""), 400),
    photos: Array.isArray(f.photos) ? f.photos.map(String) : [],
  }));
}

const kFewPhotos = 200; // below this many the interval is wide
const kUneven = 3;

/** The most confused pair, and how often. */
export function worstPair(evaluation: Evaluation): { truth: string; said: string; count: number } | null {
  let worst: { truth: string; said: string; count: number } | null = null;
  evaluation.confusion?.forEach((row, i) =>
    row.forEach((count, j) => {
      if (i !== j && count > (worst?.count ?? 0)) worst = { truth: evaluation.classes[i]?.name ?? "", said: evaluation.classes[j]?.name ?? "", count };
    }),
  );
  return worst;
}

export function nextSteps(run: Run, say: Say): string[] {
  const steps: string[] = [];
  const evaluation = run.files.eval;
  const { interval } = headline(evaluation);
  if (run.answers.some((a) => !a.right)) steps.push(say("nextMistakes"));
  const withPhotos = evaluation.classes.filter((c) => c.support > 0);
  const weakest = [...withPhotos].sort((a, b) => (a.recall ?? 0) - (b.recall ?? 0))[0];
  if (weakest !== undefined && weakest.right < weakest.support) steps.push(say("nextWeakest", shown(weakest.name, 30), weakest.support, weakest.right));
  const pair = worstPair(evaluation);
  if (pair !== null && pair.count > 1) steps.push(say("nextPair", shown(pair.truth, 30), shown(pair.said, 30), pair.count));
  if (interval !== null && evaluation.count < kFewPhotos) steps.push(say("nextMoreValidation", evaluation.count, (100 * (interval[1] - interval[0])).toFixed(0)));
  const counts = withPhotos.map((c) => c.support);
  const times = Math.max(...counts) / Math.min(...counts);
  const given = run.options.find((o) => o.name === "imbalance");
  if (!run.multi && times >= kUneven && given?.value === "none") steps.push(say("nextUneven", times.toFixed(1)));
  steps.push(say("nextTest", visible(shellWord(run.folder))), say("nextUse", visible(shellWord(run.folder))));
  return steps;
}

const kPlaces = new Set(["data", "out", "resume"]);

/** What made the run. */
export const programOf = (run: Run): string => (run.files.history?.adaptation === undefined ? "graft fit" : "graft adapt");

/** The options that were given, as a command line; the data first. */
export function commandOf(run: Run): string {
  const data = run.options.find((o) => o.name === "data");
  const given = run.options.filter((o) => o.source.startsWith("flag") && !kPlaces.has(o.name));
  const words = given.map((o) => (o.value === "true" ? `--${o.name}` : o.value === "false" ? `--no-${o.name}` : `--${o.name} ${shellWord(o.value)}`));
  return visible([programOf(run), ...(data === undefined ? [] : [shellWord(data.value)]), ...words].join(" "));
}
