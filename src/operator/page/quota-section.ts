/** Section: how each organization's quota stands in the rolling minute, and who spends it. */
import type { QuotaMode, QuotaState } from "../../quota/state.ts";
import type { Html } from "./markup.ts";
import { badge, count, duration, html, table } from "./markup.ts";

const MODES: Readonly<Record<QuotaMode, string>> = {
  redis: "all instances together, by Redis",
  local: "this instance's own part; there is no Redis",
  "set-aside": "this instance's share of what is set aside, while Redis can't be used or its log is young",
};

export function quotaSection(states: readonly QuotaState[]): Html {
  return html`${states.map(organizationPart)}`;
}

function organizationPart(state: QuotaState): Html {
  const { organization, mode, budget, available, used, waiting, refused, waited, pausedSeconds, youngSeconds } = state;
  const left = Math.max(0, available - used);
  return html`<div class="part">
    <h3>${organization} ${standing(state)}</h3>
    <p>
      <meter aria-label="Calls of ${organization} that count now" min="0" max="${Math.max(1, available)}" value="${used}">${used}</meter>
      <strong>${count(used)}</strong> of ${count(available)} calls count now, ${count(left)} are left.
      <small>${MODES[mode]}${available === budget ? "" : `; the budget is ${count(budget)}`}</small>
    </p>
    ${pausedSeconds > 0 ? html`<p>Partoo said 429: no calls for another ${duration(Math.ceil(pausedSeconds))}.</p>` : ""}
    ${youngSeconds > 0 ? html`<p>The shared log is young: it books again in ${duration(Math.ceil(youngSeconds))}.</p>` : ""}
    <p>
      In this instance <strong>${count(waiting)}</strong> wait, ${count(waited)} have waited and <strong>${count(refused)}</strong> were
      refused since the start.
    </p>
    ${table(`Who spends the quota of ${organization}`, ["Spent by", "#Count now", "#Calls", "#Refused"], spenders(state), "No calls so far.")}
  </div>`;
}

function standing({ available, used, pausedSeconds }: QuotaState): Html {
  if (pausedSeconds > 0) return badge("bad", "paused by Partoo");
  if (used >= available) return badge("bad", "used up");
  return used >= available * 0.9 ? badge("warn", "nearly used up") : badge("good", "enough");
}

/** Frontends of this instance, then what is nobody's: sweeps, refreshes, and other instances where the log is shared. */
function spenders({ frontends, used, admitted, refused, mode }: QuotaState): readonly (readonly Html[])[] {
  const named = [...frontends].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const sum = (name: "used" | "admitted" | "refused"): number => named.reduce((total, [, tally]) => total + tally[name], 0);
  const rest = {
    used: Math.max(0, used - sum("used")),
    admitted: Math.max(0, admitted - sum("admitted")),
    refused: Math.max(0, refused - sum("refused")),
  };
  if (named.length === 0 && rest.used + rest.admitted + rest.refused === 0) return [];
  const others = mode === "redis" ? "holding stores; other instances" : "holding stores";
  return [...named.map(([name, tally]) => row(html`${name}`, tally)), row(html`<i>for no visitor</i><small>${others}</small>`, rest)];
}

function row(name: Html, { used, admitted, refused }: { used: number; admitted: number; refused: number }): readonly Html[] {
  return [name, ...[used, admitted, refused].map((value) => html`${count(value)}`)];
}
