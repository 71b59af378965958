/** Start to ready with a warm compile cache, and memory at rest. */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { Child } from "./child.ts";
import type { World } from "./world.ts";
import { startChild } from "./child.ts";
import { startVariables } from "./rivals/partoo-bff.ts";
import { median, percentile99 } from "./statistics.ts";
import { CORE } from "./world.ts";

const REST_MS = 2000;
/** Nothing listens there; nothing is asked of it. */
const NO_UPSTREAM = "http://127.0.0.1:9";

export interface StartResult {
  /** Starts that were timed; the one that fills the compile cache is not among them. */
  readonly n: number;
  /** From spawning the process until /readyz has answered 200. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Processor time of a start, median: what other load on the machine disturbs least. NaN where /proc is missing. */
  readonly processorMs: number;
  /** The same without a compile cache, once. */
  readonly coldMs: number;
  /** Resident memory after two seconds without a request; undefined where /proc is missing. */
  readonly idleMb: number | undefined;
}

export async function measureStart(world: World, runs: number): Promise<StartResult> {
  const cold = await timeStart(world, {});
  await cold.child.stop();
  const cached = { NODE_COMPILE_CACHE: join(world.directory, "compile-cache") };
  await (await timeStart(world, cached)).child.stop();
  const times: number[] = [];
  const processorTimes: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    world.progress(`start ${run} of ${runs}`);
    const { child, ms } = await timeStart(world, cached);
    times.push(ms);
    processorTimes.push(child.processorMicroseconds() / 1000);
    await child.stop();
  }
  return {
    n: runs,
    medianMs: median(times),
    p99Ms: percentile99(times),
    processorMs: median(processorTimes),
    coldMs: cold.ms,
    idleMb: await measureRest(world, cached),
  };
}

async function timeStart(
  { root, directory }: World,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly child: Child; readonly ms: number }> {
  const startedAt = performance.now();
  const child = await startChild({
    args: ["src/main.ts", "start", "--config", join(directory, "config")],
    core: CORE.measured,
    cwd: root,
    env: { ...startVariables(directory, NO_UPSTREAM), ...env },
  });
  const { status } = await fetch(`http://127.0.0.1:${child.port}/readyz`);
  const ms = performance.now() - startedAt;
  if (status !== 200) throw new Error(`/readyz answered ${status}`);
  return { child, ms };
}

async function measureRest(world: World, env: Readonly<Record<string, string>>): Promise<number | undefined> {
  const { child } = await timeStart(world, env);
  await sleep(REST_MS);
  const megabytes = child.residentMb();
  await child.stop();
  return megabytes;
}
