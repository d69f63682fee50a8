// The page: its data read, its sections in their order.
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { AdaptedTo, adaptationOf } from "./adaptation.tsx";
import { Classes } from "./classes.tsx";
import { Comparison } from "./comparison.tsx";
import { Confidence } from "./confidence.tsx";
import { Words } from "./context.ts";
import { readPage } from "./data.ts";
import type { Answer, PageData, Run } from "./data.ts";
import { Findings, Groups, Others, hasGroups, hasOthers } from "./extras.tsx";
import { shortNames, shown } from "./format.ts";
import { How } from "./how.tsx";
import { Mistakes } from "./mistakes.tsx";
import { PhotoWindow } from "./photo.tsx";
import { Rules, hasRules } from "./rules.tsx";
import { Summary } from "./summary.tsx";
import { Training } from "./training.tsx";
import { FromUnlabeledPhotos, unlabeledOf } from "./unlabeled.tsx";
import { chooseLanguage, sayIn } from "./words.ts";
import type { Key, Language } from "./words.ts";

interface Licence {
  packages: string[];
  text: string;
}

function sections(page: PageData, run: Run): [string, Key][] {
  const all: [string, Key, boolean][] = [
    ["comparison", "compared", (page.comparison?.rows.length ?? page.runs.length) > 1],
    ["answer", "answer", true],
    ["adaptation", "adaptation", adaptationOf(run) !== undefined],
    ["unlabeled", "unlabeled", unlabeledOf(run) !== undefined],
    ["findings", "findings", run.files["doctor"] !== undefined],
    ["classes", "classes", true],
    ["mistakes", "mistakes", true],
    ["training", "training", true],
    ["confidence", "trust", true],
    ["rules", "rules", hasRules(run)],
    ["groups", "groups", hasGroups(run)],
    ["others", "others", hasOthers(run)],
    ["how", "how", true],
  ];
  return all.filter(([, , there]) => there).map(([id, key]) => [id, key]);
}

function App({ page, runs, licences }: { page: PageData; runs: Run[]; licences: Licence[] }) {
  const [language, setLanguage] = useState<Language>(() => chooseLanguage(page.language, navigator.languages));
  const [chosen, setChosen] = useState(0);
  const [window, setWindow] = useState<{ answers: Answer[]; at: number } | null>(null);
  const say = useMemo(() => sayIn(language), [language]);
  const run = runs[chosen];
  const title = run === undefined ? "" : runs.length > 1 ? say("titleOfSeveral", runs.length) : say("title", shown(run.name, 60));
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = title;
  }, [language, title]);
  if (run === undefined) return null;
  const open = (answers: Answer[], at: number): void => setWindow({ answers, at });
  return (
    <Words.Provider value={say}>
      <a class="skip" href="#content">
        {say("skip")}
      </a>
      <header>
        <h1>
          <bdi>{title}</bdi>
        </h1>
        <div class="choices">
          {runs.length > 1 && (
            <label for="run">
              <span>{say("run")}</span>
              <select id="run" value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
                {shortNames(runs.map((r) => r.folder)).map((name, i) => (
                  <option value={i}>{shown(name, 40)}</option>
                ))}
              </select>
            </label>
          )}
          <div class="languages" role="group" aria-label={say("language")}>
            <button type="button" lang="en" aria-pressed={language === "en"} onClick={() => setLanguage("en")}>
              English
            </button>
            <button type="button" lang="zh" aria-pressed={language === "zh"} onClick={() => setLanguage("zh")}>
              中文
            </button>
          </div>
        </div>
        <nav aria-label={say("sections")}>
          {sections(page, run).map(([id, key]) => (
            <a href={`#${id}`}>{say(key)}</a>
          ))}
        </nav>
      </header>
      <main id="content" key={chosen} tabIndex={-1}>
        <Comparison found={page.comparison} notCompared={page.not_compared} runs={runs} />
        <Summary run={run} />
        <AdaptedTo run={run} />
        <FromUnlabeledPhotos run={run} />
        <Findings run={run} open={open} />
        <Classes run={run} open={open} />
        <Mistakes run={run} open={open} />
        <Training run={run} />
        <Confidence run={run} />
        <Rules run={run} />
        <Groups run={run} />
        <Others run={run} />
        <How run={run} version={page.graft} />
      </main>
      <footer>
        <p>{say("foot", page.graft)}</p>
        <details>
          <summary>{say("licences")}</summary>
          {licences.map((licence) => (
            <div>
              <p>{licence.packages.join(", ")}</p>
              <pre>{licence.text}</pre>
            </div>
          ))}
        </details>
      </footer>
      {window !== null && <PhotoWindow run={run} answers={window.answers} at={window.at} onMove={(at) => setWindow({ ...window, at })} onClose={() => setWindow(null)} />}
    </Words.Provider>
  );
}

const text = (id: string): string => document.getElementById(id)?.textContent ?? "";
const { page, runs } = readPage(text("data"));
const app = document.getElementById("app");
if (app !== null) render(<App page={page} runs={runs} licences={JSON.parse(text("licences")) as Licence[]} />, app);
