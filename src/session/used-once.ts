/**
 * Remembers what must not be used a second time, atomically. This process always remembers what it took itself; with Redis all processes
 * do. Without an answer of Redis each takes a thing once at most, and nothing when it has no room left to remember.
 */
import type { Breaker } from "../cache/breaker.ts";
import { OutOfStep } from "../cache/breaker.ts";

/** About 15 MB. Filling it takes as many solved challenges. */
const MAX_REMEMBERED = 100_000;

/** `full`: it may be the first time, but nobody could remember it. */
export type UseOutcome = "first" | "again" | "full";

export interface UsedOnce {
  /** Whether this process knows that it was used. A look-up, before anything that costs more. */
  has(id: string): boolean;
  /** Takes it: of any number at once, one is first. Never rejects. */
  claim(id: string): Promise<UseOutcome>;
}

export interface UsedOnceOptions {
  /** How long after it was taken a thing could still be used. */
  readonly keepMs: number;
  /** undefined: this process alone. `prefix` begins each key that is written. */
  readonly redis?: { readonly breaker: Breaker; readonly prefix: string } | undefined;
  /** Things that this process remembers at once. */
  readonly max?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

export function createUsedOnce({ keepMs, redis, max = MAX_REMEMBERED, now = () => performance.now() }: UsedOnceOptions): UsedOnce {
  /** When each may be forgotten, in that order. */
  const kept = new Map<string, number>();
  const forgetOld = (): void => {
    for (const [id, until] of kept) {
      if (until > now()) return;
      kept.delete(id);
    }
  };
  return {
    has: (id) => kept.has(id),
    async claim(id) {
      forgetOld();
      if (kept.has(id)) return "again";
      const isKept = kept.size < max;
      if (isKept) kept.set(id, now() + keepMs);
      const shared = redis === undefined ? "away" : await claimShared(redis, id, keepMs);
      if (shared !== "away") return shared;
      return isKept ? "first" : "full";
    },
  };
}

/** A Redis that refuses to write is as good as none. */
async function claimShared(
  { breaker, prefix }: NonNullable<UsedOnceOptions["redis"]>,
  id: string,
  keepMs: number,
): Promise<"first" | "again" | "away"> {
  try {
    return await breaker.run(async (client) => {
      const reply = await client.set(`${prefix}${id}`, "1", "PX", keepMs, "NX");
      if (reply !== "OK" && reply !== null) throw new OutOfStep("SET NX");
      return reply === "OK" ? "first" : "again";
    });
  } catch {
    return "away";
  }
}
