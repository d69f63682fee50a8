// usage: node web/bundle.ts FILE [--pin]
//
// Makes the page of reports: src/page.html with the style, the program and the licences of what is in it, as one file that asks for no other. The program
// embeds it and puts the data in (src/graft/report/page.cpp). The same sources give the same bytes; --pin writes their SHA-256 into bundle.sha256.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Metafile } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** Parts of these are inside of d3-array's own file. */
const kWithin = ["internmap"];

/** The packages that parts of are in the bundle, by name. */
export function packagesIn(metafile: Metafile): string[] {
  const names = new Set<string>(kWithin);
  for (const [path, input] of Object.entries(metafile.outputs).flatMap(([, output]) => Object.entries(output.inputs))) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1];
    if (name !== undefined && input.bytesInOutput > 0) names.add(name);
  }
  return [...names].sort();
}

interface Licence {
  packages: string[];
  text: string;
}

/** The texts of their licences, each once, with the packages that have it. Throws where a package has none. */
function licencesOf(packages: string[]): Licence[] {
  const byText = new Map<string, string[]>();
  for (const name of packages) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string; license: string };
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence in its package`);
    const text = readFileSync(join(folder, file), "utf8").trim();
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...byText].map(([text, names]) => ({ packages: names, text }));
}

async function bundled(entry: string): Promise<{ text: string; metafile: Metafile }> {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target: ["es2022", "chrome110", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return { text: file.text.trim(), metafile: result.metafile };
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What Observable Plot writes into each chart of the class `plot` (src/chart.tsx): a style that the page must allow. */
function styleOfPlot(): string {
  const source = readFileSync(join(here, "node_modules/@observablehq/plot/src/plot.js"), "utf8");
  const text = /svg\.append\("style"\)\.text\(\s*`([^`]*)`/.exec(source)?.[1];
  if (text === undefined) throw new Error("Observable Plot has no style where it was; look at its src/plot.js");
  return text.replaceAll("${className}", "plot");
}

/** The page, with a place for its data, and the packages in it. */
export async function makePage(): Promise<{ html: string; packages: string[] }> {
  const [style, program] = [await bundled("src/style.css"), await bundled("src/main.tsx")];
  if (/<\/(script|style)/i.test(program.text + style.text)) throw new Error("the bundle would end the element that it stands in");
  const packages = packagesIn(program.metafile);
  const policy = [
    "default-src 'none'",
    "img-src data:",
    `script-src ${hashOf(program.text)}`,
    `style-src ${hashOf(style.text)} ${hashOf(styleOfPlot())}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts: Record<string, string> = {
    POLICY: policy,
    STYLE: style.text,
    PROGRAM: program.text,
    LICENCES: JSON.stringify(licencesOf(packages)).replaceAll("<", "\\u003c"),
  };
  const html = readFileSync(join(here, "src/page.html"), "utf8").replace(/\{\{([A-Z]+)\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`src/page.html has a place ${name} that nothing is for`);
    return part;
  });
  return { html, packages };
}

if (process.argv[1] !== undefined && existsSync(process.argv[1]) && fileURLToPath(import.meta.url) === process.argv[1]) {
  const [file, option] = process.argv.slice(2);
  if (file === undefined || (option !== undefined && option !== "--pin")) {
    console.error("usage: node web/bundle.ts FILE [--pin]");
    process.exit(2);
  }
  const { html } = await makePage();
  writeFileSync(file, html);
  if (option === "--pin") writeFileSync(join(here, "bundle.sha256"), `${createHash("sha256").update(html).digest("hex")}\n`);
}
