// The page in Chromium: its numbers are the run's, its cells open the right photos, nothing of a stranger's name runs, everybody can use it.
import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Adaptation, Evaluation, FeatureMap, FoundRules, FromUnlabeled, Phase } from "../src/data.ts";
import { decimal, percent, shown } from "../src/format.ts";
import { sayIn } from "../src/words.ts";
import { barriers, eventually, openBrowser, openPage } from "./browser.ts";
import { adaptedRun, colours, costOf, graft, hostile, madeRun, semiRun } from "./made.ts";

const say = sayIn("en");
const kWrong = 5; // every fifth photo for validation has another label: 2 of 10 of each class
let browser: Browser;
let made: { folder: string; run: string };
let evaluation: Evaluation;
const page = (): string => join(made.run, "report.html");
const json = <T>(name: string): T => JSON.parse(readFileSync(join(made.run, name), "utf8")) as T;

before(async () => {
  browser = await openBrowser();
  made = madeRun(kWrong);
  evaluation = json("eval.json");
});

after(async () => {
  await browser?.close();
  if (made !== undefined) rmSync(made.folder, { recursive: true });
});

/** The table of numbers below a chart. */
const numbers = (opened: Page, name: string): Promise<string[][]> =>
  opened.locator(`[data-numbers="${name}"] tbody tr`).evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));

const near = (text: string | undefined, value: number): void => assert.ok(Math.abs(Number(text) - value) <= 1e-5 * Math.max(1, Math.abs(value)), `${text} is not ${value}`);

for (const width of [360, 1440])
  for (const dark of [false, true])
    test(`at ${width} pixels, ${dark ? "dark" : "light"}: no error, no request, nothing beside the screen, nothing serious for axe`, async () => {
      const { page: opened, faults, close } = await openPage(browser, page(), { width, dark });
      assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the screen");
      assert.deepEqual(await barriers(opened), []);
      assert.deepEqual(faults, []);
      await close();
    });

test("its numbers are those of eval.json and history.json", async () => {
  const { page: opened, faults, close } = await openPage(browser, page(), { width: 1440 });
  assert.equal(await opened.locator("[data-number=accuracy]").textContent(), percent(evaluation.accuracy));
  const bars = await numbers(opened, "classes");
  evaluation.classes.forEach((c, i) => {
    assert.equal(bars[2 * i]?.[0], shown(c.name, 5000));
    near(bars[2 * i]?.[2], c.recall ?? 0);
    near(bars[2 * i + 1]?.[2], c.precision ?? 0);
  });
  await eventually(async () => assert.equal(await opened.locator("[data-chart=classes] g[data-mark=bar] rect").count(), 2 * evaluation.classes.length));
  const cells = await opened.locator("[data-picture=confusion] .cell").evaluateAll((all) => all.map((cell) => ({ ...(cell as HTMLElement).dataset })));
  assert.equal(cells.length, 9);
  for (const cell of cells) assert.equal(Number(cell["count"]), evaluation.confusion?.[Number(cell["true"])]?.[Number(cell["predicted"])]);
  const path = (json<{ phases: Phase[] }>("history.json").phases.at(-1)?.["cross_validation"] as { path: Record<string, number>[] }).path;
  await opened.waitForSelector('[data-picture=curves] [data-series="log loss"]', { state: "attached" });
  const dots = await opened.locator('[data-picture=curves] [data-series="log loss"]').evaluateAll((all) => all.map((dot) => [Number((dot as HTMLElement).dataset["x"]), Number((dot as HTMLElement).dataset["value"])]));
  assert.equal(dots.length, path.length);
  for (const { l2, log_loss } of path) assert.ok(dots.some(([x, y]) => Math.abs((x ?? 0) / (l2 ?? 1) - 1) < 1e-4 && y === log_loss), `${l2} ${log_loss}`);
  const bins = await numbers(opened, "reliability");
  assert.equal(bins.reduce((sum, row) => sum + Number(row[2]), 0), evaluation.count);
  await eventually(async () => assert.ok((await opened.locator("[data-chart=roc] svg path").count()) > 0 && (await opened.locator("[data-chart=risk-coverage] svg path").count()) > 0));
  assert.deepEqual(faults, []);
  await close();
});

test("what the model says by its rules is that of history.json, the model and predictions.csv", async () => {
  const { page: opened, faults, close } = await openPage(browser, page(), { width: 1440 });
  const { trust } = json<{ trust: FoundRules }>("history.json");
  const text = async (where: string): Promise<string> => (await opened.locator(where).textContent()) ?? "";
  assert.ok((await text("[data-number=temperature]")).includes(decimal(trust.calibration?.before.ece)));
  const sets = await numbers(opened, "sets");
  assert.equal(sets.reduce((sum, row) => sum + Number(row[1]), 0), evaluation.count);
  assert.ok((await text("[data-rule=sets]")).includes(say("basisCross")));
  const table = await opened.locator("[data-rule=costs] tbody tr").evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
  assert.deepEqual(table, [0, 1, 2].map((i) => [0, 1, 2].map((j) => costOf(i, j))));
  const tried = Object.entries(trust.unknown?.left_out_auroc ?? {});
  assert.ok(tried.length > 0 && (await numbers(opened, "unknown")).length > 10);
  for (const [, auroc] of tried) assert.ok((await text("[data-rule=unknown]")).includes(decimal(auroc)), String(auroc));
  assert.equal(await opened.locator("#others").count(), 0, "every file of a run has a section of its own");
  await opened.locator("#photos .photo").first().click();
  await eventually(async () => {
    const terms = await opened.locator("dialog[open] dt").allTextContents();
    assert.ok(terms.includes(say("set")) && terms.includes(say("byCosts")), terms.join());
  });
  assert.deepEqual(faults, []);
  await close();
});

test("differences between groups are those that eval found", async () => {
  const csv = readFileSync(join(made.folder, "val.csv"), "utf8").trim().split("\n").slice(1);
  const value = (i: number): string => (i % 2 === 0 ? "<b>one</b>" : "another");
  writeFileSync(join(made.folder, "groups.csv"), `path,site\n${csv.map((line, i) => `${line.slice(0, line.lastIndexOf('.png"') + 5)},${value(i)}`).join("\n")}\n`);
  const found = graft(made.folder, ["eval", "run", "val.csv", "--groups", "groups.csv", "--group-size", "5", "--json", "-q"]);
  writeFileSync(join(made.run, "groups.json"), found);
  const out = join(made.folder, "groups.html");
  graft(made.folder, ["report", "run", "--out", out]);
  rmSync(join(made.run, "groups.json"));
  const { groups, gaps } = (JSON.parse(found) as { groups: { attributes: { groups: { name: string; photos: number; accuracy: { value: number } }[]; gaps: { value: number; within_chance: boolean }[] }[] } }).groups.attributes[0] ?? { groups: [], gaps: [] };
  assert.equal(groups.length, 2);
  const { page: opened, faults, close } = await openPage(browser, out, { width: 360 });
  const rows = await numbers(opened, "groups-site");
  groups.forEach((g, i) => {
    assert.deepEqual(rows[i]?.slice(0, 2), [g.name, String(g.photos)]);
    near(rows[i]?.[2], g.accuracy.value);
  });
  const told = await opened.locator("[data-attribute=site] > .scroll tbody tr").evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")));
  assert.ok(gaps.length > 0);
  assert.deepEqual(told.map((row) => [row[2], row[5]]), gaps.map((gap) => [percent(gap.value), say(gap.within_chance ? "withinChance" : "beyondChance")]));
  assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the screen");
  assert.deepEqual(await barriers(opened), []);
  await opened.getByRole("button", { name: "中文" }).click();
  await eventually(async () => assert.ok(((await opened.locator("[data-attribute=site] > .scroll tbody").textContent()) ?? "").includes(sayIn("zh")("gapParity"))));
  assert.deepEqual(faults, []);
  await close();
});

test("an adaptation is shown as history.json and features_map.json have it", async () => {
  const run = adaptedRun(made.folder, "coral");
  const found = (JSON.parse(readFileSync(join(run, "history.json"), "utf8")) as { adaptation: Adaptation }).adaptation;
  const map = JSON.parse(readFileSync(join(run, "features_map.json"), "utf8")) as FeatureMap;
  assert.equal(map.points.length, found.source_photos + found.target_photos);
  for (const [width, dark] of [[360, true], [1440, false]] as const) {
    const { page: opened, faults, close } = await openPage(browser, join(run, "report.html"), { width, dark });
    const rows = await opened.locator("#adaptation [data-methods] tbody tr").evaluateAll((all) => all.map((row) => [(row as HTMLElement).dataset["method"], row.className, row.querySelector("[data-number=target]")?.textContent]));
    assert.deepEqual(rows, found.methods.map((m) => [m.method, m.method === found.chosen ? "taken" : "", percent(m.target_accuracy)]));
    assert.ok(((await opened.locator("[data-number=adapt-reason]").textContent()) ?? "").includes(found.reason));
    assert.ok(((await opened.locator("[data-number=a-distance]").textContent()) ?? "").includes(decimal(found.shift?.a_distance, 2)));
    const parts = await numbers(opened, "class-parts");
    found.shift?.classes.forEach((c, i) => {
      near(parts[i]?.[1], c.source);
      near(parts[i]?.[2], c.target);
    });
    for (const name of ["map-before", "map-after"])
      await eventually(async () => {
        assert.equal(await opened.locator(`[data-chart=${name}] g[data-mark=dot] circle`).count(), found.source_photos);
        assert.equal(await opened.locator(`[data-chart=${name}] g[data-mark=dot] path`).count(), found.target_photos);
      });
    const [first = []] = map.points;
    const places = [(await numbers(opened, "map-before"))[0], (await numbers(opened, "map-after"))[0]];
    assert.deepEqual(places.map((row) => row?.slice(2).map(Number)), [first.slice(2, 4), first.slice(4, 6)]);
    assert.equal(await opened.locator("#others").count(), 0, "the map has a section of its own");
    assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the screen");
    assert.deepEqual(await barriers(opened), []);
    assert.deepEqual(faults, []);
    await close();
  }
});

test("photos without labels are shown as history.json has them", async () => {
  const run = semiRun(made.folder);
  const found = (JSON.parse(readFileSync(join(run, "history.json"), "utf8")) as { unlabeled: FromUnlabeled }).unlabeled;
  const taken = found.ways.find((way) => way.way === found.chosen)?.pseudo_labels ?? [];
  assert.ok(found.judged_on > 0 && taken.length === hostile.length);
  const { page: opened, faults, close } = await openPage(browser, join(run, "report.html"), { width: 360, dark: true });
  const rows = await opened.locator("#unlabeled [data-ways] tbody tr").evaluateAll((all) => all.map((row) => [(row as HTMLElement).dataset["way"], row.className, row.querySelector("[data-number=accuracy]")?.textContent]));
  assert.deepEqual(rows, found.ways.map((w) => [w.way, w.way === found.chosen ? "taken" : "", percent(w.accuracy)]));
  const gains = await opened.locator("#unlabeled [data-number=gain]").allTextContents();
  assert.deepEqual(gains.slice(1), found.ways.slice(1).map((w) => `${decimal(w.log_loss_gain, 3)} ± ${decimal(w.standard_error, 3)}`));
  assert.ok(((await opened.locator("[data-number=unlabeled-reason]").textContent()) ?? "").includes(found.reason));
  assert.ok(((await opened.locator("[data-number=sure]").textContent()) ?? "").startsWith(percent(found.sure, 0)));
  const parts = await numbers(opened, "pseudo-labels");
  const all = taken.reduce((a, b) => a + b, 0);
  found.classes.forEach((c, k) => {
    assert.deepEqual(parts[k]?.slice(3).map(Number), [c.train_images, taken[k]]);
    near(parts[k]?.[2], (taken[k] ?? 0) / all);
  });
  assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the screen");
  assert.deepEqual(await barriers(opened), []);
  assert.deepEqual(faults, []);
  await close();
});

interface Closer {
  nearest: { of: number; photos: Record<string, [string, number][]> };
  maps: { method: string; photos: Record<string, { label: number; box: number[] }[]> };
}

test("a mistake shows where the model found its answer, and the training photos most like it", async () => {
  const out = join(made.folder, "closer.html");
  graft(made.folder, ["report", "run", "--out", out]);
  const { page: opened, faults, close } = await openPage(browser, out, { width: 360, dark: true });
  const closer = await opened.evaluate(() => (JSON.parse(document.getElementById("data")?.textContent ?? "") as { runs: unknown[] }).runs[0]) as Closer;
  const photo = opened.locator("#photos .photo").first();
  const path = (await photo.getAttribute("data-path")) ?? "";
  const [maps, near] = [closer.maps.photos[path] ?? [], closer.nearest.photos[path] ?? []];
  assert.equal(maps.length, 2, "of what is said and of what is true");
  assert.equal(near.length, 3);
  await photo.click();
  assert.deepEqual(await opened.locator("dialog [data-near]").evaluateAll((all) => all.map((li) => (li as HTMLElement).dataset["near"])), near.map(([name]) => name));
  assert.deepEqual(await opened.locator("dialog [data-near] .faint").allTextContents(), near.map(([, similarity]) => similarity.toFixed(3)));
  // Photos of the class that is said, by their colour: the model saw these.
  const said = hostile.indexOf(evaluation.classes[maps[0]?.label ?? -1]?.name ?? "");
  for (const mean of await meanColours(opened, "dialog [data-near]")) assert.ok(mean.every((value, c) => Math.abs(value - (colours[said]?.[c] ?? 0)) < 25), String(mean));
  const heat = opened.locator("dialog canvas.heat");
  assert.equal(await heat.getAttribute("aria-label"), await opened.locator("dialog [data-map-says]").textContent());
  // It lies where the model looked.
  const [picture, canvas] = [await opened.locator("dialog .mapped img").boundingBox(), await heat.boundingBox()];
  const box = maps[0]?.box ?? [];
  assert.ok(Math.abs((canvas?.width ?? 0) - (picture?.width ?? 0) * (box[2] ?? 0)) < 1.5 && Math.abs((canvas?.x ?? 0) - (picture?.x ?? 0) - (picture?.width ?? 0) * (box[0] ?? 0)) < 1.5);
  const first = await heat.evaluate((c) => (c as HTMLCanvasElement).toDataURL());
  await opened.locator("dialog .map-choice button").nth(1).click();
  await eventually(async () => assert.notEqual(await heat.evaluate((c) => (c as HTMLCanvasElement).toDataURL()), first));
  assert.deepEqual(await barriers(opened), []);
  await opened.getByRole("button", { name: say("mapOff"), exact: true }).click();
  await eventually(async () => assert.equal(await heat.count(), 0));
  assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the screen");
  assert.deepEqual(faults, []);
  await close();
});

/** The mean colour of each picture that is shown. */
const meanColours = (opened: Page, where: string): Promise<number[][]> =>
  opened.locator(`${where} img`).evaluateAll((images) =>
    Promise.all(
      (images as HTMLImageElement[]).map(async (image) => {
        const copy = new Image();
        copy.src = image.src;
        await copy.decode();
        const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
        const context = canvas.getContext("2d");
        context?.drawImage(copy, 0, 0, 1, 1);
        return [...(context?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3);
      }),
    ),
  );

test("a cell opens the photos behind it, by mouse and by keyboard, and a photo its window", async () => {
  const { page: opened, faults, close } = await openPage(browser, page(), { width: 1440 });
  // A photo that was given the label of the next class shows the colour of its own: classes are in the order of their names in the picture.
  for (const [truth, said] of [
    [1, 0],
    [2, 2],
  ] as const) {
    const [a, b] = [evaluation.classes.findIndex((c) => c.name === hostile[truth]), evaluation.classes.findIndex((c) => c.name === hostile[said])];
    const cell = opened.locator(`[data-picture=confusion] .cell[data-true="${a}"][data-predicted="${b}"]`);
    const count = evaluation.confusion?.[a]?.[b] ?? 0;
    assert.ok(count >= 2, `the model was to say ${count} times what it shows`);
    if (truth === said) await cell.press("Enter");
    else await cell.click();
    await eventually(async () => {
      assert.equal(await opened.locator("#photos > li").count(), count);
      assert.equal(await cell.getAttribute("aria-pressed"), "true");
    });
    for (const mean of await meanColours(opened, "#photos")) assert.ok(mean.every((value, c) => Math.abs(value - (colours[said]?.[c] ?? 0)) < 25), `${String(mean)} is not ${String(colours[said])}`);
  }
  await opened.locator("#photos .photo").first().click();
  assert.match((await opened.locator("dialog[open] dd").first().textContent()) ?? "", /^long x+…x+$/);
  const name = await opened.locator(".window-name").textContent();
  await eventually(async () => {
    await opened.keyboard.press("ArrowRight");
    assert.notEqual(await opened.locator(".window-name").textContent(), name);
  });
  await opened.keyboard.press("Escape");
  await eventually(async () => assert.equal(await opened.locator("dialog").count(), 0));
  assert.deepEqual(faults, []);
  await close();
});

test("filters by class, kind and confidence", async () => {
  const { page: opened, close } = await openPage(browser, page(), { width: 1440 });
  const shows = async (count: number | undefined): Promise<void> => eventually(async () => assert.equal(await opened.locator("#photos > li").count(), count));
  const wrong = evaluation.count - (evaluation.right ?? 0);
  await shows(wrong); // the most confident mistakes are shown first
  await opened.getByRole("button", { name: say("kindAll"), exact: true }).click();
  await opened.selectOption("#filter-label", hostile[0] ?? "");
  await shows(evaluation.classes.find((c) => c.name === hostile[0])?.support);
  await opened.selectOption("#filter-kind", "right");
  await shows(evaluation.classes.find((c) => c.name === hostile[0])?.right);
  await opened.locator("#filter-high").fill("0.1");
  await eventually(async () => assert.equal(await opened.locator(".empty").first().textContent(), say("noneMatch")));
  await close();
});

test("names are shown as text, and none of them runs or turns the text around", async () => {
  const { page: opened, faults, close } = await openPage(browser, page(), { width: 1440 });
  const text = (await opened.locator("#classes").textContent()) ?? "";
  assert.ok(text.includes(shown(hostile[0] ?? "", 40)), text.slice(0, 400));
  assert.ok(text.includes("⟨U+202E⟩gnp.exe 😀"));
  assert.equal(await opened.locator("img[src=x]").count(), 0);
  assert.ok(!((await opened.locator("#app").textContent()) ?? "").includes("\u202e"));
  assert.deepEqual(faults, []);
  await close();
});

test("in Chinese where the browser prefers it, or is told to; English again by its button", async () => {
  const { page: opened, faults, close } = await openPage(browser, page(), { width: 1440, locale: "zh-CN" });
  assert.equal(await opened.locator("#classes h2").textContent(), sayIn("zh")("classes"));
  assert.equal(await opened.evaluate(() => document.documentElement.lang), "zh");
  await opened.getByRole("button", { name: "English" }).click();
  await eventually(async () => assert.equal(await opened.locator("#classes h2").textContent(), say("classes")));
  await close();
  const out = join(made.folder, "zh.html");
  graft(made.folder, ["report", "run", "--language", "zh", "--out", out]);
  const other = await openPage(browser, out, { width: 360 });
  assert.equal(await other.page.locator("#classes h2").textContent(), sayIn("zh")("classes"));
  assert.deepEqual([...faults, ...other.faults], []);
  await other.close();
});

test("a PDF has all sections", async () => {
  const { page: opened, close } = await openPage(browser, page(), { width: 1440 });
  const sections = await opened.locator("main h2").allTextContents();
  assert.ok(sections.length >= 5);
  const pdf = (await opened.pdf({ outline: true, tagged: true })).toString("latin1");
  for (const name of sections) assert.ok(pdf.includes(`(${name.replace(/[()\\]/g, "\\$&")})`), `${name} is not in the outline of the PDF`);
  await opened.emulateMedia({ media: "print" });
  for (const id of await opened.locator("main section").evaluateAll((all) => all.map((s) => s.id))) await eventually(async () => assert.ok(await opened.locator(`#${id}`).isVisible(), id));
  await close();
});

test("several runs are compared, and each can be chosen", async () => {
  const out = join(made.folder, "both.html");
  graft(made.folder, ["report", "run", "run", "--out", out]);
  const { page: opened, faults, close } = await openPage(browser, out, { width: 1440 });
  const rows = await numbers(opened, "comparison");
  assert.equal(rows.length, 2);
  for (const row of rows) near(row[1], evaluation.accuracy ?? 0);
  await opened.selectOption("#run", "1");
  await eventually(async () => assert.equal(await opened.locator("[data-number=accuracy]").textContent(), percent(evaluation.accuracy)));
  assert.deepEqual(faults, []);
  await close();
});

test("the page of a small run is small", () => {
  assert.ok(statSync(page()).size < 1_000_000, `${statSync(page()).size} bytes`);
});
