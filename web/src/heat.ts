// What a heat map says, for those who do not see it.
import type { HeatMap } from "./data.ts";
import type { Key } from "./words.ts";

/** The bytes of a map, row by row. */
export const bytesOf = (map: HeatMap): Uint8Array => Uint8Array.from(atob(map.values), (letter) => letter.charCodeAt(0));

const kPlaces: Key[][] = [
  ["upperLeft", "upperMiddle", "upperRight"],
  ["middleLeft", "centre", "middleRight"],
  ["lowerLeft", "lowerMiddle", "lowerRight"],
];

/** Where a map is highest, in words: of the photo, not only of the part that the model sees. */
export function peakOf(map: HeatMap): Key | null {
  const bytes = bytesOf(map);
  let at = 0;
  for (let i = 1; i < bytes.length; ++i) if ((bytes[i] ?? 0) > (bytes[at] ?? 0)) at = i;
  if ((bytes[at] ?? 0) === 0) return null;
  const [left, top, width, height] = map.box;
  const third = (v: number): number => Math.max(0, Math.min(2, Math.floor(3 * v)));
  const x = left + (width * ((at % map.width) + 0.5)) / map.width;
  const y = top + (height * (Math.floor(at / map.width) + 0.5)) / map.height;
  return kPlaces[third(y)]?.[third(x)] ?? null;
}
