/** Sections: the running configuration, this process, and what operators did lately. */
import type { Reloader } from "../../config/reload.ts";
import type { Action } from "../actions.ts";
import type { DirectoryState } from "../../directory/directories.ts";
import type { Instance, RedisMode } from "../instance.ts";
import type { Html } from "./markup.ts";
import { badge, bytes, count, duration, html, moment } from "./markup.ts";

const REDIS: Readonly<Record<RedisMode, Html>> = {
  off: badge("plain", "off"),
  ready: badge("good", "ready"),
  away: badge("bad", "away"),
};
const REDIS_WORDS: Readonly<Record<RedisMode, string>> = {
  off: "none is configured: nothing is shared between instances",
  ready: "stored answers, limits and the quota are shared",
  away: "this instance does without until it is back",
};

/** The version that runs, and what became of the last change. */
export function configurationSection({ policy }: Pick<Instance, "policy">, reloader: Reloader | undefined): Html {
  const { version, frontends, keys } = policy();
  const running = html`<p>
    Version <code>${version}</code> with ${[...frontends.keys()].join(", ")} and ${count(keys.size)} ${keys.size === 1 ? "key" : "keys"}.
  </p>`;
  if (reloader === undefined)
    return html`${running}
      <p>This process does not read its configuration again.</p>`;
  return html`${running}${lastReload(reloader)}
    <p><small>Since the start ${count(reloader.counts.taken)} taken over, ${count(reloader.counts.refused)} refused.</small></p>`;
}

function lastReload({ last }: Reloader): Html {
  if (last === undefined) return html`<p>Not read again since the start.</p>`;
  const at = moment(Date.parse(last.at));
  if (last.result === "taken") return html`<p>${badge("good", "taken over")} at ${at}.</p>`;
  if (last.result === "unchanged") return html`<p>${badge("good", "unchanged")} when last read, at ${at}.</p>`;
  return html`<p>${badge("bad", "refused")} at ${at}: the configuration before it stays in use.</p>
    <ul class="faults">
      ${last.faults.map((fault) => html`<li><code>${fault}</code></li>`)}
    </ul>`;
}

export function cacheSection({ memory, counters, directories }: Pick<Instance, "memory" | "counters" | "directories">): Html {
  const { bytes: size, count: entries } = memory.size();
  const {
    purges,
    refreshes,
    refreshes_failed: failed,
    swept_pages: pages,
    delta_pages: changes,
    rating_pages: ratings,
  } = counters.snapshot();
  const held = directories();
  return html`<dl>
    <div>
      <dt>Stored answers</dt>
      <dd>${count(entries)}</dd>
    </div>
    <div>
      <dt>In memory</dt>
      <dd>${bytes(size)}</dd>
    </div>
    <div>
      <dt>Refreshes</dt>
      <dd>${count(refreshes)}<small>${count(failed)} failed</small></dd>
    </div>
    <div>
      <dt>Pages read to hold all stores</dt>
      <dd>
        ${count(pages)}${held.length === 0 ? "" : html`<small>and ${count(changes)} of what changed since, ${count(ratings)} of ratings</small>`}
      </dd>
    </div>
    ${held.map(directoryPart)}
    <div>
      <dt>Purges</dt>
      <dd>${count(purges)}</dd>
    </div>
  </dl>`;
}

function directoryPart({ key, stores, ageSeconds, lateAfterSeconds, isLate }: DirectoryState): Html {
  const state = isLate ? badge("warn", "late") : badge("good", "up to date");
  return html`<div>
    <dt>Directory of ${key}</dt>
    <dd>
      ${
        ageSeconds === undefined
          ? html`${badge("plain", "being read")}<small>its addresses answer 503 until all stores were read once</small>`
          : html`${count(stores)} ${state}<small>as of ${duration(ageSeconds)} ago; late after ${duration(lateAfterSeconds)}</small>`
      }
    </dd>
  </div>`;
}

export function processSection(
  { redis }: Pick<Instance, "redis">,
  about: { readonly version: string; readonly uptimeSeconds: number },
): Html {
  const { mode, failures } = redis();
  return html`<dl>
    <div>
      <dt>Redis</dt>
      <dd>${REDIS[mode]}<small>${REDIS_WORDS[mode]}; ${count(failures)} commands failed</small></dd>
    </div>
    <div>
      <dt>Running for</dt>
      <dd>${duration(about.uptimeSeconds)}</dd>
    </div>
    <div>
      <dt>Version</dt>
      <dd>partoo-bff ${about.version}<small>Node ${process.versions.node}</small></dd>
    </div>
  </dl>`;
}

export function actionsSection(actions: readonly Action[]): Html {
  if (actions.length === 0) return html`<p class="nothing">Nothing was done by hand since the start.</p>`;
  return html`<ul class="actions">
    ${actions.map(
      ({ at, operator, words, succeeded }) =>
        html`<li>${succeeded ? badge("good", "done") : badge("bad", "failed")} ${words} <small>${moment(at)}, by ${operator}</small></li>`,
    )}
  </ul>`;
}
