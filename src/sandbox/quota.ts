/** The limit that Partoo puts on an organization: so many calls a minute, all its keys together (partoo reference §4). */
import { createSlidingLog } from "./sliding-log.ts";

/** Partoo does not say how its minute runs: over the last 60 seconds, or by the clock. Both can be had. */
export type WindowKind = "rolling" | "aligned";

export interface QuotaOptions {
  readonly limit: number;
  readonly kind: WindowKind;
  readonly windowMs: number;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
}

export interface Quota {
  /** Counts one call, or says after how many whole seconds (at least 1) one may be tried again. A refused call does not count. */
  admit(): { readonly admitted: true } | { readonly admitted: false; readonly retryAfterSeconds: number };
}

export function createQuota(options: QuotaOptions): Quota {
  return options.kind === "rolling" ? rollingQuota(options) : alignedQuota(options);
}

function rollingQuota({ limit, windowMs, now }: QuotaOptions): Quota {
  const log = createSlidingLog(windowMs);
  return {
    admit: () => {
      const at = now();
      if (log.count(at) >= limit) return refused((log.oldest(at) ?? at) + windowMs - at);
      log.push(at);
      return { admitted: true };
    },
  };
}

function alignedQuota({ limit, windowMs, now }: QuotaOptions): Quota {
  let current = -1;
  let count = 0;
  return {
    admit: () => {
      const at = now();
      const window = Math.floor(at / windowMs);
      if (window !== current) count = 0;
      current = window;
      if (count >= limit) return refused((window + 1) * windowMs - at);
      count += 1;
      return { admitted: true };
    },
  };
}

function refused(waitMs: number): { readonly admitted: false; readonly retryAfterSeconds: number } {
  return { admitted: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}
