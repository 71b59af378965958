/** What this process has done since it started, as plain counts: for the operator, and for the load tests. */

/** Everything that is counted. A new name goes here, so that the list of them is in one place. */
export const COUNTER_NAMES = [
  "exchanges",
  "hits",
  "stale_answers",
  "misses",
  "collapsed",
  "calls",
  "calls_failed",
  "refreshes",
  "refreshes_failed",
  "swept_pages",
  "remembered_stores",
  "unknown_ids",
  "second_tier_hits",
  "limited_requests",
  "limited_misses",
  "quota_waits",
  "quota_refused",
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
