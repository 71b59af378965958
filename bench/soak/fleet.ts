/** What is put under load: a sandbox, a Redis that can be killed, and three proxies, each a process as in production. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Child } from "../child.ts";
import type { RedisServer } from "../../test/support/redis.ts";
import { loadConfig } from "../../src/config/load.ts";
import { freePort, startRedis } from "../../test/support/redis.ts";
import { startChild } from "../child.ts";
import { STORES } from "./targets.ts";

const ROOT = join(import.meta.dirname, "../..");
export const PROXIES = 3;
export const FRONTEND = "store-locator";
export const ORIGIN = "https://stores.acme.example";
const ORGANIZATION = "acme";
/** Accepted by every sandbox. */
const KEY = "sandbox-locator-read";
const SANDBOX_ADDRESS = /^PARTOO_URL=http:\/\/127\.0\.0\.1:(\d+)\/v2$/;

/** How the sandbox's minute runs. */
export type Window = "rolling" | "aligned";

/** One proxy. */
export interface Proxy extends Child {
  readonly metricsPort: number;
  /** Removed with the fleet. */
  readonly logFile: string;
}

export interface Fleet {
  readonly proxies: readonly Proxy[];
  readonly redis: RedisServer;
  readonly sandboxPort: number;
  /** L: quota less reserve, calls a minute. */
  readonly budget: number;
  /** Ends every process and removes every file. */
  stop(): Promise<void>;
}

/** Whatever was started is ended when something does not start. */
export async function startFleet(window: Window): Promise<Fleet> {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-soak-"));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((end) => end()));
    rmSync(directory, { recursive: true, force: true });
  };
  const keep = async <T>(starting: Promise<T>, end: (started: T) => Promise<void>): Promise<T> => {
    const started = await starting;
    stops.push(() => end(started));
    return started;
  };
  try {
    const budget = writeConfig(directory);
    const sandbox = await keep(startSandbox(window), (child) => child.stop());
    const redis = await keep(startRedis(), (server) => server.close());
    const upstream = `http://127.0.0.1:${sandbox.port}/v2`;
    const start = (nth: number): Promise<Proxy> => startProxy(directory, nth, { upstream, redisUrl: redis.url });
    const starts = Array.from({ length: PROXIES }, (_, nth) => keep(start(nth + 1), (proxy) => proxy.stop()));
    const settled = await Promise.allSettled(starts);
    const proxies = settled.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return one.value;
    });
    return { proxies, redis, sandboxPort: sandbox.port, budget, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** The shipped configuration with as many instances as there are. @returns L of the organization */
function writeConfig(directory: string): number {
  const config = join(directory, "config");
  cpSync(join(ROOT, "config"), config, { recursive: true });
  const file = join(config, "bff.yaml");
  const shipped = readFileSync(file, "utf8");
  writeFileSync(file, shipped.replace("instances: 2", `instances: ${PROXIES}`));
  const organization = loadConfig(config).policy?.organizations.get(ORGANIZATION);
  if (organization?.instances !== PROXIES) throw new Error("config/bff.yaml has changed its form");
  return organization.quotaPerMinute - organization.reservePerMinute;
}

function startSandbox(window: Window): Promise<Child> {
  const args = ["src/main.ts", "sandbox", "--port", "0", "--stores", String(STORES), "--window", window];
  return startChild({ args, cwd: ROOT, address: SANDBOX_ADDRESS });
}

async function startProxy(
  directory: string,
  nth: number,
  { upstream, redisUrl }: { readonly upstream: string; readonly redisUrl: string },
): Promise<Proxy> {
  const metricsPort = await freePort();
  const logFile = join(directory, `proxy-${nth}.ndjson`);
  const child = await startChild({
    args: ["src/main.ts", "start", "--config", join(directory, "config")],
    cwd: ROOT,
    env: {
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: "0",
      OPERATOR_PORT: String(metricsPort),
      LOG_FILE: logFile,
      PARTOO_URL: upstream,
      PARTOO_KEY_LOCATOR_READ: KEY,
      REDIS_URL: redisUrl,
      TRUSTED_PROXY: "none",
    },
  });
  return { ...child, metricsPort, logFile };
}
