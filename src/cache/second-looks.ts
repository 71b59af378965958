/** Stores of which an older state was seen than the one that is held: each is looked at once more, not again and again. */
import type { PurgeLog } from "./purge-log.ts";
import { LRUCache } from "lru-cache";
import { businessTag } from "./tags.ts";

/** A second look is worth a call; the same store has another one after so long at first, and after so long at most. */
const PAUSE_MS = { first: 5000, longest: 300_000 } as const;
const MAX_STORES = 10_000;

interface Pause {
  /** Wall clock, ms. */
  readonly until: number;
  readonly lengthMs: number;
}

/**
 * Partoo's lists may lag behind, and webhooks come late; or what is held is wrong, and one call tells.
 * @param now wall clock, ms
 * @returns marks what is held of a store stale, unless that was done a moment ago; the pauses double while older states go on coming
 */
export function createSecondLooks(purges: PurgeLog, now: () => number): (businessId: string) => Promise<void> {
  const pauses = new LRUCache<string, Pause>({ max: MAX_STORES });
  return async (businessId) => {
    const last = pauses.get(businessId);
    if (last !== undefined && now() < last.until) return;
    const goesOn = last !== undefined && now() < last.until + last.lengthMs;
    const lengthMs = goesOn ? Math.min(PAUSE_MS.longest, 2 * last.lengthMs) : PAUSE_MS.first;
    pauses.set(businessId, { until: now() + lengthMs, lengthMs });
    await purges.purge({ tags: [businessTag(businessId)], hard: false });
  };
}
