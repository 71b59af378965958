/** What the directory is measured in: a local Partoo with very many stores, and this project over it, each a process as in production. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Asked } from "../ask.ts";
import type { Child } from "../child.ts";
import type { ConfigurationChanges } from "../configuration.ts";
import type { Brood } from "../contest.ts";
import type { World } from "../world.ts";
import { ask } from "../ask.ts";
import { startChild } from "../child.ts";
import { copyConfiguration } from "../configuration.ts";
import { BENCH_KEY, partooBff } from "../rivals/partoo-bff.ts";
import { CORE, ORIGIN } from "../world.ts";

export const STORES = 50_000;
/** The directory of the shipped website. */
export const LISTS = `${partooBff.prefix}/stores`;

const SANDBOX_ADDRESS = /^PARTOO_URL=http:\/\/127\.0\.0\.1:(\d+)\/v2$/;
const LOOK_MS = 500;
const MOST_MINUTES = 10;

export interface Running {
  readonly proxy: Child;
  /** Addresses without a slash at the end. */
  readonly proxyUrl: string;
  readonly sandboxUrl: string;
}

export interface RunningOptions {
  /** Of a folder of its own in the world's. */
  readonly name: string;
  readonly configuration: ConfigurationChanges;
  /** What the local Partoo grants, calls a minute. */
  readonly limit: number;
}

/** @param brood ends both */
export async function startOverStores(world: World, brood: Brood, { name, configuration, limit }: RunningOptions): Promise<Running> {
  const { root } = world;
  const directory = join(world.directory, name);
  copyConfiguration(root, join(directory, "config"), configuration);
  const args = ["src/main.ts", "sandbox", "--port", "0", "--stores", String(STORES), "--limit", String(limit)];
  const env = { PARTOO_KEY_LOCATOR_READ: BENCH_KEY };
  const sandbox = await brood.add(startChild({ args, core: CORE.load, cwd: root, env, address: SANDBOX_ADDRESS }));
  const sandboxUrl = `http://127.0.0.1:${sandbox.port}`;
  const proxy = await brood.add(partooBff.start({ ...world, directory }, { url: sandboxUrl, coded: false }));
  return { proxy, proxyUrl: `http://127.0.0.1:${proxy.port}`, sandboxUrl };
}

export interface AwaitOptions {
  readonly until: (answer: Asked) => boolean;
  /** What is waited for. */
  readonly what: string;
  /** Called at each look, with the time waited. */
  readonly onLook?: (seconds: number) => Promise<void>;
}

/** Asks twice a second, as a page of the website. @returns seconds waited @throws Error after ten minutes */
export async function awaitAnswer(url: string, { until, what, onLook }: AwaitOptions): Promise<number> {
  const startedAt = performance.now();
  const waited = (): number => (performance.now() - startedAt) / 1000;
  while (!until(await ask(url, { origin: ORIGIN }))) {
    if (waited() > MOST_MINUTES * 60) throw new Error(`after ${MOST_MINUTES} minutes still no ${what}`);
    await onLook?.(waited());
    await sleep(LOOK_MS);
  }
  return waited();
}
