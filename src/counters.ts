/** What this process has done since it started, as plain counts: for the operator, and for the load tests. */

/**
 * Everything that is counted. A new name goes here, so that the list of them is in one place. `hits`, `stale_answers`, `misses`, `collapsed`,
 * `unknown_ids` and `directory_answers` are answers; `held_hits` are those hits that show a single store, `stale_without_refresh` those that found something
 * stale and began no refresh. Whoever waited for a refresh got a miss. `calls` are requests sent to Partoo, `refreshes`, `swept_pages`, `delta_pages` and `rating_pages` part of them, `calls_failed` those without a usable answer
 * (a 404 is one). `purges` are counted whoever ordered them, `pauses` are 429s of Partoo. The quota has counts of its own (quota/state.ts).
 */
const COUNTER_NAMES = [
  "hits",
  "held_hits",
  "stale_answers",
  "stale_without_refresh",
  "misses",
  "collapsed",
  "calls",
  "calls_failed",
  "refreshes",
  "refreshes_failed",
  "swept_pages",
  "delta_pages",
  "rating_pages",
  "remembered_stores",
  "unknown_ids",
  "directory_answers",
  "second_tier_hits",
  "limited_requests",
  "limited_misses",
  "pauses",
  "redis_faults",
  "webhooks",
  "webhooks_refused",
  "purges",
] as const;

export type CounterName = (typeof COUNTER_NAMES)[number];

export interface Counters {
  add(name: CounterName, by?: number): void;
  /** A copy, by name. */
  snapshot(): Readonly<Record<CounterName, number>>;
}

export function createCounters(): Counters {
  const counts = Object.fromEntries(COUNTER_NAMES.map((name) => [name, 0])) as Record<CounterName, number>;
  return {
    add: (name, by = 1) => {
      counts[name] += by;
    },
    snapshot: () => ({ ...counts }),
  };
}
