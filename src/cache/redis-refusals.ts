/** Tells the operator that Redis is there and refuses to store: full, read-only, or not for this user. */
import type { Logger } from "../log.ts";
import { reasonOf } from "../redis.ts";

/** Where Redis refuses now and then, the operator hears of it so often. */
const TELL_EVERY_MS = 60_000;

export interface Refusals {
  /** @param reply the error that Redis answered to a write; its first word is told */
  refused(reply: Error): void;
  /** Redis took a write. */
  taken(): void;
}

/** One line when it begins and one when it ends. @param now ms on a clock that never jumps */
export function createRefusals(logger: Logger, now: () => number = () => performance.now()): Refusals {
  let refuses = false;
  let toldAt = -Infinity;
  return {
    refused(reply) {
      if (refuses || now() - toldAt < TELL_EVERY_MS) return;
      refuses = true;
      toldAt = now();
      logger.warn({ redis: "refuses", error_code: reasonOf(reply) }, "Redis refuses to store; each process keeps and counts for itself");
    },
    taken() {
      if (refuses) logger.info({ redis: "takes" }, "Redis stores again");
      refuses = false;
    },
  };
}
