// Curves of the answers that are in the page. Numbers that stand in the run's files are taken from there.
import type { Answer, Bin, Interval } from "./data.ts";

/** Score interval for a proportion (Wilson 1927), 95 %. */
export function wilson(right: number, total: number): Interval {
  if (total === 0) return [0, 1];
  const z = 1.959964;
  const p = right / total;
  const middle = p + (z * z) / (2 * total);
  const spread = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
  const all = 1 + (z * z) / total;
  return [Math.max(0, (middle - spread) / all), Math.min(1, (middle + spread) / all)];
}

/** Answers by their confidence in bins of one width: how often those are right that say so. */
export function reliability(answers: readonly Answer[], bins = 10): Bin[] {
  const found: Bin[] = [];
  for (let b = 0; b < bins; ++b) {
    const [low, high] = [b / bins, (b + 1) / bins];
    const inside = answers.filter((a) => Math.min(bins - 1, Math.floor(a.confidence * bins)) === b);
    const mean = (value: (a: Answer) => number): number | null => (inside.length === 0 ? null : inside.reduce((sum, a) => sum + value(a), 0) / inside.length);
    found.push({ low, high, count: inside.length, confidence: mean((a) => a.confidence), accuracy: mean((a) => (a.right ? 1 : 0)) });
  }
  return found;
}

export interface Point {
  x: number;
  y: number;
}

/** The part of wrong answers among those of highest confidence, over the part that is answered at all (Geifman & El-Yaniv 2017). */
export function riskCoverage(answers: readonly Answer[]): Point[] {
  const sorted = [...answers].sort((a, b) => b.confidence - a.confidence);
  const points: Point[] = [];
  let wrong = 0;
  sorted.forEach((answer, i) => {
    wrong += answer.right ? 0 : 1;
    if (sorted[i + 1]?.confidence !== answer.confidence) points.push({ x: (i + 1) / sorted.length, y: wrong / (i + 1) });
  });
  return points;
}

export interface Ranking {
  roc: Point[];
  pr: Point[];
  auroc: number | null;
  positives: number;
  negatives: number;
}

/** One class against all others by its probability; equal ones move as one. */
export function ranking(answers: readonly Answer[], classes: readonly string[], index: number): Ranking {
  const name = classes[index] ?? "";
  const scored = answers.map((a) => ({ score: a.probabilities[index] ?? 0, positive: a.labels.includes(name) })).sort((a, b) => b.score - a.score);
  const positives = scored.filter((s) => s.positive).length;
  const negatives = scored.length - positives;
  const roc: Point[] = [{ x: 0, y: 0 }];
  const pr: Point[] = [];
  let [hits, alarms, area] = [0, 0, 0];
  scored.forEach((s, i) => {
    if (s.positive) ++hits;
    else ++alarms;
    if (scored[i + 1]?.score === s.score) return;
    const before = roc[roc.length - 1] ?? { x: 0, y: 0 };
    const next = { x: negatives === 0 ? 0 : alarms / negatives, y: positives === 0 ? 0 : hits / positives };
    area += ((next.x - before.x) * (next.y + before.y)) / 2;
    roc.push(next);
    pr.push({ x: next.y, y: hits / (hits + alarms) });
  });
  return { roc, pr, auroc: positives === 0 || negatives === 0 ? null : area, positives, negatives };
}

/** What was said before the logits were divided by a temperature: a photo's probabilities to the power of it, as they sum to 1. Of photos with one class each. */
export function withoutTemperature(answers: readonly Answer[], temperature: number): Answer[] {
  return answers.map((answer) => {
    const powers = answer.probabilities.map((p) => p ** temperature);
    const sum = powers.reduce((a, b) => a + b, 0);
    return sum > 0 ? { ...answer, confidence: Math.max(...powers) / sum } : answer;
  });
}

export interface CoverageFound {
  photos: number;
  /** Photos whose set holds the truth; of several classes a photo the parts of these that are in it, summed. */
  held: number;
  /** Classes in a set, in the mean. */
  size: number;
  sizes: { size: number; photos: number; held: number }[];
}

/** What the sets are worth. Of several classes a photo those that have any count; where none is missing it holds the truth. */
export function coverage(answers: readonly Answer[], multi: boolean): CoverageFound {
  const bySize = new Map<number, { photos: number; held: number }>();
  const found: CoverageFound = { photos: 0, held: 0, size: 0, sizes: [] };
  for (const { set, labels } of answers) {
    if (set === undefined || (multi && labels.length === 0)) continue;
    const part = labels.filter((name) => set.includes(name)).length / labels.length;
    const of = bySize.get(set.length) ?? { photos: 0, held: 0 };
    bySize.set(set.length, { photos: of.photos + 1, held: of.held + (part === 1 ? 1 : 0) });
    found.photos += 1;
    found.held += part;
    found.size += set.length;
  }
  found.size /= Math.max(1, found.photos);
  found.sizes = [...bySize].sort((a, b) => a[0] - b[0]).map(([size, of]) => ({ size, ...of }));
  return found;
}

export interface CostsFound {
  photos: number;
  /** Of a photo in the mean, by what costs least, and by the most probable class. */
  decided: number;
  plain: number;
  /** Photos for which these are two classes. */
  other: number;
}

export function meanCosts(answers: readonly Answer[], classes: readonly string[], costs: readonly (readonly number[])[]): CostsFound {
  const at = new Map(classes.map((name, i) => [name, i]));
  const cost = (truth: string | undefined, said: string | undefined): number => costs[at.get(truth ?? "") ?? -1]?.[at.get(said ?? "") ?? -1] ?? 0;
  const found: CostsFound = { photos: 0, decided: 0, plain: 0, other: 0 };
  for (const { labels, predicted, byCosts } of answers) {
    if (byCosts === undefined) continue;
    found.photos += 1;
    found.decided += cost(labels[0], byCosts.name);
    found.plain += cost(labels[0], predicted[0]);
    found.other += byCosts.name === predicted[0] ? 0 : 1;
  }
  const n = Math.max(1, found.photos);
  return { ...found, decided: found.decided / n, plain: found.plain / n };
}
