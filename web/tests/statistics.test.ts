// Curves, by cases small enough to check by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Run } from "../src/data.ts";
import { commandOf, nextSteps, verdicts, worstPair } from "../src/advice.ts";
import { confidentMistakes, everything, matching, unsureHits } from "../src/filter.ts";
import { coverage, meanCosts, ranking, reliability, riskCoverage, wilson, withoutTemperature } from "../src/statistics.ts";
import { chooseLanguage, inPicture, sayIn } from "../src/words.ts";

const answer = (label: string, p: number): Answer => ({
  path: `${label}${p}`,
  labels: [label],
  predicted: [p >= 0.5 ? "a" : "b"],
  right: (p >= 0.5 ? "a" : "b") === label,
  confidence: Math.max(p, 1 - p),
  loss: -Math.log(label === "a" ? p : 1 - p),
  probabilities: [p, 1 - p],
  drawn: true,
  set: undefined,
  byCosts: undefined,
  photo: undefined,
});
const answers = [answer("a", 0.9), answer("b", 0.8), answer("a", 0.7), answer("b", 0.1)];

test("Wilson's interval", () => {
  const [low, high] = wilson(146, 153);
  assert.ok(Math.abs(low - 0.9085814781) < 1e-9 && Math.abs(high - 0.9776637850) < 1e-9, `${low} ${high}`);
  assert.deepEqual(wilson(0, 0), [0, 1]);
});

test("bins of reliability", () => {
  const bins = reliability(answers, 2);
  assert.deepEqual(bins.map((b) => b.count), [0, 4]);
  assert.equal(bins[0]?.accuracy, null);
  assert.equal(bins[1]?.accuracy, 0.75);
  assert.ok(Math.abs((bins[1]?.confidence ?? 0) - 0.825) < 1e-12);
});

test("risk over coverage; equal confidences are answered together", () => {
  assert.deepEqual(riskCoverage(answers), [{ x: 0.5, y: 0 }, { x: 0.75, y: 1 / 3 }, { x: 1, y: 0.25 }]);
});

test("ROC, PR and the area", () => {
  const found = ranking(answers, ["a", "b"], 0);
  assert.deepEqual(found.roc, [{ x: 0, y: 0 }, { x: 0, y: 0.5 }, { x: 0.5, y: 0.5 }, { x: 0.5, y: 1 }, { x: 1, y: 1 }]);
  assert.equal(found.auroc, 0.75);
  assert.deepEqual(found.pr.map((p) => p.y), [1, 0.5, 2 / 3, 0.5]);
  assert.equal(ranking([answer("a", 0.9)], ["a", "b"], 0).auroc, null);
});

test("filters", () => {
  assert.deepEqual(matching(answers, confidentMistakes).map((a) => a.path), ["b0.8"]);
  assert.deepEqual(matching(answers, unsureHits).map((a) => a.path), ["a0.7", "a0.9", "b0.1"]);
  assert.deepEqual(matching(answers, { ...everything, label: "b", predicted: "b" }).map((a) => a.path), ["b0.1"]);
  assert.deepEqual(matching(answers, { ...everything, low: 0.85 }).length, 2);
});

const run = (part: object): Run =>
  ({
    name: "r",
    folder: "runs/r",
    config: "",
    answers,
    multi: false,
    options: [
      { name: "data", value: "my photos", source: "flag" },
      { name: "strategy", value: "head", source: "flag" },
      { name: "mirror", value: "false", source: "flag" },
      { name: "l2", value: "0.1", source: "chosen: x" },
    ],
    files: {
      eval: {
        count: 4,
        right: 3,
        accuracy: 0.75,
        accuracy_interval: [0.3, 0.95],
        largest_class: { name: "a", accuracy: 0.5 },
        classes: [
          { name: "a", support: 2, predicted: 3, right: 2, precision: 2 / 3, recall: 1, f1: 0.8 },
          { name: "b", support: 2, predicted: 1, right: 1, precision: 1, recall: 0.5, f1: 2 / 3 },
        ],
        confusion: [[2, 0], [1, 1]],
      },
      ...part,
    },
  }) as unknown as Run;

test("the verdict goes by the interval, not by the value", () => {
  const say = sayIn("en");
  assert.equal(verdicts(run({}), say)[0]?.mood, "unsure");
  const sure = run({ eval: { ...run({}).files.eval, accuracy_interval: [0.6, 0.9] } });
  assert.deepEqual(verdicts(sure, say)[0], { mood: "good", text: "Better than always naming the largest class (a: 50.0 %)." });
  assert.equal(verdicts(run({ doctor: { findings: [] } }), say).at(-1)?.text, say("dataClean"));
  assert.ok(verdicts(run({ eval: { ...run({}).files.eval, leaked: { exact: 2, near: 1, accuracy_without: 0.5 } } }), say).some((v) => v.mood === "bad" && v.text.endsWith("without them it is 50.0 %.")));
  assert.equal(verdicts(run({ doctor: { findings: [{ kind: "exact-leak", severity: "error", text: "3 leak." }] } }), say).at(-1)?.mood, "bad");
});

test("what to do next names the weakest class", () => {
  const steps = nextSteps(run({}), sayIn("en"));
  assert.ok(steps.includes("Add photos of b: the model recognizes 1 of 2."), steps.join("\n"));
  assert.deepEqual(worstPair(run({}).files.eval), { truth: "b", said: "a", count: 1 });
});

test("the command has what was given, and nothing that was chosen", () => {
  assert.equal(commandOf(run({})), "graft fit 'my photos' --strategy head --no-mirror");
});

test("languages", () => {
  assert.equal(chooseLanguage("auto", ["fr-FR", "zh-CN", "en"]), "zh");
  assert.equal(chooseLanguage("en", ["zh"]), "en");
  assert.equal(chooseLanguage("auto", []), "en");
  assert.equal(sayIn("en")("title", "{0}{1}"), "Report of {0}{1}");
  assert.equal(inPicture("learning rate", sayIn("zh")), "学习率");
  assert.equal(inPicture("constructor", sayIn("zh")), "constructor");
});

test("sets are counted by their size, and hold the truth or not", () => {
  const withSet = (label: string, set: string[]): Answer => ({ ...answer(label, 0.9), set });
  const found = coverage([withSet("a", ["a"]), withSet("b", ["a"]), withSet("b", ["a", "b"]), answer("a", 0.9)], false);
  assert.deepEqual(found, { photos: 3, held: 2, size: 4 / 3, sizes: [{ size: 1, photos: 2, held: 1 }, { size: 2, photos: 1, held: 1 }] });
  const several = coverage([{ ...withSet("a", ["a"]), labels: ["a", "b"] }, { ...withSet("a", []), labels: [] }], true);
  assert.deepEqual(several, { photos: 1, held: 0.5, size: 1, sizes: [{ size: 1, photos: 1, held: 0 }] });
});

test("costs are of the truth by what is said, by rows", () => {
  const decided = (label: string, p: number, name: string): Answer => ({ ...answer(label, p), byCosts: { name, cost: 0.5 } });
  const found = meanCosts([decided("a", 0.2, "a"), decided("b", 0.2, "a"), decided("a", 0.9, "a")], ["a", "b"], [[0, 20], [1, 0]]);
  assert.deepEqual(found, { photos: 3, decided: 1 / 3, plain: 20 / 3, other: 2 });
});

test("without its temperature an answer is what the network said", () => {
  // logits 2 and 0 at temperature 2: e^1 to 1 became e^2 to 1 before
  const [before] = withoutTemperature([{ ...answer("a", 0.7310585786), probabilities: [0.7310585786, 0.2689414214] }], 2);
  assert.ok(Math.abs((before?.confidence ?? 0) - 0.880797078) < 1e-8, String(before?.confidence));
});
