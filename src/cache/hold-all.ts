/** Brings what another process has stored from Redis into memory, so that visitors don't depend on Redis for it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Tiers } from "./tiers.ts";

/** Entries that are asked of Redis at the same time. */
const AT_ONCE = 20;
/** A Redis that does not answer for a moment is asked again for what is missing. What is not there by then may have been evicted. */
const ROUNDS = 5;
const PAUSE_MS = 2000;

/** @param keys cache keys; what memory holds fresh is not asked for. Never throws */
export async function holdAll(tiers: Tiers, keys: readonly string[], signal: AbortSignal): Promise<void> {
  let missing = keys;
  for (let round = 1; round <= ROUNDS && missing.length > 0; round += 1) {
    if (round > 1) await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    for (let from = 0; from < missing.length && !signal.aborted; from += AT_ONCE) {
      await Promise.all(missing.slice(from, from + AT_ONCE).map((key) => tiers.fetch(key)));
    }
    missing = missing.filter((key) => tiers.peek(key)?.fresh !== true);
  }
}
