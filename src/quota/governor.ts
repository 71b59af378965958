/**
 * The governor: admits every call that will send bytes to Partoo, so that no 60 seconds of Partoo's, rolling or aligned, hold more than
 * L = quota − reserve, whatever happens to processes and to Redis.
 *
 * Why that holds, with W = 63 s (60 s, 2 s to connect, and 1 s for answers of Redis, timers and clocks):
 * - The budget is cut once: what goes through the shared log, plus each process's own part, is at most L (budget.ts).
 * - Shared log: no window W on Redis's clock holds more than its part (window.ts). A booking lies at most the longest wait H ahead, so
 *   all that a lost log had booked goes within H of the loss, and its successor books nothing until it is W + H old. A log that was
 *   restored from an older file or came to another server counts as lost (book-script.ts).
 * - Own part: calls of one process have a fixed gap, the first a gap after its start (pace.ts). `instances` is the most processes that
 *   ever live at once, so each lives in one of `instances` places, one after the other; in each place the gaps hold across restarts.
 * - A call that could only go late, because the process or Redis was slow, is not sent but booked anew.
 *
 * Where it does not hold: without Redis a process that starts serves at once, so each restart within a window may spend that process's
 * L ÷ instances once more. Two Redis servers that both believe to be the master each give out the shared part. A clock of Redis that is
 * set forward forgets as much time as it is set (set back: it only waits, or begins anew). More processes than `instances`
 * exceed by their own parts.
 */
import type { Logger } from "../log.ts";
import type { Organization } from "../policy.ts";
import type { RedisConnection } from "../redis.ts";
import type { AdmitRequest } from "./account.ts";
import type { QuotaState } from "./state.ts";
import { problem } from "../problem.ts";
import { Account } from "./account.ts";
import { createSharedLog } from "./shared-log.ts";

export type { AdmitRequest } from "./account.ts";
export type { Priority } from "./budget.ts";
export type { QuotaState } from "./state.ts";

const WINDOW_MS = 63_000;
const MAX_WAIT_MS = 2000;
const LATE_MS = 500;
const LOOK_MS = 1000;
const PAUSE_SECONDS = { least: 1, most: 300 } as const;

export interface Governor {
  /**
   * Books one call that will send bytes to Partoo and waits until it may go: a miss at most `maxWaitMs`, a refresh and an operator
   * not at all, a sweep until its signal is aborted. Send at once when it resolves.
   * @throws Problem quota-exhausted with Retry-After; draining when the governor is closed; the signal's reason when it is aborted
   */
  admit(request: AdmitRequest): Promise<void>;
  /** Partoo answered 429: nobody calls for this organization for so long, at least 1 s and at most 5 min, in any process that reaches Redis. */
  pause(organization: string, seconds: number): Promise<void>;
  /** How every organization of the running policy stands, as this process knows it. */
  state(): readonly QuotaState[];
  /** Commands to Redis that failed since the start. */
  readonly redisFailures: number;
  /** Whoever waits gets Problem draining. */
  close(): Promise<void>;
}

export interface GovernorOptions {
  /** The running policy's organizations, read at every call. */
  readonly organizations: () => ReadonlyMap<string, Organization>;
  /** undefined: this process spends L ÷ instances. */
  readonly redis?: RedisConnection;
  readonly logger: Logger;
  /** Monotonic milliseconds. Default performance.now(). */
  readonly now?: () => number;
  /** How long a call counts from its admission. */
  readonly windowMs?: number;
  /** The longest a miss waits. The same in all processes. */
  readonly maxWaitMs?: number;
  /** How late after its booked time a call may still go; with connecting, at most windowMs less Partoo's minute. */
  readonly lateMs?: number;
  /** How often the shared logs are looked at. */
  readonly lookMs?: number;
}

export function createGovernor(options: GovernorOptions): Governor {
  const { organizations, redis, logger, windowMs = WINDOW_MS, maxWaitMs = MAX_WAIT_MS, lateMs = LATE_MS } = options;
  const now = options.now ?? (() => performance.now());
  const rules = { windowMs, youthMs: redis === undefined ? 0 : windowMs + maxWaitMs, horizonMs: maxWaitMs, clockStepMs: windowMs / 10 };
  const shared = redis === undefined ? undefined : createSharedLog({ redis, rules, logger, now });
  const desk = { rules, lateMs, now };
  const startedMs = now();
  const accounts = new Map<string, Account>();
  let closed = false;

  const accountOf = (name: string): Account => {
    let account = accounts.get(name);
    if (account === undefined) {
      account = new Account({ name, shared, desk, maxWaitMs, startedMs, logger });
      accounts.set(name, account);
    }
    return account;
  };
  const known = (name: string): Organization => {
    const organization = organizations().get(name);
    if (organization === undefined) throw new TypeError("an organization that the policy does not know");
    return organization;
  };
  const lookAround = async (): Promise<void> => {
    await Promise.all([...organizations().keys()].map((name) => accountOf(name).look()));
  };
  const looking = shared === undefined ? undefined : repeat(lookAround, options.lookMs ?? LOOK_MS);

  return {
    async admit(request) {
      if (closed) throw problem("draining");
      request.signal?.throwIfAborted();
      await accountOf(request.organization).admit(known(request.organization), request);
    },
    async pause(name, seconds) {
      const { least, most } = PAUSE_SECONDS;
      await accountOf(name).pause(Math.min(Math.max(seconds, least), most) * 1000);
    },
    state: () => [...organizations().values()].map((organization) => accountOf(organization.name).state(organization)),
    get redisFailures() {
      return shared?.failures ?? 0;
    },
    async close() {
      closed = true;
      for (const account of accounts.values()) account.close(problem("draining"));
      await looking?.stop();
    },
  };
}

/** Does it now and every so often, never twice at a time. It must not throw. */
function repeat(action: () => Promise<void>, everyMs: number): { stop(): Promise<void> } {
  let current = action();
  let isBusy = true;
  const settle = (): void => void (isBusy = false);
  void current.then(settle);
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    current = action();
    void current.then(settle);
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await current;
    },
  };
}
