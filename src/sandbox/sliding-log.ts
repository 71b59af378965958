/** Times of events that happened within the last window: a queue that forgets from its front. */

export interface SlidingLog {
  push(at: number): void;
  /** How many happened after `at - windowMs`. */
  count(at: number): number;
  /** When the oldest that still counts happened; undefined when none does. */
  oldest(at: number): number | undefined;
}

/** @param windowMs how long an event counts */
export function createSlidingLog(windowMs: number): SlidingLog {
  let times: number[] = [];
  let head = 0;
  const forget = (at: number): void => {
    while (head < times.length && (times[head] as number) <= at - windowMs) head += 1;
    if (head > 1024 && head * 2 > times.length) {
      times = times.slice(head);
      head = 0;
    }
  };
  return {
    push: (at) => void times.push(at),
    count: (at) => {
      forget(at);
      return times.length - head;
    },
    oldest: (at) => {
      forget(at);
      return times[head];
    },
  };
}
