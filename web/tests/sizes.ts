// usage: GRAFT=PROGRAM node web/tests/sizes.ts PHOTOS
//
// How large the page is, and how soon it can be used, of runs with 1,000 and 100,000 validation photos of 10 classes: their answers are made, their photos are
// those of the folder PHOTOS, again and again. Prints a line for each.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openBrowser, openPage } from "./browser.ts";
import { graft } from "./made.ts";

const kClasses = 10;
const [photos] = process.argv.slice(2);
if (photos === undefined) throw new Error("usage: GRAFT=PROGRAM node web/tests/sizes.ts PHOTOS");
const found = readdirSync(photos, { recursive: true, encoding: "utf8" }).filter((name) => /\.(jpe?g|png)$/i.test(name));
if (found.length === 0) throw new Error(`${photos}: has no photos`);

/** The same numbers every time. */
let state = 1;
const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;

function makeRun(folder: string, count: number): void {
  mkdirSync(join(folder, "run/photos"), { recursive: true });
  const names = Array.from({ length: kClasses }, (_, i) => `class ${i}`);
  const confusion = names.map(() => names.map(() => 0));
  const rows: [number, string][] = [];
  for (let i = 0; i < count; ++i) {
    const truth = i % kClasses;
    const raw = names.map((_, k) => Math.exp(5 * random() + (k === truth ? 3 : 0)));
    const sum = raw.reduce((a, b) => a + b, 0);
    const p = raw.map((v) => v / sum);
    const said = p.indexOf(Math.max(...p));
    const row = confusion[truth];
    if (row !== undefined) row[said] = (row[said] ?? 0) + 1;
    symlinkSync(resolve(photos ?? "", found[i % found.length] ?? ""), join(folder, `run/photos/${i}.jpg`));
    const loss = -Math.log(p[truth] ?? 1);
    rows.push([loss, `photos/${i}.jpg,${names[truth]},${names[said]},${(p[said] ?? 0).toFixed(6)},${loss.toFixed(6)},${p.map((v) => v.toFixed(6)).join(",")}`]);
  }
  rows.sort((a, b) => b[0] - a[0]);
  writeFileSync(join(folder, "run/predictions.csv"), `path,label,predicted,probability,loss,${names.map((n) => `probability of ${n}`).join(",")}\n${rows.map((r) => r[1]).join("\n")}\n`);
  const right = confusion.reduce((s, row, i) => s + (row[i] ?? 0), 0);
  const classes = names.map((name, i) => {
    const own = confusion[i]?.[i] ?? 0;
    const predicted = confusion.reduce((s, row) => s + (row[i] ?? 0), 0);
    return { name, support: count / kClasses, predicted, right: own, precision: own / predicted, recall: (own * kClasses) / count, f1: (2 * own) / (predicted + count / kClasses) };
  });
  writeFileSync(join(folder, "run/eval.json"), JSON.stringify({ count, right, accuracy: right / count, accuracy_interval: [right / count - 0.01, right / count + 0.01], classes, confusion }));
}

const browser = await openBrowser();
for (const count of [1000, 100_000]) {
  const folder = mkdtempSync(join(tmpdir(), "graft-sizes-"));
  makeRun(folder, count);
  const start = performance.now();
  graft(folder, ["report", "run", "-q"]);
  const made = performance.now() - start;
  const file = join(folder, "run/report.html");
  const times: number[] = [];
  for (let i = 0; i < 5; ++i) {
    const from = performance.now();
    const { page, faults, close } = await openPage(browser, file, { width: 1440 });
    await page.getByRole("button", { name: "Least confident correct answers" }).click();
    times.push(performance.now() - from);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    await close();
  }
  times.sort((a, b) => a - b);
  console.log(`${count} photos: ${(statSync(file).size / 1e6).toFixed(2)} MB, made in ${(made / 1000).toFixed(1)} s, used after ${(times[2] ?? 0).toFixed(0)} ms (median of 5)`);
  rmSync(folder, { recursive: true });
}
await browser.close();
