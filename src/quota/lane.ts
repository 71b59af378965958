/** Callers who have a booking and wait for its time: in order of arrival, with one timer for all of them. */

export interface Lane {
  /**
   * Resolves at `dueMs`, and never before somebody who came earlier.
   * @throws the signal's reason when it is aborted, or the reason of close()
   */
  wait(dueMs: number, signal?: AbortSignal): Promise<void>;
  readonly waiting: number;
  /** Everybody who waits, and whoever comes later, gets this reason. */
  close(reason: unknown): void;
}

interface Waiter {
  readonly dueMs: number;
  readonly go: () => void;
  readonly leave: (reason: unknown) => void;
}

/** @param now monotonic milliseconds */
export function createLane(now: () => number): Lane {
  const waiters: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed: { readonly reason: unknown } | undefined;

  const arm = (): void => {
    clearTimeout(timer);
    const [first] = waiters;
    // A timer may fire a little early: it is set again until the time has come.
    if (first !== undefined) timer = setTimeout(release, Math.max(1, Math.ceil(first.dueMs - now())));
  };
  const release = (): void => {
    const time = now();
    while (waiters[0] !== undefined && waiters[0].dueMs <= time) waiters.shift()?.go();
    arm();
  };
  const leave = (waiter: Waiter, reason: unknown): void => {
    const at = waiters.indexOf(waiter);
    if (at < 0) return;
    waiters.splice(at, 1);
    if (at === 0) arm();
    waiter.leave(reason);
  };

  return {
    wait(dueMs, signal) {
      if (closed !== undefined) return Promise.reject(closed.reason);
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      if (waiters.length === 0 && dueMs <= now()) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = (): void => leave(waiter, signal?.reason);
      const done = (): void => signal?.removeEventListener("abort", abort);
      const waiter: Waiter = {
        dueMs: Math.max(dueMs, waiters.at(-1)?.dueMs ?? dueMs),
        go: () => (done(), resolve()),
        leave: (reason) => (done(), reject(reason)),
      };
      signal?.addEventListener("abort", abort, { once: true });
      waiters.push(waiter);
      if (waiters.length === 1) arm();
      return promise;
    },
    get waiting() {
      return waiters.length;
    },
    close(reason) {
      closed = { reason };
      clearTimeout(timer);
      for (const waiter of waiters.splice(0)) waiter.leave(reason);
    },
  };
}
