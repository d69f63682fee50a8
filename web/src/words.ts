// What the page says (english.ts, chinese.ts), in the language of its reader.
import { chinese } from "./chinese.ts";
import { english } from "./english.ts";

export type Language = "en" | "zh";

export type Key = keyof typeof english;

const words: Record<Language, Record<Key, string>> = { en: english, zh: chinese };

export type Say = (key: Key, ...values: (string | number)[]) => string;

/** Fills the places {0}, {1} ... in one pass, so that a value is never taken for a place. */
export const sayIn =
  (language: Language): Say =>
  (key, ...values) =>
    words[language][key].replace(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)] ?? ""));

/** What was asked for; else the first of the browser's that there is. */
export function chooseLanguage(asked: string, browser: readonly string[]): Language {
  if (asked === "en" || asked === "zh") return asked;
  for (const tag of browser) {
    const name = tag.toLowerCase().split("-")[0];
    if (name === "en" || name === "zh") return name;
  }
  return "en";
}

/** What graft's own pictures say (src/graft/report/curves.cpp, confusion.cpp), which are written in English. */
export function inPicture(text: string, say: Say): string {
  const of: Record<string, Key> = {
    loss: "loss",
    accuracy: "accuracy",
    "learning rate": "learningRate",
    training: "trainingLine",
    validation: "validationLine",
    epoch: "epoch",
    "strength of the L2 penalty": "l2",
    "cross-validated log loss": "cvLoss",
    "cross-validated accuracy": "cvAccuracy",
    "true \\ predicted": "matrixAxis",
  };
  const key = Object.hasOwn(of, text) ? of[text] : undefined;
  return key === undefined ? text : say(key);
}
