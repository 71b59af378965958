/** The refusal by a limit, with the fields of draft-ietf-httpapi-ratelimit-headers-11. */
import type { Rate } from "../policy.ts";
import type { Problem } from "../problem.ts";
import { problem } from "../problem.ts";

export type LimitName = "requests" | "misses" | "sessions";

const DETAIL: Readonly<Record<LimitName, string>> = {
  requests: "Too many requests from this address.",
  sessions: "Too many sessions for this address.",
  misses: "Too many requests from this address that needed a call to Partoo.",
};

/** @param resetSeconds until a request is admitted again */
export function rateLimited(name: LimitName, rate: Rate, resetSeconds: number): Problem {
  const seconds = Math.max(1, Math.ceil(resetSeconds));
  return problem("rate-limited", {
    detail: `${DETAIL[name]} Try again in ${seconds} s.`,
    headers: {
      "retry-after": String(seconds),
      ratelimit: `"${name}";r=0;t=${seconds}`,
      "ratelimit-policy": `"${name}";q=${rate.count};w=${rate.windowSeconds}`,
    },
  });
}
