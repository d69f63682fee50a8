// How the run was made, so that it can be made again.
import { commandOf, programOf } from "./advice.ts";
import { useSay } from "./context.ts";
import type { Run } from "./data.ts";
import { bytes, duration, shellWord, shown, visible } from "./format.ts";

export function How({ run, version }: { run: Run; version: string }) {
  const say = useSay();
  const cost = run.files.cost;
  return (
    <section id="how" aria-labelledby="how-title">
      <h2 id="how-title">{say("how")}</h2>
      <h3>{say("command")}</h3>
      <pre tabIndex={0}>
        <code>{commandOf(run)}</code>
      </pre>
      <p>
        <code>{programOf(run)} --config {visible(shellWord(`${run.folder}/config.toml`))}</code> {say("commandSays")}
      </p>
      {cost === undefined ? (
        <p class="faint">{say("noCost")}</p>
      ) : (
        <dl class="scores">
          <div>
            <dt>{say("time")}</dt>
            <dd>
              <b>{duration(cost.seconds)}</b>
              {cost.resumed === true && <span class="faint">{say("resumedCost")}</span>}
            </dd>
          </div>
          <div>
            <dt>{say("cpuTime")}</dt>
            <dd>
              <b>{duration(cost.cpu_seconds)}</b>
            </dd>
          </div>
          <div>
            <dt>{say("memory")}</dt>
            <dd>
              <b>{bytes(cost.peak_memory_bytes)}</b>
            </dd>
          </div>
          <div>
            <dt>{say("threads")}</dt>
            <dd>
              <b>{cost.threads}</b>
            </dd>
          </div>
          <div class="long">
            <dt>{say("machine")}</dt>
            <dd>{cost.cpu.replace(/^model name\s*:\s*/, "")}</dd>
          </div>
          <div>
            <dt>{say("version")}</dt>
            <dd>
              <b>{version}</b>
            </dd>
          </div>
        </dl>
      )}
      <details>
        <summary>{say("allOptions")}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={say("allOptions")}>
          <table class="words">
            <tbody>
              {run.options.map((o) => (
                <tr>
                  <th scope="row">{o.name}</th>
                  <td>
                    <bdi>{shown(o.value, 60)}</bdi>
                  </td>
                  <td class="faint">{visible(o.source)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
