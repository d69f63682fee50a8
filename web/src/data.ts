// What stands in the page: the run's own files, as the program put them there (src/graft/report/report.cpp).
import { csvRows } from "./csv.ts";

export interface ClassScore {
  name: string;
  support: number;
  predicted?: number;
  right: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
  auroc?: number | null;
  average_precision?: number | null;
  intervals?: Record<string, Interval | null>;
}

export type Interval = [number, number];

/** A bar of a reliability diagram, as eval.json has it. */
export interface Bin {
  low: number;
  high: number;
  count: number;
  confidence: number | null;
  accuracy: number | null;
  accuracy_interval?: Interval | null;
}

export interface Evaluation {
  task?: string;
  count: number;
  right?: number;
  accuracy?: number;
  accuracy_interval?: Interval;
  subset_accuracy?: number;
  subset_accuracy_interval?: Interval;
  mean_average_precision?: number | null;
  balanced_accuracy?: number;
  macro_f1?: number;
  log_loss?: number;
  largest_class?: { name: string; accuracy: number };
  classes: ClassScore[];
  confusion?: number[][];
  intervals?: Record<string, Interval | null>;
  reliability?: Bin[];
  [other: string]: unknown;
}

export interface Phase {
  strategy: string;
  epochs?: Record<string, number | null>[];
  kept_epoch?: number;
  train_accuracy?: number;
  val_accuracy?: number;
  l2?: number;
  [other: string]: unknown;
}

export interface Cost {
  seconds: number;
  cpu_seconds: number;
  peak_memory_bytes: number;
  threads: number;
  cpu: string;
  resumed?: boolean;
}

/** How a temperature was found, in history.json. */
export interface Calibration {
  temperature: number;
  on: string;
  photos: number;
  before: { log_loss: number; ece: number };
  after: { log_loss: number; ece: number };
}

/** The rule of strangers, in the model's metadata. */
export interface Unknown {
  score: string;
  reject: number;
  threshold: number;
  on: string;
  photos: number;
  /** Of the scores of those photos, from the lowest to the highest. */
  percentiles?: number[];
}

/** `graft.trust` of the model. */
export interface Rules {
  sets?: { coverage: number; on: string; photos: number; of_the_class_alone?: boolean[] };
  /** A row for each true class. */
  costs?: number[][];
  unknown?: Unknown;
  [other: string]: unknown;
}

export interface FoundRules {
  calibration?: Calibration;
  /** Where no threshold was found there is a reason alone. */
  unknown?: { reason?: string; left_out_auroc?: Record<string, number>; classes_left_out?: number };
  [other: string]: unknown;
}

/** One method of an adaptation, as it answers. */
export interface AdaptMethod {
  method: string;
  source_accuracy: number;
  information: number;
  density: number;
  back: number;
  risk: { log_loss: number; standard_error: number } | null;
  back_gain: { mean: number; interval: Interval } | null;
  target_accuracy: number | null;
}

/** What `graft adapt` found, in history.json. */
export interface Adaptation {
  source_photos: number;
  target_photos: number;
  target_test_photos: number;
  chosen: string;
  reason: string;
  methods: AdaptMethod[];
  shift: {
    a_distance: number;
    a_distance_aligned: number;
    classes: { name: string; source: number; target: number; target_by_confusion: number; missing: boolean }[];
  } | null;
  warnings: string[];
  best_by_labels?: string;
  translation?: { size: number; epochs: { cycle: number }[] };
}

/** What came of --unlabeled, in history.json. The first way is not to learn from these photos. */
export interface FromUnlabeled {
  photos: number;
  in_training: number;
  judged_on: number;
  judges: string;
  ways: { way: string; accuracy?: number; log_loss_gain?: number; standard_error?: number; pseudo_labels?: number[] }[];
  chosen: string;
  reason: string;
  sure: number | null;
  classes: { name: string; train_images: number }[];
  warnings: string[];
}

/** Photos of both domains in two dimensions: [0 source or 1 target, class, x, y, and where there is an after its x and y]. */
export interface FeatureMap {
  method: string;
  classes: string[];
  photos: { source: number; target: number };
  explained: { before: number[]; after?: number[] };
  same_axes: boolean;
  points: number[][];
}

export interface Files {
  eval: Evaluation;
  history?: { phases: Phase[]; trust?: FoundRules; adaptation?: Adaptation; unlabeled?: FromUnlabeled; [other: string]: unknown };
  features_map?: FeatureMap;
  cost?: Cost;
  trust?: Rules;
  [other: string]: unknown;
}

/** How much each part of what the model sees speaks for a class: height x width bytes in base64, row by row; 255 is the most of all maps of the photo. */
export interface HeatMap {
  label: number;
  height: number;
  width: number;
  values: string;
  /** What the model sees, in parts of the photo's width and height: left, top, width, height. */
  box: [number, number, number, number];
}

interface RunInPage {
  name: string;
  folder: string;
  files: Files;
  config: string;
  predictions: { csv: string; total: number; rows: number; added: number[] };
  photos: Record<string, string>;
  curves: string;
  confusion: string;
  /** translated.png: photos of the source, translated, and translated back. */
  translated?: string;
  /** Of some photos, by their path: training photos with their similarity. `of`: that were compared. */
  nearest?: { of: number; photos: Record<string, [string, number][]> };
  maps?: { photos: Record<string, HeatMap[]>; method?: string; why_not?: string };
}

export interface ComparisonRow {
  name: string;
  value: number;
  interval: Interval | null;
  runs: number;
  difference?: { mean: number; interval: Interval | null; p: number };
}

export interface Comparison {
  metric: string;
  images: number;
  rows: ComparisonRow[];
  verdicts: string[];
}

export interface PageData {
  format: number;
  graft: string;
  language: "auto" | "en" | "zh";
  runs: RunInPage[];
  comparison?: Comparison;
  not_compared?: string;
}

/** One photo: a row of predictions.csv. */
export interface Answer {
  path: string;
  labels: string[];
  /** The most probable class, or all that are said. */
  predicted: string[];
  right: boolean;
  /** Of what is predicted; of several classes a photo the highest of all. */
  confidence: number;
  loss: number;
  /** Of each class, in the order of `classes`. */
  probabilities: number[];
  /** Stands for all rows, and is not only there for its photo to be shown. */
  drawn: boolean;
  /** What the model's rules add: the classes that hold the truth at a stated coverage; what costs least, and how much in expectation. */
  set: string[] | undefined;
  byCosts: { name: string; cost: number } | undefined;
  photo: string | undefined;
}

export interface Option {
  name: string;
  value: string;
  /** "default", "flag", or why it was chosen. */
  source: string;
}

export interface Run extends RunInPage {
  classes: string[];
  multi: boolean;
  answers: Answer[];
  options: Option[];
}

const kProbability = "probability of ";

/** The classes in a list that `;` is between: the names themselves may have one. As the text stands where it is no such list. */
export function namesIn(list: string, classes: readonly string[]): string[] {
  if (list === "") return [];
  const longestFirst = [...classes].sort((a, b) => b.length - a.length);
  const read = (rest: string): string[] | null => {
    for (const name of longestFirst) {
      if (rest === name) return [name];
      if (!rest.startsWith(`${name};`)) continue;
      const others = read(rest.slice(name.length + 1));
      if (others !== null) return [name, ...others];
    }
    return null;
  };
  return (classes.some((name) => name.includes(";")) ? read(list) : null) ?? list.split(";").filter((name) => name !== "");
}

export function readAnswers(csv: string, added: ReadonlySet<number>, photos: Record<string, string>): { classes: string[]; multi: boolean; answers: Answer[] } {
  const [header = [], ...rows] = csvRows(csv);
  const multi = header[3] !== "probability";
  const behind = header.indexOf("loss") + 1;
  const [setAt, costAt] = [header.lastIndexOf("set", behind - 2), header.lastIndexOf("expected_cost", behind - 2)];
  const classes = header.slice(behind).map((name) => name.slice(kProbability.length));
  const answers = rows.map((fields, i): Answer => {
    const [path = "", label = "", decided = ""] = fields;
    const probabilities = fields.slice(behind).map(Number);
    const names = (text: string): string[] => (multi ? namesIn(text, classes) : [text]);
    // Where mistakes have costs the table says what costs least; every number of the run is of the most probable class.
    const said = costAt < 0 ? decided : (classes[probabilities.indexOf(Math.max(...probabilities))] ?? decided);
    return {
      path,
      labels: names(label),
      predicted: names(said),
      right: label === said,
      confidence: multi || costAt >= 0 ? Math.max(...probabilities) : Number(fields[3]),
      loss: Number(fields[behind - 1]),
      probabilities,
      drawn: !added.has(i),
      set: setAt < 0 ? undefined : namesIn(fields[setAt] ?? "", classes),
      byCosts: costAt < 0 ? undefined : { name: decided, cost: Number(fields[costAt]) },
      photo: Object.hasOwn(photos, path) ? photos[path] : undefined,
    };
  });
  return { classes, multi, answers };
}

/** The lines of config.toml, `name = value  # source`. */
export function readOptions(toml: string): Option[] {
  const options: Option[] = [];
  for (const line of toml.split("\n")) {
    const parts = /^([a-z0-9-]+) = ("(?:[^"\\]|\\.)*"|\[.*?\]|[^#]*?)(?:\s+# (.*))?$/.exec(line);
    if (parts === null) continue;
    const [, name = "", value = "", source = ""] = parts;
    options.push({ name, value: value.startsWith('"') ? unquoted(value) : value.trim(), source });
  }
  return options;
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text.replace(/\\U([0-9A-Fa-f]{8})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))) as string;
  } catch {
    return text.slice(1, -1);
  }
}

export function readPage(text: string): { page: PageData; runs: Run[] } {
  const page = JSON.parse(text) as PageData;
  const runs = page.runs.map((run) => ({
    ...run,
    ...readAnswers(run.predictions.csv, new Set(run.predictions.added), run.photos),
    options: readOptions(run.config),
  }));
  return { page, runs };
}
