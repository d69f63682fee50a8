// Chromium with a page of a report in it, and what went wrong there.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";

export async function openBrowser(): Promise<Browser> {
  const program = process.env["GRAFT_CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(program)) throw new Error(`${program} is not there: scripts/setup --tests installs Chromium, or set GRAFT_CHROMIUM to the path of one`);
  return chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** What axe finds that is serious, or worse. */
export async function barriers(page: Page): Promise<{ id: string; where: string[] }[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } };
    return (await axe.run()).violations.map((v) => ({ id: v.id, impact: v.impact, where: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)) }));
  });
  return found.filter((v) => v.impact === "serious" || v.impact === "critical").map(({ id, where }) => ({ id, where }));
}

/** Until it passes: the page draws what changed after the event that changed it. After 10 s its failure counts. */
export async function eventually(check: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 10_000; ; ) {
    try {
      return await check();
    } catch (failure) {
      if (Date.now() > end) throw failure;
      await new Promise((again) => setTimeout(again, 50));
    }
  }
}

export interface Opened {
  page: Page;
  /** Errors of the console and of the program, questions that a script asked, and addresses that were asked for. */
  faults: string[];
  close: () => Promise<void>;
}

export async function openPage(browser: Browser, file: string, options: { width: number; dark?: boolean; locale?: string }): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: options.width, height: 900 }, colorScheme: options.dark === true ? "dark" : "light", locale: options.locale ?? "en-GB" });
  const page = await context.newPage();
  const faults: string[] = [];
  const address = pathToFileURL(file).href;
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) faults.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  await page.waitForSelector("[data-chart=pr] svg, [data-chart=classes] svg");
  return { page, faults, close: () => context.close() };
}
