// What the page reads: tables, options, names of strangers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { csvRows } from "../src/csv.ts";
import { namesIn, readAnswers, readOptions, readPage } from "../src/data.ts";
import { bytes, duration, linkTo, percent, shellWord, shortNames, shown, whole } from "../src/format.ts";
import { peakOf } from "../src/heat.ts";
import { triedIn } from "../src/tried.ts";
import { sayIn } from "../src/words.ts";

test("fields in quotes hold commas, line ends and doubled quotes", () => {
  assert.deepEqual(csvRows('a,b\n"x,\n""y""",2\r\n"",\n'), [["a", "b"], ['x,\n"y"', "2"], ["", ""]]);
  assert.deepEqual(csvRows(""), []);
});

test("a row of predictions.csv is an answer", () => {
  const csv = "path,label,predicted,probability,loss,probability of a,probability of b\np/1.jpg,a,b,0.8,1.6,0.2,0.8\np/2.jpg,b,b,0.9,0.1,0.1,0.9\n";
  const { classes, multi, answers } = readAnswers(csv, new Set([1]), { "p/1.jpg": "data:image/jpeg;base64,AA==" });
  assert.deepEqual(classes, ["a", "b"]);
  assert.equal(multi, false);
  assert.deepEqual(answers[0], { path: "p/1.jpg", labels: ["a"], predicted: ["b"], right: false, confidence: 0.8, loss: 1.6, probabilities: [0.2, 0.8], drawn: true, set: undefined, byCosts: undefined, photo: "data:image/jpeg;base64,AA==" });
  assert.equal(answers[1]?.drawn, false);
  assert.equal(answers[1]?.photo, undefined);
});

test("of several classes a photo the labels are a list, and none is none", () => {
  const csv = "path,label,predicted,loss,probability of a,probability of b\n1.jpg,a;b,a,0.5,0.9,0.4\n2.jpg,,,0.1,0.1,0.05\n";
  const { multi, answers } = readAnswers(csv, new Set(), {});
  assert.equal(multi, true);
  assert.deepEqual(answers.map((a) => [a.labels, a.predicted, a.right, a.confidence]), [[["a", "b"], ["a"], false, 0.9], [[], [], true, 0.1]]);
});

test("what the model's rules add stands before the loss; numbers stay of the most probable class", () => {
  const csv = "path,label,predicted,probability,expected_cost,set,loss,probability of a,probability of b\n1.jpg,b,a,0.2,0.8,b;a,0.2,0.2,0.8\n";
  const { classes, multi, answers } = readAnswers(csv, new Set(), {});
  assert.deepEqual([classes, multi], [["a", "b"], false]);
  assert.deepEqual(answers.map((a) => [a.predicted, a.right, a.confidence, a.loss, a.set, a.byCosts]), [[["b"], true, 0.8, 0.2, ["b", "a"], { name: "a", cost: 0.8 }]]);
  const several = readAnswers("path,label,predicted,set,loss,probability of a\n1.jpg,a,a,,0.5,0.9\n", new Set(), {});
  assert.deepEqual([several.multi, several.classes, several.answers[0]?.set, several.answers[0]?.byCosts], [true, ["a"], [], undefined]);
});

test("a photo is found by its own name alone, not by what every object has", () => {
  const csv = "path,label,predicted,probability,loss,probability of a\nconstructor,a,a,1,0,1\n";
  assert.equal(readAnswers(csv, new Set(), {}).answers[0]?.photo, undefined);
});

test("options have their value and its source, hashes in names and all", () => {
  const toml = 'data = "ph # otos"  # flag\nl2 = 0.03  # chosen: 5-fold cross-validation on 244 images\nsources = ["a", "b"]  # default\nmirror = "auto"\nname = "\\u202Ex\\U0001F600"  # flag\n# a comment\n';
  assert.deepEqual(readOptions(toml), [
    { name: "data", value: "ph # otos", source: "flag" },
    { name: "l2", value: "0.03", source: "chosen: 5-fold cross-validation on 244 images" },
    { name: "sources", value: '["a", "b"]', source: "default" },
    { name: "mirror", value: "auto", source: "" },
    { name: "name", value: "\u202ex\u{1F600}", source: "flag" },
  ]);
});

test("the data of a page, with what a script would end by, is text", () => {
  const text = '{"format":1,"graft":"0","language":"auto","runs":[{"name":"\\u003c/script>","config":"","predictions":{"csv":"path,label,predicted,probability,loss\\n","added":[]},"photos":{}}]}';
  assert.equal(readPage(text).runs[0]?.name, "</script>");
});

test("what is invisible, or turns text around, is shown as its number; long names lose their middle", () => {
  assert.equal(shown("a\u202eb\u0000c"), "a⟨U+202E⟩b⟨U+0000⟩c");
  assert.equal(shown("😀".repeat(9), 5), "😀😀…😀😀");
  assert.equal([...shown("x".repeat(4000))].length, 80);
  assert.equal(shown("ok"), "ok");
});

test("a path becomes a link to a file, whatever stands in it", () => {
  assert.equal(linkTo("javascript:alert(1)"), "./javascript%3Aalert(1)");
  assert.equal(linkTo("../a b/#1.jpg"), "./../a%20b/%231.jpg");
  assert.equal(linkTo("/data/x.jpg"), "file:///data/x.jpg");
});

test("numbers for people", () => {
  assert.equal(percent(0.9484), "94.8 %");
  assert.equal(percent(null), "–");
  assert.equal(whole(1234567), "1,234,567");
  assert.equal(duration(3.14), "3.1 s");
  assert.equal(duration(95), "1:35 min");
  assert.equal(duration(7265), "2:01 h");
  assert.equal(bytes(342_000_000), "342 MB");
  assert.equal(shellWord("a'b c"), "'a'\\''b c'");
});

test("a list of classes is read even where their names have what is between them", () => {
  assert.deepEqual(namesIn("a;b", ["a", "b"]), ["a", "b"]);
  assert.deepEqual(namesIn("x;y;a", ["a", "x;y", "x"]), ["x;y", "a"]);
  assert.deepEqual(namesIn("x;y;a", ["a", "x", "y;a"]), ["x", "y;a"]);
  assert.deepEqual(namesIn("x;other", ["x;y", "x"]), ["x", "other"], "no list of these: as it stands");
  assert.deepEqual(namesIn("", ["a"]), []);
});

test("runs are told apart by the last parts of their paths", () => {
  assert.deepEqual(shortNames(["/data/runs/a", "/data/runs/b/"]), ["a", "b"]);
  assert.deepEqual(shortNames(["one/run", "two/run", "two/other"]), ["one/run", "two/run", "other"]);
  assert.deepEqual(shortNames(["run", "x/run", "x/run"]), ["run", "x/run", "x/run (2)"]);
  assert.deepEqual(shortNames(["", "/"]), ["", "/"]);
});

test("where a map is highest is told of the whole photo", () => {
  const map = (bytes: number[], box: [number, number, number, number]) => ({ label: 0, height: 2, width: 3, values: btoa(String.fromCharCode(...bytes)), box });
  assert.equal(peakOf(map([9, 0, 0, 0, 0, 0], [0, 0, 1, 1])), "upperLeft");
  assert.equal(peakOf(map([9, 0, 0, 0, 0, 255], [0, 0, 1, 1])), "lowerRight");
  assert.equal(peakOf(map([9, 0, 0, 0, 0, 255], [0.25, 0.25, 0.4, 0.4])), "centre", "of what is seen, a part of the middle");
  assert.equal(peakOf(map([0, 0, 0, 0, 0, 0], [0, 0, 1, 1])), null);
});

test("what was compared is that of history.json, each with those of the same photos", () => {
  const page = {
    format: 1, graft: "0", language: "en",
    runs: [{
      name: "r", folder: "r", predictions: { csv: "path,label,predicted,probability,loss\n", added: [] }, photos: {},
      config: 'features = "stages"  # chosen: x\nmirror = false  # default\n',
      files: {
        eval: { count: 9, accuracy: 0.8, log_loss: 0.5, classes: [], largest_class: { name: "a", accuracy: 0.6 } },
        history: {
          phases: [{
            strategy: "full",
            features_compared: [{ features: "last", mirror: false, log_loss: 0.3 }, { features: "stages", mirror: false, log_loss: 0.31 }],
            trials: [{ strategy: "full", epochs: 30, judged_on: 48, head_accuracy: 0.7, accuracy: 0.9, pays: true }, { strategy: "partial", unfreeze: "2", judged_on: 48, head_accuracy: 0.7, stopped: "behind" }],
          }],
          sources: { photos: 99, chosen: "x", compared: [{ name: "x", accuracy: 0.9, log_loss: 0.2 }, { name: "y", accuracy: 0.8, log_loss: 0.4 }] },
        },
      },
    }],
  };
  const [run] = readPage(JSON.stringify(page)).runs;
  assert.ok(run !== undefined);
  const found = triedIn(run, sayIn("en"));
  assert.deepEqual(found.map(({ rows }) => rows.map((r) => [r.name, r.accuracy, r.loss, r.taken ?? false])), [
    [["this model", 0.8, 0.5, true], ["always a", 0.6, undefined, false]],
    [["of the last stage", undefined, 0.3, false], ["of every stage", undefined, 0.31, true]],
    [["head", 0.7, undefined, false], ["full --epochs 30", 0.9, undefined, true], ["partial --unfreeze 2", undefined, undefined, false]],
    [["x", 0.9, 0.2, true], ["y", 0.8, 0.4, false]],
  ]);
  assert.equal(found[2]?.rows[2]?.note, "behind");
  assert.ok(found[3]?.title.includes("99"));
});
