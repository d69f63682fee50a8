// The bundle is that of the pinned hash, and what is in it has its licence where licences are told.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makePage } from "../bundle.ts";

const web = join(import.meta.dirname, "..");
const { html, packages } = await makePage();

test("the page has the SHA-256 of bundle.sha256; `node web/bundle.ts FILE --pin` writes it after a change", () => {
  assert.equal(createHash("sha256").update(html).digest("hex"), readFileSync(join(web, "bundle.sha256"), "utf8").trim());
});

test("each package in it is named in THIRD_PARTY_NOTICES.md, and its licence in the page", () => {
  const notices = readFileSync(join(web, "../THIRD_PARTY_NOTICES.md"), "utf8");
  const inPage = /id="licences">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
  assert.ok(packages.length > 5);
  for (const name of packages) {
    assert.ok(notices.includes(`\`${name}\``), `${name} is not in THIRD_PARTY_NOTICES.md`);
    assert.ok(inPage.includes(`${name} `), `${name} is not in the page`);
  }
});

test("the page asks for nothing: no address of anything that would be fetched", () => {
  assert.doesNotMatch(html, /<(?:script|link|img|iframe)[^>]*\s(?:src|href)=/i);
  assert.doesNotMatch(html, /@import|url\(\s*["']?https?:/i);
  assert.match(html, /default-src 'none'/);
});
