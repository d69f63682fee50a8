// What the model was compared with on its way: naming the largest class, other features, other trainings, other networks. As history.json has it.
import { headline } from "./advice.ts";
import type { Run } from "./data.ts";
import { shown, visible, whole } from "./format.ts";
import type { Say } from "./words.ts";

interface Row {
  name: string;
  accuracy?: number | undefined;
  loss?: number | undefined;
  taken?: boolean;
  note?: string;
}

interface Trial {
  strategy: string;
  unfreeze?: string;
  epochs?: number;
  lr?: number;
  judged_on: number;
  head_accuracy: number;
  accuracy?: number;
  pays?: boolean;
  stopped?: string;
}

interface LargerPicture {
  photos: number;
  compared: { size: number; resize: number; log_loss: number }[];
  taken: boolean;
}

const optionsOf = (t: Trial): string =>
  [t.strategy, t.unfreeze === undefined ? "" : `--unfreeze ${t.unfreeze}`, t.epochs === undefined ? "" : `--epochs ${t.epochs}`, t.lr === undefined ? "" : `--lr ${t.lr}`].filter((word) => word !== "").join(" ");

export interface Tried {
  title: string;
  rows: Row[];
}

const list = <T,>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

/** Each comparison by itself: the numbers of one are of the same photos, those of two are not. */
export function triedIn(run: Run, say: Say): Tried[] {
  const evaluation = run.files.eval;
  const phases = run.files.history?.phases ?? [];
  const found: Tried[] = [];
  if (evaluation.largest_class !== undefined)
    found.push({
      title: say("triedBaseline", whole(evaluation.count)),
      rows: [
        { name: say("triedThis"), accuracy: headline(evaluation).value, loss: evaluation.log_loss, taken: true },
        { name: say("triedLargest", shown(evaluation.largest_class.name, 30)), accuracy: evaluation.largest_class.accuracy },
      ],
    });
  const features = phases.flatMap((phase) => list<{ features: string; mirror?: boolean; log_loss?: number }>(phase["features_compared"]));
  if (features.length > 1) {
    const option = (name: string): string | undefined => run.options.find((o) => o.name === name)?.value;
    const name = (f: (typeof features)[0]): string => say(f.features === "stages" ? "triedStages" : "triedLast") + (f.mirror === true ? `, ${say("triedMirror")}` : "");
    const taken = (f: (typeof features)[0]): boolean => f.features === option("features") && (f.mirror === true) === (option("mirror") === "true");
    found.push({ title: say("triedFeatures"), rows: features.map((f) => ({ name: name(f), loss: f.log_loss, taken: taken(f) })) });
  }
  const trials = phases.flatMap((phase) => list<Trial>(phase["trials"]));
  for (const photos of new Set(trials.map((t) => t.judged_on))) {
    const same = trials.filter((t) => t.judged_on === photos);
    const paying = same.filter((t) => t.pays === true);
    found.push({
      title: say("triedTrainings", whole(photos)),
      rows: [
        { name: "head", accuracy: same[0]?.head_accuracy, taken: paying.length === 0 },
        ...same.map((t) => ({ name: shown(optionsOf(t), 40), accuracy: t.accuracy, taken: paying.length === 1 && t === paying[0], note: t.stopped === undefined ? "" : visible(t.stopped) })),
      ],
    });
  }
  const pictures = phases.map((phase) => phase["larger_picture"] as LargerPicture | undefined).find((compared) => compared !== undefined);
  if (pictures !== undefined)
    found.push({
      title: say("triedPictures", whole(pictures.photos)),
      rows: pictures.compared.map((p, i) => ({ name: say("triedPicture", whole(p.size), whole(p.resize)), loss: p.log_loss, taken: pictures.taken === (i === 1) })),
    });
  const sources = run.files.history?.["sources"] as { photos?: number; chosen?: string; compared?: { name: string; accuracy: number; log_loss: number }[] } | undefined;
  const networks = list<{ name: string; accuracy: number; log_loss: number }>(sources?.compared);
  if (networks.length > 1)
    found.push({
      title: say("triedNetworks", whole(sources?.photos ?? 0)),
      rows: networks.map((n) => ({ name: shown(n.name, 40), accuracy: n.accuracy, loss: n.log_loss, taken: n.name === sources?.chosen })),
    });
  return found;
}
