/** What the operator's listener shows of this instance, and what it may do to it. */
import type { CallTally } from "../call-tally.ts";
import type { Counters } from "../counters.ts";
import type { ExchangeTally } from "../exchange-tally.ts";
import type { KeyRefusals } from "../key-refusals.ts";
import type { Logger } from "../log.ts";
import type { KeyPolicy, Policy } from "../policy.ts";
import type { DirectoryState } from "../directory/directories.ts";
import type { QuotaState } from "../quota/state.ts";
import type { BusinessMetadata } from "../cache/entry.ts";
import type { MemoryTier } from "../cache/memory-tier.ts";
import type { PurgeLog } from "../cache/purge-log.ts";

/** `off`: none is configured. `away`: it can't be reached, and this process does without. */
export type RedisMode = "off" | "ready" | "away";

export interface Instance {
  readonly policy: () => Policy;
  readonly counters: Counters;
  readonly exchanges: ExchangeTally;
  readonly calls: CallTally;
  readonly keyRefusals: KeyRefusals;
  readonly quota: () => readonly QuotaState[];
  readonly memory: Pick<MemoryTier, "size" | "entries">;
  readonly directories: () => readonly DirectoryState[];
  readonly redis: () => { readonly mode: RedisMode; readonly failures: number };
  readonly purges: Pick<PurgeLog, "purge" | "verdict">;
  /** What is held of a store for a key, by the last segment of its path. */
  readonly recall: (key: KeyPolicy, segment: string) => Promise<BusinessMetadata | undefined>;
  readonly logger: Logger;
}

/**
 * `GET /api/counters`: counts since the start of this instance, and its state now; what is shared is the quota's log (`quota[].used` while
 * `mode` is redis), Redis and what it holds.
 */
export function readCounters(instance: Instance, uptimeSeconds: number): Readonly<Record<string, unknown>> {
  const exchanges = instance.exchanges.entries().reduce((sum, [, count]) => sum + count, 0);
  const { bytes, count } = instance.memory.size();
  return {
    uptime_seconds: Math.round(uptimeSeconds),
    policy: instance.policy().version,
    counters: { exchanges, ...instance.counters.snapshot() },
    quota: instance.quota().map(({ pausedSeconds, youngSeconds, frontends, ...state }) => ({
      ...state,
      paused_seconds: pausedSeconds,
      young_seconds: youngSeconds,
      frontends: Object.fromEntries(frontends),
    })),
    cache: { entries: count, bytes },
    directories: instance.directories().map(({ key, stores, ageSeconds, lateAfterSeconds, isLate }) => ({
      key,
      stores,
      age_seconds: ageSeconds ?? null,
      late_after_seconds: lateAfterSeconds,
      late: isLate,
    })),
    redis: instance.redis(),
    keys_refused: instance.keyRefusals.standing(),
  };
}
