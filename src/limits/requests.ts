/** Requests per address, in this process (stage f): protects the CPU, costs a map look-up, never waits. */
import type { Rate } from "../policy.ts";
import { LRUCache } from "lru-cache";
import { rateLimited } from "./rate-limited.ts";

/** Addresses remembered; beyond it the one not seen for longest starts anew. */
const MAX_ADDRESSES = 100_000;

interface Window {
  count: number;
  readonly endsAt: number;
}

export interface RequestLimit {
  /** Counts one request of an address to a frontend. @throws Problem rate-limited */
  admit(frontend: string, addressKey: string, rate: Rate): void;
}

/** @param now milliseconds of a clock that never goes back */
export function createRequestLimit(now: () => number = () => performance.now()): RequestLimit {
  const windows = new LRUCache<string, Window>({ max: MAX_ADDRESSES });
  return {
    admit(frontend, addressKey, rate) {
      const key = `${frontend} ${addressKey}`;
      const time = now();
      const window = windows.get(key);
      if (window === undefined || window.endsAt <= time) {
        windows.set(key, { count: 1, endsAt: time + rate.windowSeconds * 1000 });
      } else if (window.count < rate.count) {
        window.count += 1;
      } else {
        throw rateLimited("requests", rate, (window.endsAt - time) / 1000);
      }
    },
  };
}
