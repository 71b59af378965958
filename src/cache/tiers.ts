/** Memory in front of Redis as one store: what it gives out is usable and not purged, whatever the tiers hold. */
import type { StoredResponse } from "./entry.ts";
import type { MemoryTier } from "./memory-tier.ts";
import type { PurgeLog } from "./purge-log.ts";
import type { Verdict } from "./purge-marks.ts";
import type { RedisTier } from "./redis-tier.ts";
import { isFresh, isUsable } from "./entry.ts";

/** At the start, and when Redis was emptied or replaced, what is found there waits so long for what was purged there; then it is a miss. */
const PURGES_WAIT_MS = 250;

/** A stored response that may be used now. */
export interface Held {
  /** Where it is stored: another key than the one asked for when that is an alias. */
  readonly key: string;
  readonly entry: StoredResponse;
  /** Within its freshness lifetime, and not marked stale by a purge. */
  readonly fresh: boolean;
  /** What purges made of it. */
  readonly verdict: Exclude<Verdict, "gone">;
}

export interface Tiers {
  /** From memory, at once. */
  peek(key: string): Held | undefined;
  /** From Redis; what is found is in memory then. */
  fetch(key: string): Promise<Held | undefined>;
  set(key: string, entry: StoredResponse): void;
  delete(key: string): void;
}

export interface TiersOptions {
  readonly memory: MemoryTier;
  /** undefined: memory is all there is. */
  readonly redis: RedisTier | undefined;
  readonly purges: PurgeLog;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

export function createTiers({ memory, redis, purges, now = Date.now }: TiersOptions): Tiers {
  const judge = (key: string, entry: StoredResponse | undefined): Held | undefined => {
    if (entry === undefined) return undefined;
    const verdict = purges.verdict(entry);
    if (verdict === "gone" || !isUsable(entry, now())) {
      memory.delete(key);
      return undefined;
    }
    return { key, entry, fresh: verdict === "valid" && isFresh(entry, now()), verdict };
  };
  const peek = (key: string): Held | undefined => {
    const held = judge(key, memory.get(key));
    return held?.entry.alias === undefined ? held : nameStillHolds(held.entry, judge(held.entry.alias, memory.get(held.entry.alias)));
  };
  const fetchOne = async (key: string): Promise<Held | undefined> => {
    const known = judge(key, memory.get(key));
    if (known?.fresh === true || redis === undefined) return known;
    const entry = await redis.get(key);
    if (entry === undefined || !(await purges.knows(PURGES_WAIT_MS))) return known;
    const held = judge(key, entry);
    if (held === undefined || (known !== undefined && known.entry.storedAt >= held.entry.storedAt)) return known;
    memory.set(key, held.entry);
    return held;
  };
  return {
    peek,
    async fetch(key) {
      const held = await fetchOne(key);
      if (held?.entry.alias === undefined) return held;
      return nameStillHolds(held.entry, await fetchOne(held.entry.alias));
    },
    set(key, entry) {
      memory.set(key, entry);
      if (redis !== undefined) void redis.set(key, entry);
    },
    delete(key) {
      memory.delete(key);
      if (redis !== undefined) void redis.delete(key);
    },
  };
}

/** A store whose code has changed does not answer to its old one. */
function nameStillHolds(alias: StoredResponse, held: Held | undefined): Held | undefined {
  return held?.entry.metadata?.code === alias.metadata?.code ? held : undefined;
}
