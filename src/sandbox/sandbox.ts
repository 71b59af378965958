/** A stand-in for Partoo on this machine: same paths, same limits, same errors, made-up stores. A tool for development and tests. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Counters } from "./counters.ts";
import type { FaultScope } from "./faults.ts";
import type { SandboxKey } from "./keys.ts";
import type { WindowKind } from "./quota.ts";
import type { World } from "./world.ts";
import { control, CONTROL_PREFIX } from "./control.ts";
import { exchange, targetOf } from "./exchange.ts";
import { FIRST_ORGANIZATION } from "./keys.ts";
import { send } from "./send.ts";
import { createWorld } from "./world.ts";

export interface SandboxOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  readonly host?: "127.0.0.1";
  /** Stores of the first organization; default 300. */
  readonly stores?: number;
  /** The same seed gives the same stores, reviews and webhook key; default 1. */
  readonly seed?: number;
  /** How Partoo's minute runs; default rolling. */
  readonly window?: WindowKind;
  /** Length of that minute; default 60,000 ms. */
  readonly windowMs?: number;
  /** Calls in it for each organization; default 300. */
  readonly limitPerMinute?: number;
  /** Waited before each answer; default 0. */
  readonly latencyMs?: number;
  /** Faults from the start, as in `faults.ts`. */
  readonly fail?: string;
  /** Accepted beside the made-up ones; an equal value replaces one of those. */
  readonly keys?: readonly SandboxKey[];
}

export interface RunningSandbox {
  /** For PARTOO_URL: `http://127.0.0.1:PORT/v2`. */
  readonly url: string;
  readonly origin: string;
  readonly port: number;
  /** Checks webhook signatures: Ed25519, SPKI DER, base64. */
  readonly publicKey: string;
  /** The first organization's stores as they are now, whole, in the order of /business/search. */
  readonly stores: readonly Readonly<Record<string, unknown>>[];
  counters(): Counters;
  /** Method and target of the last thousand calls as they arrived, queries included. */
  lastCalls(): readonly string[];
  resetCounters(): void;
  /** Switches faults; null ends them. @throws RangeError for a text nobody understands */
  fail(text: string | null, scope?: FaultScope): void;
  /** Cuts all connections and frees the port. */
  close(): Promise<void>;
}

const DEFAULTS = {
  port: 0,
  host: "127.0.0.1",
  stores: 300,
  seed: 1,
  window: "rolling",
  windowMs: 60_000,
  limitPerMinute: 300,
  latencyMs: 0,
} as const;

/**
 * Starts a sandbox and resolves when it listens.
 * @throws Error with `code` (EADDRINUSE …) when the port can't be had
 * @throws RangeError for faults nobody understands
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const { port, host, latencyMs, fail = null, keys = [], ...rest } = { ...DEFAULTS, ...options };
  const stopped = new AbortController();
  const world = createWorld({ ...rest, fail, keys, signal: stopped.signal });
  const server = createServer((request, response) => void answer(world, request, response, latencyMs).catch(() => response.destroy()));
  server.listen(port, host);
  await once(server, "listening");
  const listening = (server.address() as AddressInfo).port;
  const origin = `http://${host}:${listening}`;
  return {
    url: `${origin}/v2`,
    origin,
    port: listening,
    publicKey: world.webhooks.publicKey,
    get stores() {
      return world.organizations.get(FIRST_ORGANIZATION)?.book.all() ?? [];
    },
    counters: () => world.counter.read(),
    lastCalls: () => world.counter.lastCalls(),
    resetCounters: () => world.counter.reset(),
    fail: (text, scope) => world.faults.set(text, scope),
    close: async () => {
      stopped.abort();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse, latencyMs: number): Promise<void> {
  const { path } = targetOf(request);
  if (!path.startsWith(CONTROL_PREFIX)) return exchange(world, request, response, latencyMs);
  return send(response, await control(world, request, path), { acceptsGzip: false, key: "" });
}
