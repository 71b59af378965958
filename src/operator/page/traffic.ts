/** Section: how many exchanges each route had, and where its answers came from. */
import type { ExchangeLabels } from "../../exchange-tally.ts";
import type { Instance } from "../instance.ts";
import type { Html } from "./markup.ts";
import { count, html, path, percent, table } from "./markup.ts";

type Entries = ReturnType<Instance["exchanges"]["entries"]>;

/** Sums over exchanges. */
export interface Answers {
  readonly exchanges: number;
  /** Answers of routes: from what is stored, or from Partoo. */
  readonly answers: number;
  /** Those of them that waited for Partoo. */
  readonly misses: number;
  /** Those of them that were stale. */
  readonly stale: number;
  /** Exchanges that ended with a problem other than `not-found`. */
  readonly problems: number;
}

export function answersOf(entries: Entries): Answers {
  const sum = (wanted: (labels: ExchangeLabels) => boolean): number =>
    entries.reduce((total, [labels, exchanges]) => total + (wanted(labels) ? exchanges : 0), 0);
  return {
    exchanges: sum(() => true),
    answers: sum(({ cache }) => cache !== ""),
    misses: sum(({ cache }) => cache === "miss"),
    stale: sum(({ cache }) => cache === "stale"),
    problems: sum(({ code }) => code !== "" && code !== "not-found"),
  };
}

/** Part of the answers that did not wait for Partoo, 0 to 1; undefined: there were none. */
export function hitRatio({ answers, misses }: Answers): number | undefined {
  return answers === 0 ? undefined : 1 - misses / answers;
}

/** One row for each route that was asked for, by frontend. */
export function trafficSection({ exchanges }: Pick<Instance, "exchanges">): Html {
  const rows = new Map<string, { frontend: string; route: string; entries: Entries[number][] }>();
  for (const entry of exchanges.entries()) {
    const [{ frontend, route }] = entry;
    const row = rows.get(`${frontend} ${route}`) ?? { frontend, route, entries: [] };
    row.entries.push(entry);
    rows.set(`${frontend} ${route}`, row);
  }
  const sorted = [...rows.values()].toSorted((one, other) =>
    `${one.frontend} ${one.route}` < `${other.frontend} ${other.route}` ? -1 : 1,
  );
  const head = ["Route", "#Requests", "#Hit ratio", "#Waited", "#Problems"];
  return table("Traffic by route", head, sorted.map(rowOf), "No requests so far.");
}

function rowOf({ frontend, route, entries }: { frontend: string; route: string; entries: Entries }): readonly Html[] {
  const sums = answersOf(entries);
  return [
    html`${route === "" ? html`<i>no route</i>` : path(route)}<small>${frontend === "" ? "no frontend" : frontend}</small>`,
    html`${count(sums.exchanges)}`,
    html`${percent(hitRatio(sums))}<small>${sums.stale === 0 ? "" : html`${count(sums.stale)} stale`}</small>`,
    html`${count(sums.misses)}`,
    html`${count(sums.problems)}`,
  ];
}
