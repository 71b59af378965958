/** The page itself: all sections of this instance. */
import type { Policy } from "../../policy.ts";
import type { Operator } from "../access.ts";
import type { Actions } from "../actions.ts";
import type { Instance } from "../instance.ts";
import type { Reloader } from "../../config/reload.ts";
import type { Html } from "./markup.ts";
import type { Sample } from "./refusals-section.ts";
import type { Series } from "./series.ts";
import { renderDocument, section } from "./document.ts";
import { keysSection } from "./keys-section.ts";
import { html } from "./markup.ts";
import { overview } from "./overview.ts";
import { quotaSection } from "./quota-section.ts";
import { refusalsSection } from "./refusals-section.ts";
import { actionsSection, cacheSection, configurationSection, processSection } from "./state-sections.ts";
import { trafficSection } from "./traffic.ts";

export interface MainPageParts {
  readonly instance: Instance;
  readonly actions: Actions;
  readonly series: Series;
  readonly reloader: Reloader | undefined;
  readonly sample: Sample;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly operator: Operator;
  /** Sent along by every form. */
  readonly formWord: string;
}

export function renderMainPage(parts: MainPageParts): Promise<string> {
  const { instance, actions, series, reloader, operator, formWord, sample } = parts;
  const word = html`<input type="hidden" name="word" value="${formWord}" />`;
  return renderDocument({
    title: "This instance",
    words: "What this process counted since its start. The quota is of all instances where Redis is used.",
    nav: navigation(operator, word),
    live: true,
    main: html`<p id="refresh-state" role="status" class="unseen"></p>
      <section class="bare" aria-labelledby="now-name">
        <h2 id="now-name" class="unseen">Now</h2>
        <div id="now" data-live>${overview(instance, series)}</div>
      </section>
      ${section("traffic", "seven", "Traffic by route", { live: trafficSection(instance) })}
      ${section("quota", "five", "Quota in the rolling minute", { live: quotaSection(instance.quota()) })}
      ${section("refusals", "", "Last refusals", { live: refusalsSection(instance.exchanges.refusals.groups(), instance.policy(), sample) })}
      ${section("keys", "seven", "Keys", { live: keysSection(instance, Date.now()) })}
      ${section("cache", "five tall", "Stored answers", { live: cacheSection(instance), below: purgeForms(instance.policy(), word) })}
      ${section("configuration", "seven", "Configuration", { live: configurationSection(instance, reloader), ...(reloader === undefined ? {} : { below: reloadForm(word) }) })}
      ${section("process", "six", "Process", { live: processSection(instance, parts) })}
      ${section("actions", "six", "Done by hand", { live: actionsSection(actions.recent()) })}`,
  });
}

function navigation(operator: Operator, word: Html): Html {
  return html`<a class="button" href="/explain">Explain a request</a><a class="button" href="/">Refresh</a
    ><button id="refresh-toggle" type="button" hidden>Pause refreshing</button>
    ${operator === "session" ? html`<form method="post" action="/logout">${word}<button>Sign out</button></form>` : ""}`;
}

function purgeForms(policy: Policy, word: Html): Html {
  const keys = [...policy.keys.values()];
  const tags = [
    ...keys.map(({ name }) => `list:${name}`),
    ...new Set(keys.flatMap(({ routes }) => routes.map(({ template }) => `route:${template}`))),
    ...keys.map(({ name }) => `key:${name}`),
    ...[...policy.organizations.keys()].map((name) => `organization:${name}`),
  ];
  return html`<form class="below" method="post" action="/purge">
      ${word}
      <label
        >Purge by tag<input name="tag" list="tags" required autocomplete="off" spellcheck="false" aria-describedby="purge-hint"
      /></label>
      <datalist id="tags">${tags.map((tag) => html`<option value="${tag}"></option>`)}</datalist>
      <button class="main">Purge</button>
    </form>
    <p class="hint" id="purge-hint">
      business:ID, business:c-CODE, list:KEY, route:PATH, key:KEY or organization:NAME. The next request waits for Partoo; what is stored
      stays for when Partoo fails.
    </p>
    <details>
      <summary>Everything at once</summary>
      <form class="below" method="post" action="/purge">${word}<button name="all" value="true">Purge everything</button></form>
    </details>`;
}

function reloadForm(word: Html): Html {
  return html`<form class="below" method="post" action="/reload">${word}<button class="main">Reload now</button></form>`;
}
