/**
 * A made-up deployment in made-up time: processes that start, end and start again, a Redis that goes, comes back empty or with an old
 * file, answers late or not at all, is reached by some and not by others, and has its clock set back. Only the booking itself is real.
 */
import type { Organization } from "../../src/policy.ts";
import type { Priority } from "../../src/quota/budget.ts";
import type { Pacer } from "../../src/quota/pace.ts";
import type { Question, WindowLog, WindowRules } from "../../src/quota/window.ts";
import { budgetOf, capsOf, gapOf, lineOf } from "../../src/quota/budget.ts";
import { createPacer, pace } from "../../src/quota/pace.ts";
import { book, cancel, soundLog } from "../../src/quota/window.ts";
import { createRandom } from "./reference.ts";

const WINDOW_MS = 63_000;
const MAX_WAIT_MS = 2000;
const LATE_MS = 500;
const CONNECT_MS = 2000;
const COMMAND_TIMEOUT_MS = 250;
const HISTORY_MS = 600_000;
/** The last part of a history is free of faults. */
const CALM_MS = 220_000;

/** What the test may take away, to see that the reference notices. */
export interface Faults {
  readonly youthMs?: number;
  /** The own part may be spent at once, as soon as a process starts. */
  readonly unpaced?: boolean;
  /** The own part comes on top instead of being set aside. */
  readonly notSetAside?: boolean;
  readonly windowMs?: number;
}

export interface History {
  readonly organization: Organization;
  readonly limit: number;
  /** When bytes left for Partoo, in real milliseconds. */
  readonly sends: readonly number[];
  readonly frontendSends: ReadonlyMap<string, readonly number[]>;
  readonly caps: ReadonlyMap<string, number>;
  /** Calls admitted in the last 64 seconds, long after the last fault. */
  readonly calmSends: number;
  /** What the shared log gives out in a window. */
  readonly shared: number;
}

interface Instance {
  life: number;
  alive: boolean;
  reaches: boolean;
  pacer: Pacer;
  /** Its own clock: rate and zero. */
  rate: number;
  zero: number;
}

interface Server {
  up: boolean;
  id: number;
  log: WindowLog | undefined;
  file: WindowLog | undefined;
  offset: number;
  rate: number;
}

/** One history, wholly determined by its seed. */
export function runHistory(seed: number, faults: Faults = {}): History {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const instanceCount = 1 + Math.floor(random() * 4);
  const quota = pick([1, 2, 3, 5, 8, 12, 20, 30, 40, 60]);
  const organization: Organization = {
    name: "acme",
    quotaPerMinute: quota + Math.floor(quota / 4),
    reservePerMinute: Math.floor(quota / 4),
    instances: instanceCount,
  };
  const windowMs = faults.windowMs ?? WINDOW_MS;
  const rules: WindowRules = {
    windowMs,
    youthMs: faults.youthMs ?? windowMs + MAX_WAIT_MS,
    horizonMs: MAX_WAIT_MS,
    clockStepMs: windowMs / 10,
  };
  const cut = budgetOf(organization);
  const budget = faults.notSetAside === true ? { ...cut, shared: cut.whole } : cut;
  const shares = new Map([
    ["a", 1],
    ["b", 0.5],
    ["c", 0.2],
  ]);

  const queue = createQueue();
  const sends: number[] = [];
  const frontendSends = new Map<string, number[]>();
  let calmSends = 0;

  const redis: Server = { up: random() < 0.8, id: 1, log: undefined, file: undefined, offset: random() * 1e9, rate: drift(random) };
  const redisNow = (at: number): number => Math.floor(at * redis.rate + redis.offset) + 1_700_000_000_000;
  const instances: Instance[] = Array.from({ length: instanceCount }, () => ({
    life: 0,
    alive: false,
    reaches: true,
    pacer: createPacer(0),
    rate: 1,
    zero: 0,
  }));
  const clock = (instance: Instance, at: number): number => at * instance.rate + instance.zero;
  const start = (instance: Instance, at: number): void => {
    Object.assign(instance, { life: instance.life + 1, alive: true, rate: drift(random), zero: random() * 1e7 });
    instance.pacer = createPacer(clock(instance, at));
  };

  const send = (instance: Instance, life: number, at: number, call: Call): void => {
    if (!instance.alive || instance.life !== life) return;
    const sentAt = at + random() * CONNECT_MS;
    sends.push(sentAt);
    if (at > HISTORY_MS - WINDOW_MS - 1000 && at < HISTORY_MS) calmSends += 1;
    if (call.frontend !== undefined) frontendSends.set(call.frontend, [...(frontendSends.get(call.frontend) ?? []), sentAt]);
  };
  interface Call {
    readonly frontend: string | undefined;
    readonly priority: Priority;
  }
  const askPacer = (instance: Instance, at: number, call: Call): void => {
    if (!instance.alive) return;
    const caps = capsOf(shares.get(call.frontend ?? "a"), budget, instanceCount);
    const gap = (calls: number): number => {
      if (calls < 1) return Number.POSITIVE_INFINITY;
      return gapOf(call.priority, faults.unpaced === true ? 1 : windowMs / calls);
    };
    if (faults.unpaced === true && instance.pacer.newest.size > 0 && overSpent(instance, at)) return;
    const cap = caps !== undefined && call.frontend !== undefined ? { cap: { frontend: call.frontend, gapMs: gap(caps.own) } } : {};
    const question = { gapMs: gap(budget.own), maxWaitMs: call.priority === "miss" ? MAX_WAIT_MS : 0, pausedUntilMs: 0, ...cap };
    const now = clock(instance, at);
    const paced = pace(instance.pacer, question, now);
    if (paced.verdict !== "booked") return;
    const { life } = instance;
    burst.set(instance, [...(burst.get(instance) ?? []), at]);
    if (random() < 0.05) paced.cancel();
    else queue.add(at + (paced.atMs - now) / instance.rate + random() * 5, (then) => send(instance, life, then, call));
  };
  /** Only for the unpaced fault: what this life has spent of its own part. */
  const burst = new Map<Instance, number[]>();
  const overSpent = (instance: Instance, at: number): boolean =>
    (burst.get(instance) ?? []).filter((time) => time > at - windowMs).length >= budget.own;

  const askRedis = (instance: Instance, at: number, call: Call): void => {
    const { life } = instance;
    const slowest = at < HISTORY_MS - CALM_MS ? 300 : 5;
    const there = at + random() ** 4 * slowest;
    const back = random() ** 4 * slowest;
    const isLost = at < HISTORY_MS - CALM_MS && random() < 0.01;
    if (!instance.reaches || !redis.up) return askPacer(instance, at, call);
    queue.add(there, (then) => {
      if (!redis.up) return queue.add(at + COMMAND_TIMEOUT_MS, (late) => askPacer(instance, late, call));
      const reply = bookShared(then, call);
      const arrives = then + back;
      const { id } = redis;
      if (isLost || arrives - at > COMMAND_TIMEOUT_MS) {
        return queue.add(at + COMMAND_TIMEOUT_MS, (late) => instance.life === life && askPacer(instance, late, call));
      }
      queue.add(arrives, (now) => {
        if (!instance.alive || instance.life !== life) return;
        if (reply.verdict === "young") return askPacer(instance, now, call);
        if (reply.verdict !== "booked") return;
        const due = now + (reply.atMs - reply.nowMs) / instance.rate;
        const latest = at + (reply.atMs - reply.nowMs) / instance.rate + LATE_MS;
        const takeBack = (when: number): void => {
          if (redis.up && redis.id === id && instance.reaches && redis.log !== undefined) {
            redis.log = soundLog(redis.log, String(redis.id), redisNow(when), rules);
            cancel(redis.log, reply.atMs, capped(call) ? call.frontend : undefined);
          }
        };
        if (random() < 0.08) return queue.add(now + (due - now) * random(), takeBack);
        const goes = due + random() ** 6 * 3 * slowest;
        queue.add(goes, (when) => {
          if (when > latest) takeBack(when);
          else send(instance, life, when, call);
        });
      });
    });
  };
  const capped = ({ frontend }: Call): boolean => frontend !== undefined && (shares.get(frontend) ?? 1) < 1;
  const bookShared = (at: number, call: Call) => {
    const now = redisNow(at);
    redis.log = soundLog(redis.log, String(redis.id), now, rules);
    const caps = call.frontend === undefined ? undefined : capsOf(shares.get(call.frontend), budget, instanceCount);
    const question: Question = {
      take: true,
      line: lineOf(call.priority, budget.shared),
      maxWaitMs: call.priority === "miss" ? MAX_WAIT_MS : 0,
      pauseMs: 0,
      ...(caps === undefined || call.frontend === undefined ? {} : { cap: { frontend: call.frontend, count: caps.shared } }),
    };
    return book(redis.log, question, now, rules);
  };

  const losses: readonly ((at: number) => void)[] = [
    () => Object.assign(redis, { up: false }),
    () => Object.assign(redis, { up: true }),
    () => Object.assign(redis, { up: true, id: redis.id + 1, log: undefined }),
    () => Object.assign(redis, { up: true, id: redis.id + 1, log: redis.file === undefined ? undefined : copy(redis.file) }),
    () => Object.assign(redis, { file: redis.log === undefined ? undefined : copy(redis.log) }),
    () => Object.assign(redis, { log: undefined }),
    () => Object.assign(redis, { offset: redis.offset - random() ** 3 * 200_000 }),
    () => void (pick(instances).reaches = random() < 0.5),
    () => instances.forEach((instance) => Object.assign(instance, { reaches: random() < 0.6 })),
    (at) => start(pick(instances), at),
    (at) => instances.forEach((instance) => start(instance, at)),
    () => Object.assign(pick(instances), { alive: false }),
    (at) => {
      Object.assign(redis, { up: true, id: redis.id + 1, log: undefined });
      instances.forEach((instance) => start(instance, at));
    },
  ];
  for (const instance of instances) if (random() < 0.8) start(instance, 0);
  const stormy = random() < 0.3 ? 4000 : 25_000;
  for (let at = random() * stormy; at < HISTORY_MS - CALM_MS; at += random() * stormy) queue.add(at, (then) => pick(losses)(then));
  queue.add(HISTORY_MS - CALM_MS, (at) => {
    redis.up = true;
    for (const instance of instances) {
      instance.reaches = true;
      if (!instance.alive) start(instance, at);
    }
  });
  for (const at of arrivals(random, quota)) {
    queue.add(at, (then) => {
      const instance = pick(instances);
      const frontend = random() < 0.2 ? undefined : pick([...shares.keys()]);
      const priority = pick<Priority>(["miss", "miss", "miss", "refresh", "sweep", "operator"]);
      if (instance.alive) askRedis(instance, then, { frontend, priority });
    });
  }
  queue.run();
  const caps = new Map([...shares].map(([name, share]) => [name, share === 1 ? cut.whole : Math.max(1, Math.floor(cut.whole * share))]));
  return { organization, limit: quota, sends: sends.toSorted((a, b) => a - b), frontendSends, caps, calmSends, shared: cut.shared };
}

/** Bursts between quiet times, about five times what may be spent, and a last calm part that asks for more than there is. */
function* arrivals(random: () => number, quota: number): Generator<number> {
  const calm = HISTORY_MS - CALM_MS;
  for (let at = 0; at < HISTORY_MS;) {
    const isBurst = at >= calm || random() < 0.5;
    const end = at + (isBurst ? 5000 : 15_000) * random() + 500;
    const gap = isBurst ? 6000 / quota : 40_000 / quota;
    for (; at < end && at < HISTORY_MS; at += gap * random() * 2) yield at;
  }
}

/** A clock that runs up to 200 ppm too fast or too slow. */
function drift(random: () => number): number {
  return 1 + (random() - 0.5) * 4e-4;
}

function copy(log: WindowLog): WindowLog {
  const frontends = new Map([...log.frontends].map(([name, times]) => [name, [...times]]));
  return { ...log, times: [...log.times], frontends };
}

interface Queue {
  add(at: number, action: (at: number) => unknown): void;
  run(): void;
}

/** Events in order of time (a binary heap). */
function createQueue(): Queue {
  const heap: { readonly at: number; readonly action: (at: number) => unknown }[] = [];
  const swap = (a: number, b: number): void => void ([heap[a], heap[b]] = [heap[b]!, heap[a]!]);
  const sink = (): void => {
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && heap[child]!.at < heap[least]!.at) least = child;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  };
  return {
    add(at, action) {
      heap.push({ at, action });
      for (let child = heap.length - 1; child > 0;) {
        const parent = (child - 1) >> 1;
        if (heap[parent]!.at <= heap[child]!.at) break;
        swap(parent, child);
        child = parent;
      }
    },
    run() {
      while (heap.length > 0) {
        swap(0, heap.length - 1);
        const next = heap.pop()!;
        sink();
        next.action(next.at);
      }
    },
  };
}
