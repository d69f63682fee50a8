// Numbers and names for people.

export const percent = (value: number | null | undefined, digits = 1): string => (value === null || value === undefined || Number.isNaN(value) ? "–" : `${(100 * value).toFixed(digits)} %`);

export const decimal = (value: number | null | undefined, digits = 3): string => (value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits));

export const whole = (value: number): string => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const all = Math.round(seconds);
  const two = (n: number): string => n.toString().padStart(2, "0");
  return all < 3600 ? `${Math.floor(all / 60)}:${two(all % 60)} min` : `${Math.floor(all / 3600)}:${two(Math.floor(all / 60) % 60)} h`;
}

export function bytes(size: number): string {
  for (const [unit, power] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]] as const) if (size >= power) return `${(size / power).toFixed(size >= 100 * power ? 0 : 1)} ${unit}`;
  return `${size} B`;
}

const kHidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** What would be invisible, or turn the text around it, as its number: of every text that may hold a stranger's name. */
export const visible = (text: string): string => text.replace(kHidden, (letter) => `\u27e8U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`);

/** A name of a stranger's file or class: visible, and without the middle of a long one. */
export function shown(name: string, most = 80): string {
  const text = visible(name);
  const letters = [...text];
  if (letters.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${letters.slice(0, most - 1 - half).join("")}…${letters.slice(letters.length - half).join("")}`;
}

/** The last part of a path. */
export const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Of paths that name different things, as few of their last parts as tell each from the others; of one path twice, which of them. */
export function shortNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split("/").filter((part) => part !== ""));
  const last = (i: number, count: number): string => parts[i]?.slice(-count).join("/") || (paths[i] ?? "");
  const names = paths.map((path, i) => {
    let count = 1;
    while (count < (parts[i]?.length ?? 0) && paths.some((other, j) => other !== path && last(j, count) === last(i, count))) ++count;
    return last(i, count);
  });
  return names.map((name, i) => {
    const before = paths.slice(0, i).filter((path) => path === paths[i]).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

/** A relative link to a photo that no name can turn into another kind of link. */
export function linkTo(path: string): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return encoded.startsWith("/") ? `file://${encoded}` : `./${encoded}`;
}

/** A word as a POSIX shell takes it. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
