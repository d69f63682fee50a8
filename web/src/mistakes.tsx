// The confusion matrix, and the photos: a cell of the one chooses among the others.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useSay } from "./context.ts";
import type { Answer, Run } from "./data.ts";
import { confidentMistakes, everything, matching, unsureHits } from "./filter.ts";
import type { Filter } from "./filter.ts";
import { percent, shellWord, shown, visible, whole } from "./format.ts";
import { Photo } from "./photo.tsx";
import { Picture } from "./picture.tsx";

const kPage = 24;

function Matrix({ run, filter, choose }: { run: Run; filter: Filter; choose: (truth: string, said: string) => void }) {
  const say = useSay();
  const picture = useRef<SVGSVGElement | null>(null);
  const chosen = useRef(choose);
  chosen.current = choose;
  const names = run.files.eval.classes;
  const prepare = useCallback(
    (svg: SVGSVGElement) => {
      picture.current = svg;
      svg.setAttribute("role", "group");
      for (const cell of svg.querySelectorAll<SVGGElement>(".cell")) {
        const truth = names[Number(cell.dataset["true"])]?.name ?? "";
        const said = names[Number(cell.dataset["predicted"])]?.name ?? "";
        const count = Number(cell.dataset["count"]);
        cell.setAttribute("aria-label", say("cellSays", shown(truth, 40), shown(said, 40), count));
        if (count === 0) {
          cell.setAttribute("aria-hidden", "true");
          continue;
        }
        cell.setAttribute("role", "button");
        cell.setAttribute("tabindex", "0");
        cell.addEventListener("click", () => chosen.current(truth, said));
        cell.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          chosen.current(truth, said);
        });
      }
    },
    [names, say],
  );
  useEffect(() => {
    for (const cell of picture.current?.querySelectorAll<SVGGElement>('.cell[role="button"]') ?? []) {
      const is = names[Number(cell.dataset["true"])]?.name === filter.label && names[Number(cell.dataset["predicted"])]?.name === filter.predicted;
      cell.setAttribute("aria-pressed", String(is));
    }
  });
  return (
    <div>
      <p>{say("matrixSays")}</p>
      <div class="scroll">
        <Picture name="confusion" svg={run.confusion} label={say("matrixSays")} prepare={prepare} />
      </div>
    </div>
  );
}

function ClassChoice({ id, label, value, classes, set }: { id: string; label: string; value: string; classes: string[]; set: (value: string) => void }) {
  const say = useSay();
  return (
    <label for={id}>
      <span>{label}</span>
      <select id={id} value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{say("anyClass")}</option>
        {classes.map((name) => (
          <option value={name} selected={name === value}>
            {shown(name, 40)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Filters({ run, filter, set }: { run: Run; filter: Filter; set: (filter: Filter) => void }) {
  const say = useSay();
  const change = (part: Partial<Filter>): void => set({ ...filter, ...part });
  const same = (other: Filter): boolean => Object.entries(other).every(([key, value]) => filter[key as keyof Filter] === value);
  const preset = (name: string, other: Filter) => (
    <button type="button" aria-pressed={same(other)} onClick={() => set(other)}>
      {name}
    </button>
  );
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <div class="presets">
        {preset(say("presetMistakes"), confidentMistakes)}
        {preset(say("presetHits"), unsureHits)}
        {preset(say("kindAll"), everything)}
      </div>
      <div class="choices">
        <ClassChoice id="filter-label" label={say("filterClass")} value={filter.label} classes={run.classes} set={(label) => change({ label })} />
        <ClassChoice id="filter-predicted" label={say("filterPredicted")} value={filter.predicted} classes={run.classes} set={(predicted) => change({ predicted })} />
        <label for="filter-kind">
          <span>{say("filterKind")}</span>
          <select id="filter-kind" value={filter.kind} onChange={(event) => change({ kind: event.currentTarget.value as Filter["kind"] })}>
            <option value="all">{say("kindAll")}</option>
            <option value="wrong">{say("kindWrong")}</option>
            <option value="right">{say("kindRight")}</option>
          </select>
        </label>
        <label for="filter-order">
          <span>{say("order")}</span>
          <select id="filter-order" value={filter.order} onChange={(event) => change({ order: event.currentTarget.value as Filter["order"] })}>
            <option value="confident">{say("orderConfident")}</option>
            <option value="unsure">{say("orderUnsure")}</option>
            <option value="loss">{say("orderLoss")}</option>
          </select>
        </label>
        <fieldset>
          <legend>{say("confidenceFrom", percent(filter.low, 0), percent(filter.high, 0))}</legend>
          <input id="filter-low" type="range" min={0} max={1} step={0.01} value={filter.low} aria-label={say("lowest")} onInput={(event) => change({ low: Math.min(Number(event.currentTarget.value), filter.high) })} />
          <input id="filter-high" type="range" min={0} max={1} step={0.01} value={filter.high} aria-label={say("highest")} onInput={(event) => change({ high: Math.max(Number(event.currentTarget.value), filter.low) })} />
        </fieldset>
      </div>
    </form>
  );
}

export function Mistakes({ run, open }: { run: Run; open: (answers: Answer[], at: number) => void }) {
  const say = useSay();
  const anyWrong = run.answers.some((a) => !a.right);
  const [filter, setFilter] = useState<Filter>(anyWrong ? confidentMistakes : unsureHits);
  const [most, setMost] = useState(kPage);
  const photos = useRef<HTMLHeadingElement>(null);
  const set = (next: Filter): void => {
    setFilter(next);
    setMost(kPage);
  };
  const found = matching(run.answers, filter);
  const choose = (truth: string, said: string): void => {
    set({ ...everything, label: truth, predicted: said, order: "confident" });
    photos.current?.scrollIntoView({ block: "nearest" });
  };
  const pictures = Object.keys(run.photos).length;
  return (
    <section id="mistakes" aria-labelledby="mistakes-title">
      <h2 id="mistakes-title">{say("mistakes")}</h2>
      {!anyWrong && <p>{say("noMistakes")}</p>}
      {run.confusion !== "" && <Matrix run={run} filter={filter} choose={choose} />}
      <h3 ref={photos}>{say("photosTitle")}</h3>
      {run.predictions.rows < run.predictions.total && (
        <p class="note">{say("sampledRows", whole(run.predictions.total), whole(run.predictions.rows - run.predictions.added.length), whole(run.predictions.added.length))}</p>
      )}
      {pictures < run.answers.length && <p class="note">{say("sampledPictures", pictures)}</p>}
      {run.maps?.why_not !== undefined && <p class="faint">{say("mapsNone", shown(run.maps.why_not, 300))}</p>}
      {run.maps === undefined && run.answers.length > 0 && <p class="faint">{say("mapsLater", visible(shellWord(run.folder)))}</p>}
      <Filters run={run} filter={filter} set={set} />
      <p role="status" id="photos-count">
        {say("photosSays", found.length, run.answers.length)}
      </p>
      {found.length === 0 ? (
        <p class="empty">{say("noneMatch")}</p>
      ) : (
        <ul class="photos" id="photos">
          {found.slice(0, most).map((answer, i) => (
            <li key={answer.path}>
              <Photo answer={answer} onOpen={() => open(found, i)} />
            </li>
          ))}
        </ul>
      )}
      {found.length > most && (
        <button type="button" onClick={() => setMost(most + 2 * kPage)}>
          {say("more", Math.min(2 * kPage, found.length - most))}
        </button>
      )}
    </section>
  );
}
