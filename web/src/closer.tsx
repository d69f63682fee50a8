// A closer look at one photo: where in it the model found its answer, and which photos of its training are most like it.
import { useEffect, useRef } from "preact/hooks";
import { useSay } from "./context.ts";
import type { Answer, HeatMap, Run } from "./data.ts";
import { shown, whole } from "./format.ts";
import { bytesOf, peakOf } from "./heat.ts";
import type { Say } from "./words.ts";

export const mapsOf = (run: Run, answer: Answer): HeatMap[] => {
  const photos = run.maps?.photos ?? {};
  return Object.hasOwn(photos, answer.path) ? (photos[answer.path] ?? []) : [];
};

const says = (run: Run, map: HeatMap, say: Say): string => {
  const name = shown(run.files.eval.classes[map.label]?.name ?? "", 30);
  const peak = peakOf(map);
  return peak === null ? say("mapNothing", name) : say("mapSays", name, say(peak));
};

/** Over the picture that it is of, whose box in the page is its parent's: what speaks for the class is bright and warm, the rest is darkened. */
function Overlay({ map, label }: { map: HeatMap; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined) return;
    const image = context.createImageData(map.width, map.height);
    bytesOf(map).forEach((byte, i) => {
      const v = byte / 255;
      image.data.set([Math.round(255 * v), Math.round(176 * v * v), 0, Math.round(255 * (0.62 - 0.24 * v))], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }, [map]);
  const [left, top, width, height] = map.box;
  const part = (v: number): string => `${(100 * v).toFixed(2)}%`;
  return <canvas ref={canvas} class="heat" width={map.width} height={map.height} role="img" aria-label={label} style={{ left: part(left), top: part(top), width: part(width), height: part(height) }} />;
}

/** The photo with its maps, one of which can be laid over it. `chosen`: the place of that among them; -1: none. */
export function MappedPhoto({ run, answer, chosen, alt }: { run: Run; answer: Answer; chosen: number; alt: string }) {
  const say = useSay();
  const map = mapsOf(run, answer)[chosen];
  if (answer.photo === undefined) return <p class="no-picture">{say("noPicture")}</p>;
  return (
    <div class="mapped">
      <img src={answer.photo} alt={alt} />
      {map !== undefined && <Overlay map={map} label={says(run, map, say)} />}
    </div>
  );
}

/** Which map is shown, what it says in words, and what no map says. */
export function MapChoice({ run, answer, chosen, choose }: { run: Run; answer: Answer; chosen: number; choose: (map: number) => void }) {
  const say = useSay();
  const maps = mapsOf(run, answer);
  if (maps.length === 0) return null;
  const map = maps[chosen];
  const button = (at: number, text: string) => (
    <button type="button" aria-pressed={(map === undefined ? -1 : chosen) === at} onClick={() => choose(at)}>
      {text}
    </button>
  );
  return (
    <div class="map-choice" data-maps={maps.length}>
      <p id="map-choice">{say("mapTitle")}</p>
      <div class="presets" role="group" aria-labelledby="map-choice">
        {maps.map((m, i) => button(i, shown(run.files.eval.classes[m.label]?.name ?? "", 24)))}
        {button(-1, say("mapOff"))}
      </div>
      {map !== undefined && <p data-map-says={map.label}>{says(run, map, say)}</p>}
      <p class="faint">{say("mapHonest")}</p>
    </div>
  );
}

/** The last two parts of a path: the folder is often the class. */
const lastParts = (path: string): string => path.split("/").slice(-2).join("/");

export function Nearest({ run, answer }: { run: Run; answer: Answer }) {
  const say = useSay();
  const photos = run.nearest?.photos ?? {};
  const found = Object.hasOwn(photos, answer.path) ? (photos[answer.path] ?? []) : [];
  if (found.length === 0) return null;
  return (
    <div class="nearest">
      <h3>{say("nearestTitle")}</h3>
      <ul class="photos small">
        {found.map(([path, similarity]) => {
          const photo = Object.hasOwn(run.photos, path) ? run.photos[path] : undefined;
          const name = shown(lastParts(path), 36);
          return (
            <li data-near={path} title={path}>
              {photo === undefined ? <span class="no-picture">{say("noPicture")}</span> : <img src={photo} alt="" />}
              <span class="caption">
                <bdi>{name}</bdi>
                <span class="faint">{similarity.toFixed(3)}</span>
              </span>
            </li>
          );
        })}
      </ul>
      <p class="faint">{say("nearestSays", whole(run.nearest?.of ?? 0))}</p>
    </div>
  );
}
