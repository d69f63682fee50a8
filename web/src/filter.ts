// Which photos are shown, and in which order.
import type { Answer } from "./data.ts";

export interface Filter {
  label: string; // "": any
  predicted: string;
  kind: "all" | "wrong" | "right";
  order: "confident" | "unsure" | "loss";
  low: number; // of the confidence
  high: number;
}

export const everything: Filter = { label: "", predicted: "", kind: "all", order: "loss", low: 0, high: 1 };
export const confidentMistakes: Filter = { ...everything, kind: "wrong", order: "confident" };
export const unsureHits: Filter = { ...everything, kind: "right", order: "unsure" };

export function matching(answers: readonly Answer[], filter: Filter): Answer[] {
  const kept = answers.filter(
    (a) =>
      (filter.label === "" || a.labels.includes(filter.label)) &&
      (filter.predicted === "" || a.predicted.includes(filter.predicted)) &&
      (filter.kind === "all" || a.right === (filter.kind === "right")) &&
      a.confidence >= filter.low &&
      a.confidence <= filter.high,
  );
  const key = (a: Answer): number => (filter.order === "confident" ? -a.confidence : filter.order === "unsure" ? a.confidence : -a.loss);
  return kept.sort((a, b) => key(a) - key(b));
}
