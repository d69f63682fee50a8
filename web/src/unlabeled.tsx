// What came of photos without labels (--unlabeled): the ways to learn from them side by side, and the classes that they were given. As history.json has it.
import { useSay } from "./context.ts";
import type { FromUnlabeled, Run } from "./data.ts";
import { decimal, percent, visible, whole } from "./format.ts";
import { ClassParts, Warnings } from "./parts.tsx";

export const unlabeledOf = (run: Run): FromUnlabeled | undefined => run.files.history?.unlabeled;

const sum = (counts: number[]): number => counts.reduce((a, b) => a + b, 0);

function Ways({ found }: { found: FromUnlabeled }) {
  const say = useSay();
  return (
    <>
      <h3>{say("unlabeledWays")}</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label={say("unlabeledWays")}>
        <table class="methods" data-ways={found.ways.length}>
          <thead>
            <tr>
              <th scope="col">{say("unlabeledWay")}</th>
              <th scope="col">{say("unlabeledAccuracy")}</th>
              <th scope="col">{say("unlabeledGain")}</th>
            </tr>
          </thead>
          <tbody>
            {found.ways.map((way, i) => (
              <tr class={way.way === found.chosen ? "taken" : ""} data-way={way.way}>
                <th scope="row">
                  {i === 0 ? say("unlabeledNone") : way.way}
                  {way.way === found.chosen && <span class="faint"> {say("adaptChosen")}</span>}
                </th>
                <td data-number="accuracy">{percent(way.accuracy)}</td>
                <td data-number="gain">{i === 0 ? "–" : `${decimal(way.log_loss_gain, 3)} ± ${decimal(way.standard_error, 3)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="faint">{say("unlabeledColumns", whole(found.judged_on), found.judges)}</p>
    </>
  );
}

/** The pseudo-labels of the way that was taken, else of the one that came nearest. */
function Given({ found }: { found: FromUnlabeled }) {
  const say = useSay();
  const others = found.ways.filter((way) => way.pseudo_labels !== undefined);
  const way = others.find((w) => w.way === found.chosen) ?? [...others].sort((a, b) => (b.log_loss_gain ?? 0) - (a.log_loss_gain ?? 0))[0];
  const labels = way?.pseudo_labels ?? [];
  const [given, trained] = [sum(labels), sum(found.classes.map((c) => c.train_images))];
  if (way === undefined || given === 0 || trained === 0) return null;
  return (
    <ClassParts
      name="pseudo-labels"
      title={say("unlabeledParts")}
      says={say("unlabeledPartsSays", way.way)}
      first={say("unlabeledTraining")}
      second={say("unlabeledGiven")}
      columns={[say("unlabeledTrainingPhotos"), say("unlabeledGivenPhotos")]}
      classes={found.classes.map((c, k) => ({ name: c.name, first: c.train_images / trained, second: (labels[k] ?? 0) / given, more: [c.train_images, labels[k] ?? 0] }))}
    />
  );
}

export function FromUnlabeledPhotos({ run }: { run: Run }) {
  const say = useSay();
  const found = unlabeledOf(run);
  if (found === undefined) return null;
  const used = found.chosen !== found.ways[0]?.way;
  return (
    <section id="unlabeled" aria-labelledby="unlabeled-title">
      <h2 id="unlabeled-title">{say("unlabeled")}</h2>
      <p data-number="unlabeled-photos">
        {say("unlabeledPhotos", whole(found.photos))} {found.in_training > 0 && say("unlabeledInTraining", whole(found.in_training))}
      </p>
      <p data-number="unlabeled-reason">{used ? say("unlabeledUsed", found.chosen, visible(found.reason)) : say("unlabeledNotUsed", visible(found.reason))}</p>
      <Warnings of={found.warnings} />
      {found.judged_on > 0 && <Ways found={found} />}
      <Given found={found} />
      {found.sure !== null && <p data-number="sure">{say("unlabeledSure", percent(found.sure, 0))}</p>}
    </section>
  );
}
