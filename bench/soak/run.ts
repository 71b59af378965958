/** One run: everything is started anew, loaded, robbed of its Redis half way, asked what it saw, and ended. */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet, Window } from "./fleet.ts";
import type { LoadMessage, LoadOrder } from "./load.ts";
import type { Observation } from "./observe.ts";
import type { Cell, LoadResult } from "./tally.ts";
import { stopProcess } from "../child.ts";
import { FRONTEND, ORIGIN, startFleet } from "./fleet.ts";
import { observe } from "./observe.ts";
import { createTargets } from "./targets.ts";

export const ADDRESSES = 250;
const REDIS_AWAY_SECONDS = 30;
/** The proxies write their logs every second. */
const LOG_FLUSH_MS = 1500;

export interface RunOptions {
  readonly window: Window;
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
  /** Ends the run before its time: it throws the reason. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface RunResult {
  readonly window: Window;
  readonly seconds: number;
  readonly rate: number;
  readonly budget: number;
  readonly load: LoadResult;
  readonly observation: Observation;
  /** Resident memory of each proxy in MB (10⁶ bytes), before the load and after it; undefined where /proc is missing. */
  readonly memory: readonly { readonly startMb: number | undefined; readonly endMb: number | undefined }[];
}

export async function runSoak({ window, seconds, rate, signal, progress }: RunOptions): Promise<RunResult> {
  progress(`${window} window: ${rate} requests/s for ${seconds} s, from cold`);
  const targets = createTargets(FRONTEND);
  const fleet = await startFleet(window);
  const loader = fork(join(import.meta.dirname, "load.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = new AbortController();
  let robbery: Promise<void> | undefined;
  try {
    signal.throwIfAborted();
    const startMb = fleet.proxies.map((proxy) => proxy.residentMb());
    const ports = fleet.proxies.map(({ port }) => port);
    loader.send({ targets, ports, addresses: ADDRESSES, rate, seconds, origin: ORIGIN } satisfies LoadOrder);
    const rob = (): void => void (robbery = robRedis(fleet, seconds, { progress, signal: ended.signal }));
    const { load, beganAt } = await follow(loader, { progress, signal, onBegun: rob });
    await sleep(LOG_FLUSH_MS);
    const memory = fleet.proxies.map((proxy, index) => ({ startMb: startMb[index], endMb: proxy.residentMb() }));
    return { window, seconds, rate, budget: fleet.budget, load, observation: await observe(fleet, beganAt), memory };
  } finally {
    ended.abort();
    // Redis must not be started after it was stopped.
    await robbery;
    await stopProcess(loader);
    await fleet.stop();
  }
}

interface Watch {
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** SIGKILL at half time; back on the same port and empty 30 s later, or after a quarter of a short run. */
async function robRedis({ redis }: Fleet, seconds: number, { progress, signal }: Watch): Promise<void> {
  const awaySeconds = Math.min(REDIS_AWAY_SECONDS, seconds / 4);
  try {
    await sleep(seconds * 500, undefined, { signal });
    await redis.kill();
    progress("       Redis is killed");
    await sleep(awaySeconds * 1000, undefined, { signal });
    await redis.restart();
    progress("       Redis is back, empty");
  } catch (fault) {
    if (!signal.aborted) progress(`       Redis could not be restarted: ${String(fault)}`);
  }
}

/** Until the load is done. @throws the signal's reason; Error when the load ends before */
async function follow(
  loader: ChildProcess,
  { progress, signal, onBegun }: Watch & { readonly onBegun: () => void },
): Promise<{ readonly load: LoadResult; readonly beganAt: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ load: LoadResult; beganAt: number }>();
  let beganAt = 0;
  let before: readonly Cell[] = [];
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  loader.once("exit", (code) => reject(new Error(`the load ended early (${code})`)));
  loader.on("message", (message: LoadMessage) => {
    if (message.type === "done") return resolve({ load: message.result, beganAt });
    if (message.type === "progress") {
      progress(progressLine(message.seconds, message.cells, before));
      before = message.cells;
      return;
    }
    beganAt = Date.now();
    onBegun();
  });
  return promise;
}

/** What was answered since the line before. */
function progressLine(seconds: number, cells: readonly Cell[], before: readonly Cell[]): string {
  const counts = new Map<string, number>();
  for (const [sign, list] of [
    [1, cells],
    [-1, before],
  ] as const) {
    for (const { status, outcome, count } of list) {
      const name = status > 199 && status < 300 ? outcome : `${status} ${outcome}`;
      counts.set(name, (counts.get(name) ?? 0) + sign * count);
    }
  }
  const parts = [...counts].filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a);
  return `${String(seconds).padStart(4)} s  ${parts.map(([name, count]) => `${name} ${count}`).join(", ")}`;
}
