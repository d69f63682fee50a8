// The answer first: how good, whether that is worth anything, and what to do next.
import { adaptationOf } from "./adaptation.tsx";
import { headline, nextSteps, verdicts } from "./advice.ts";
import { useSay } from "./context.ts";
import type { Interval, Run } from "./data.ts";
import { decimal, percent, shown, whole } from "./format.ts";
import type { Key } from "./words.ts";

/** The value on a line from 0 to 1 with its interval, and what is to be beaten. */
function Bar({ value, interval, beat }: { value: number; interval: Interval | null; beat: number | undefined }) {
  const at = (v: number): string => (100 * v).toFixed(2);
  return (
    <svg class="answer-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect x="0" y="3" width="100" height="2" rx="1" class="track" />
      {interval !== null && <rect x={at(interval[0])} y="1.5" width={at(interval[1] - interval[0])} height="5" class="interval" />}
      {beat !== undefined && <rect x={at(beat)} y="0" width="0.4" height="8" class="beat" />}
      <rect x={at(Math.min(value, 0.995))} y="0" width="0.6" height="8" class="value" />
    </svg>
  );
}

const kScores: [string, Key, boolean][] = [
  ["balanced_accuracy", "balancedAccuracy", true],
  ["macro_f1", "macroF1", false],
  ["mean_average_precision", "meanAp", false],
  ["auroc", "auroc", false],
  ["log_loss", "logLoss", false],
];

const kTitles: Record<string, string> = { ece: "ECE", brier: "Brier", kappa: "Cohen's κ", mcc: "MCC", top5: "top-5" };

function Scores({ run }: { run: Run }) {
  const say = useSay();
  const evaluation = run.files.eval;
  const rows = [...kScores.map(([key, word, inPercent]) => [key, say(word), inPercent] as const), ...Object.entries(kTitles).map(([key, title]) => [key, title, key === "top5"] as const)];
  const found = rows.filter(([key]) => typeof evaluation[key] === "number");
  return (
    <dl class="scores" aria-label={say("scores")}>
      {found.map(([key, title, inPercent]) => {
        const interval = evaluation.intervals?.[key];
        const text = (v: number): string => (inPercent ? percent(v) : decimal(v));
        return (
          <div data-score={key}>
            <dt>{title}</dt>
            <dd>
              <b>{text(evaluation[key] as number)}</b>
              {Array.isArray(interval) && (
                <span class="faint">
                  {text(interval[0])} – {text(interval[1])}
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

export function Summary({ run }: { run: Run }) {
  const say = useSay();
  const evaluation = run.files.eval;
  const { value, interval, right } = headline(evaluation);
  const strategy = run.files.history?.phases.at(-1)?.strategy;
  const backbone = run.options.find((o) => o.name === "backbone")?.value;
  const signs = { good: "✓", unsure: "~", bad: "✗", plain: "·" };
  return (
    <section id="answer" aria-labelledby="answer-title">
      <h2 id="answer-title" class="hidden">
        {say("answer")}
      </h2>
      <div class="answer">
        <div class="answer-number">
          <p class="big" data-number="accuracy">
            {percent(value)}
          </p>
          <p class="unit">{run.multi ? say("allRight") : say("right")}</p>
          <Bar value={value} interval={interval} beat={evaluation.largest_class?.accuracy} />
          <p>{say("ofPhotos", right === null ? "–" : whole(right), whole(evaluation.count))}</p>
          {adaptationOf(run) !== undefined && <p class="faint">{say("answerOfSource")}</p>}
          {interval !== null && <p class="faint">{say("interval", percent(interval[0]), percent(interval[1]))}</p>}
          {evaluation.largest_class !== undefined && (
            <p class="faint">
              <span class="swatch mark orange" />
              {say("alwaysLargest", shown(evaluation.largest_class.name, 24), percent(evaluation.largest_class.accuracy))}
            </p>
          )}
          {strategy !== undefined && (
            <p class="faint">
              {backbone}, {strategy}
            </p>
          )}
        </div>
        <div class="answer-words">
          <ul class="verdicts">
            {verdicts(run, say).map((v) => (
              <li class={v.mood}>
                <span class="sign" aria-hidden="true">
                  {signs[v.mood]}
                </span>
                <span>{v.text}</span>
              </li>
            ))}
          </ul>
          <h3>{say("nextSteps")}</h3>
          <ol class="steps">
            {nextSteps(run, say).map((step) => (
              <li>{step}</li>
            ))}
          </ol>
        </div>
      </div>
      <Scores run={run} />
    </section>
  );
}
