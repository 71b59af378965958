/** Limits that count whom they refuse. */
import type { Counters } from "../counters.ts";
import type { MissLimit } from "./misses.ts";
import type { RequestLimit } from "./requests.ts";
import { Problem } from "../problem.ts";

/** Raises `limited_requests`. */
export function countRefusedRequests(limit: RequestLimit, counters: Counters): RequestLimit {
  return {
    admit(...request) {
      try {
        limit.admit(...request);
      } catch (refusal) {
        counters.add("limited_requests");
        throw refusal;
      }
    },
  };
}

/** Raises `limited_misses`. */
export function countRefusedMisses(limit: MissLimit, counters: Counters): MissLimit {
  return {
    async admit(...request) {
      try {
        await limit.admit(...request);
      } catch (refusal) {
        if (refusal instanceof Problem && refusal.code === "rate-limited") counters.add("limited_misses");
        throw refusal;
      }
    },
  };
}
