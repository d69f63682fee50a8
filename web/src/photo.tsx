// A photo of the page, and the window in which it is looked at.
import { useEffect, useRef, useState } from "preact/hooks";
import { MapChoice, MappedPhoto, Nearest } from "./closer.tsx";
import { useSay } from "./context.ts";
import type { Answer, Run } from "./data.ts";
import { decimal, fileName, linkTo, percent, shown } from "./format.ts";

const named = (names: readonly string[], none: string): string => (names.length === 0 ? none : names.map((n) => shown(n, 40)).join(", "));

export function Photo({ answer, onOpen, plain = false }: { answer: Answer; onOpen: () => void; plain?: boolean }) {
  const say = useSay();
  const labels = named(answer.labels, say("none"));
  const predicted = named(answer.predicted, say("none"));
  const label = `${say("trueClass")}: ${labels}; ${say("saidClass")}: ${predicted}, ${percent(answer.confidence)}; ${shown(fileName(answer.path), 40)}`;
  return (
    <button type="button" class={`photo ${plain ? "" : answer.right ? "is-right" : "is-wrong"}`} data-path={answer.path} onClick={onOpen} {...(plain ? { "aria-label": label } : {})}>
      {answer.photo === undefined ? <span class="no-picture">{say("noPicture")}</span> : <img src={answer.photo} alt="" decoding="async" />}
      {!plain && (
        <span class="caption">
          <span class="said">
            <span aria-hidden="true">{answer.right ? "✓ " : "✗ "}</span>
            <span class="hidden">{say("saidClass")}: </span>
            <bdi>{predicted}</bdi>
          </span>
          {!answer.right && (
            <span class="truth">
              {say("trueClass")}: <bdi>{labels}</bdi>
            </span>
          )}
          <span class="faint">{percent(answer.confidence)}</span>
        </span>
      )}
    </button>
  );
}

const kMostClasses = 8;

export function PhotoWindow({ run, answers, at, onMove, onClose }: { run: Run; answers: readonly Answer[]; at: number; onMove: (at: number) => void; onClose: () => void }) {
  const say = useSay();
  const dialog = useRef<HTMLDialogElement>(null);
  const [map, setMap] = useState(0); // stays while the reader goes from photo to photo
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  const answer = answers[at];
  if (answer === undefined) return null;
  const ranked = answer.probabilities.map((p, i) => ({ p, name: run.classes[i] ?? "" })).sort((a, b) => b.p - a.p).slice(0, kMostClasses);
  const move = (by: number): void => {
    if (at + by >= 0 && at + by < answers.length) onMove(at + by);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "ArrowRight") move(1);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} onClose={onClose} onKeyDown={onKey} aria-label={shown(fileName(answer.path), 60)} onClick={(event) => event.target === dialog.current && dialog.current?.close()}>
      <div class="window">
        <div class="window-picture">
          <MappedPhoto run={run} answer={answer} chosen={map} alt={`${say("trueClass")}: ${named(answer.labels, say("none"))}`} />
          <MapChoice run={run} answer={answer} chosen={map} choose={setMap} />
        </div>
        <div class="window-facts">
          <p class="window-name" title={answer.path}>
            <bdi>{shown(fileName(answer.path), 60)}</bdi>
          </p>
          <dl>
            <dt>{say("trueClass")}</dt>
            <dd>
              <bdi>{named(answer.labels, say("none"))}</bdi>
            </dd>
            <dt>{say("saidClass")}</dt>
            <dd class={answer.right ? "good" : "bad"}>
              <span aria-hidden="true">{answer.right ? "✓ " : "✗ "}</span>
              <bdi>{named(answer.predicted, say("none"))}</bdi>
            </dd>
            {answer.byCosts !== undefined && (
              <>
                <dt>{say("byCosts")}</dt>
                <dd>
                  <bdi>{shown(answer.byCosts.name, 40)}</bdi> ({decimal(answer.byCosts.cost)})
                </dd>
              </>
            )}
            {answer.set !== undefined && (
              <>
                <dt>{say("set")}</dt>
                <dd>
                  <bdi>{named(answer.set, say("none"))}</bdi>
                </dd>
              </>
            )}
            <dt>{say("loss")}</dt>
            <dd>{decimal(answer.loss)}</dd>
          </dl>
          <ul class="probabilities">
            {ranked.map(({ p, name }) => (
              <li>
                <bdi>{shown(name, 30)}</bdi>
                <meter min={0} max={1} value={p} aria-label={shown(name, 30)} />
                <span>{percent(p)}</span>
              </li>
            ))}
          </ul>
          <p>
            <a href={linkTo(answer.path)} target="_blank" rel="noopener noreferrer">
              {say("openPhoto")}
            </a>
          </p>
        </div>
        <Nearest run={run} answer={answer} />
        <div class="window-buttons">
          <button type="button" onClick={() => move(-1)} disabled={at === 0}>
            ← {say("previous")}
          </button>
          <span class="faint">
            {at + 1} / {answers.length}
          </span>
          <button type="button" onClick={() => move(1)} disabled={at + 1 >= answers.length}>
            {say("next")} →
          </button>
          <button type="button" class="main" onClick={() => dialog.current?.close()}>
            {say("close")}
          </button>
        </div>
      </div>
    </dialog>
  );
}
