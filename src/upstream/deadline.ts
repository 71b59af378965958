/** One signal for both ends of waiting for Partoo: the deadline, and nobody waiting any more. */
import { DeadlineExceeded } from "./failures.ts";

export interface Deadline {
  /** Its reason is DeadlineExceeded, or that of `waiting`. */
  readonly signal: AbortSignal;
  /** The time that this takes is given back: a sweep may wait longer for budget than Partoo may for an answer. */
  pausedFor<T>(action: () => Promise<T>): Promise<T>;
  clear(): void;
}

/** Runs from now on. @param waiting aborted when nobody waits any more */
export function startDeadline(waiting: AbortSignal, deadlineMs: number): Deadline {
  const controller = new AbortController();
  const leave = (): void => controller.abort(waiting.reason);
  const expire = (): void => controller.abort(new DeadlineExceeded(`no whole answer within ${deadlineMs} ms`));
  let endsAt = performance.now() + deadlineMs;
  let timer = setTimeout(expire, deadlineMs);
  if (waiting.aborted) leave();
  waiting.addEventListener("abort", leave, { once: true });
  return {
    signal: controller.signal,
    async pausedFor(action) {
      clearTimeout(timer);
      const leftMs = endsAt - performance.now();
      const result = await action();
      endsAt = performance.now() + leftMs;
      timer = setTimeout(expire, leftMs);
      return result;
    },
    clear: () => {
      clearTimeout(timer);
      waiting.removeEventListener("abort", leave);
    },
  };
}
