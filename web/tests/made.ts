// Runs of the real program on made photos, for the tests of the page.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

/** What a stranger may call his classes: the end of a script, a mark that turns text around with an emoji, and 4 kB. */
export const hostile = ["</script><script>alert(1)</script><img src=x onerror=alert(2)>", "\u202egnp.exe \u{1F600} &amp <b> \"'", `long ${"x".repeat(4090)}`];
export const colours = [
  [200, 40, 40],
  [40, 170, 60],
  [50, 70, 210],
] as const;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** A PNG of one colour with stripes, other ones for each number. */
export function madePhoto(colour: readonly number[], number: number, side = 48): Buffer {
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let y = 0; y < side; ++y)
    for (let x = 0; x < side; ++x)
      for (let c = 0; c < 3; ++c) rows[y * (1 + 3 * side) + 1 + 3 * x + c] = Math.max(0, Math.min(255, (colour[c] ?? 0) + (((x * (1 + (number % 5)) + y * (number % 7)) % 16) - 8)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

const field = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Of class `truth` taken for `said`. */
export const costOf = (truth: number, said: number): number => (truth === said ? 0 : truth === 0 ? 5 : 1);

/** A run on photos whose classes are colours, of which every `wrong`-th for validation has the label of the next class. Returns its folder. */
export function madeRun(wrong: number): { folder: string; run: string } {
  const program = process.env["GRAFT"];
  if (program === undefined) throw new Error("GRAFT is not set: the path of the program; ctest sets it");
  const folder = mkdtempSync(join(tmpdir(), "graft-page-"));
  const table = (part: string, each: number, name: (label: number, i: number) => string): void => {
    mkdirSync(join(folder, part));
    const lines = ["path,label"];
    for (let label = 0; label < colours.length; ++label)
      for (let i = 0; i < each; ++i) {
        const path = `${part}/${name(label, i)}`;
        writeFileSync(join(folder, path), madePhoto(colours[label] ?? [0, 0, 0], i));
        const said = part === "val" && i % wrong === 0 ? (label + 1) % colours.length : label;
        lines.push(`${field(path)},${field(hostile[said] ?? "")}`);
      }
    writeFileSync(join(folder, `${part}.csv`), `${lines.join("\n")}\n`);
  };
  table("train", 12, (label, i) => `${label}-${i}.png`);
  table("val", 10, (label, i) => `${label}-${i} <img src=x onerror=alert(3)>"'.png`);
  const costs = hostile.flatMap((truth, i) => hostile.flatMap((said, j) => (i === j ? [] : [`${field(truth)},${field(said)},${costOf(i, j)}`])));
  writeFileSync(join(folder, "costs.csv"), `${["true,predicted,cost", ...costs].join("\n")}\n`);
  graft(folder, ["fit", "train.csv", "--val", "val.csv", "--out", "run", "--strategy", "head", "--precision", "float32", "--coverage", "0.9", "--costs", "costs.csv"]);
  return { folder, run: join(folder, "run") };
}

/** In the folder of `madeRun`: the same colours as a darker lamp shows them, without labels, and with labels a few for measuring. Returns the run that was adapted to them. */
export function adaptedRun(folder: string, method: string): string {
  mkdirSync(join(folder, "elsewhere"));
  mkdirSync(join(folder, "checked"));
  const lines = ["path,label"];
  for (let label = 0; label < colours.length; ++label)
    for (let i = 0; i < 10; ++i) {
      const photo = madePhoto((colours[label] ?? [0, 0, 0]).map((c) => c / 2), 20 + i);
      if (i < 7) writeFileSync(join(folder, "elsewhere", `${label}-${i}.png`), photo);
      else {
        writeFileSync(join(folder, "checked", `${label}-${i}.png`), photo);
        lines.push(`${field(`checked/${label}-${i}.png`)},${field(hostile[label] ?? "")}`);
      }
    }
  writeFileSync(join(folder, "checked.csv"), `${lines.join("\n")}\n`);
  graft(folder, ["adapt", "--source", "train.csv", "--val", "val.csv", "--target", "elsewhere", "--target-test", "checked.csv", "--method", method, "--features", "last", "--size", "64", "--out", "adapted"]);
  return join(folder, "adapted");
}

/** A run in `folder` like madeRun's that has also learned from photos without labels, by pseudo-labels. */
export function semiRun(folder: string): string {
  mkdirSync(join(folder, "more"));
  for (let i = 0; i < 24; ++i) writeFileSync(join(folder, "more", `${i}.png`), madePhoto((colours[i % 2] ?? [0, 0, 0]).map((c) => 0.9 * c), i));
  graft(folder, ["fit", "train.csv", "--val", "val.csv", "--unlabeled", "more", "--semi", "pseudo-labels", "--strategy", "head", "--features", "last", "--size", "64", "--out", "semi"]);
  return join(folder, "semi");
}

export function graft(folder: string, words: string[]): string {
  return execFileSync(process.env["GRAFT"] ?? "graft", words, { cwd: folder, encoding: "utf8", env: { ...process.env, GRAFT_CACHE: join(folder, "cache") }, stdio: ["ignore", "pipe", "pipe"] });
}
