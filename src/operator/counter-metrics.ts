/** Which counters are metrics, under which name. */
import type { CounterName, Counters } from "../counters.ts";

export interface CounterMetric {
  readonly name: string;
  readonly help: string;
  /** undefined: one counter, no label. */
  readonly label?: string;
  /** Counters by the label's value. */
  readonly values: Readonly<Record<string, CounterName>>;
}

export const COUNTER_METRICS: readonly CounterMetric[] = [
  {
    name: "partoo_bff_limited_total",
    help: "Requests refused by a limit per address.",
    label: "limit",
    values: { requests: "limited_requests", misses: "limited_misses" },
  },
  { name: "partoo_bff_refreshes_total", help: "Refreshes of stored responses that were begun.", values: { "": "refreshes" } },
  { name: "partoo_bff_refreshes_failed_total", help: "Stale answers whose refresh failed.", values: { "": "refreshes_failed" } },
  { name: "partoo_bff_swept_pages_total", help: "Pages read to hold all stores.", values: { "": "swept_pages" } },
  { name: "partoo_bff_delta_pages_total", help: "Pages read of what changed between sweeps.", values: { "": "delta_pages" } },
  { name: "partoo_bff_rating_pages_total", help: "Pages read of stores' ratings.", values: { "": "rating_pages" } },
  { name: "partoo_bff_remembered_stores_total", help: "Stores seen in an answer and held.", values: { "": "remembered_stores" } },
  { name: "partoo_bff_second_tier_hits_total", help: "Stored responses found in Redis.", values: { "": "second_tier_hits" } },
  { name: "partoo_bff_pauses_total", help: "429s of Partoo.", values: { "": "pauses" } },
  {
    name: "partoo_bff_webhooks_total",
    help: "Webhooks, by whether they were accepted.",
    label: "accepted",
    values: { true: "webhooks", false: "webhooks_refused" },
  },
  { name: "partoo_bff_purges_total", help: "Purges that reached this instance, whoever ordered them.", values: { "": "purges" } },
];

/** Why an answer needed no call of its own. `held`: a store that is held, however it came here. */
export const SAVED_CALLS: Readonly<Record<string, (counts: ReturnType<Counters["snapshot"]>) => number>> = {
  hit: ({ hits, held_hits }) => hits - held_hits,
  held: ({ held_hits }) => held_hits,
  stale: ({ stale_without_refresh }) => stale_without_refresh,
  collapsed: ({ collapsed }) => collapsed,
  directory: ({ directory_answers }) => directory_answers,
  "unknown-id": ({ unknown_ids }) => unknown_ids,
};
