/** Requests per address, in this process (stage f): protects the CPU, costs a map look-up, never waits. */
import type { Rate } from "../policy.ts";
import type { LimitName } from "./rate-limited.ts";
import { rateLimited } from "./rate-limited.ts";
import { createWindows } from "./windows.ts";

export interface RequestLimit {
  /** Counts one request of an address to a frontend. @throws Problem rate-limited */
  admit(frontend: string, addressKey: string, rate: Rate): void;
}

/** @param now milliseconds of a clock that never goes back. @param name what callers are told of */
export function createRequestLimit(now?: () => number, name: LimitName = "requests"): RequestLimit {
  const windows = createWindows(now);
  return {
    admit(frontend, addressKey, rate) {
      const refusedForMs = windows.count(frontend, addressKey, rate);
      if (refusedForMs > 0) throw rateLimited(name, rate, refusedForMs / 1000);
    },
  };
}
