/** Counts per address in this process, in fixed windows: bounded in memory however many addresses come. */
import type { Rate } from "../policy.ts";
import { LRUCache } from "lru-cache";

/**
 * Addresses remembered. Beyond it the one not seen for longest starts anew: nobody is refused for a flood of others, and who goes on asking
 * stays counted. What a flood may cost is bounded by the quota.
 */
const MAX_ADDRESSES = 100_000;

interface Window {
  count: number;
  readonly endsAt: number;
}

export interface Windows {
  /** Counts one request. @returns 0, or when the rate is used up the milliseconds until its window ends */
  count(frontend: string, addressKey: string, rate: Rate): number;
}

/** @param now milliseconds of a clock that never goes back */
export function createWindows(now: () => number = () => performance.now()): Windows {
  // Bounded by size, each of size 1: with `max` the library sets room for all of them aside at once, 3 MB.
  const windows = new LRUCache<string, Window>({ maxSize: MAX_ADDRESSES, sizeCalculation: () => 1 });
  return {
    count(frontend, addressKey, rate) {
      const key = `${frontend} ${addressKey}`;
      const time = now();
      const window = windows.get(key);
      if (window === undefined || window.endsAt <= time) {
        windows.set(key, { count: 1, endsAt: time + rate.windowSeconds * 1000 });
        return 0;
      }
      if (window.count >= rate.count) return window.endsAt - time;
      window.count += 1;
      return 0;
    },
  };
}
