/** The whole chain from socket to Partoo in this process, with shorter deadlines than an operator gets, and its log as a list. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { LogLine } from "./cli.ts";
import type { ProxyOptions } from "./proxy.ts";
import { parseTrustedProxy } from "../../src/caller/address.ts";
import { loadConfig } from "../../src/config/load.ts";
import { parseUpstreamBase } from "../../src/environment.ts";
import { createExchangeTally } from "../../src/exchange-tally.ts";
import { openKeyRing } from "../../src/keys.ts";
import { createMissLimit } from "../../src/limits/misses.ts";
import { createRequestLimit } from "../../src/limits/requests.ts";
import { runServer } from "../../src/server/run.ts";
import { createUpstream } from "../../src/upstream/upstream.ts";
import { CANARY_KEY, ORIGIN, writeConfig } from "./proxy.ts";

export interface TestGateway {
  readonly port: number;
  readonly url: string;
  readonly log: LogLine[];
  /** A listed page's request for stores in Paris, or for another target of the frontend. */
  get(target?: string, init?: RequestInit): Promise<Response>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface GatewayOptions extends Pick<ProxyOptions, "upstream" | "bff" | "frontends" | "env"> {
  /** To the last byte of Partoo's answer. */
  readonly deadlineMs?: number;
  /** How long exchanges in flight may take once the process is told to stop. */
  readonly drainMs?: number;
}

export async function startGateway({ upstream: url, deadlineMs, drainMs, env, ...config }: GatewayOptions): Promise<TestGateway> {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-gateway-"));
  const { policy, diagnostics } = loadConfig(writeConfig(directory, config));
  if (policy === undefined) throw new Error(JSON.stringify(diagnostics));
  const log: LogLine[] = [];
  const logger = pino(
    { base: null, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => log.push(JSON.parse(line)) },
  );
  const base = parseUpstreamBase(url);
  const { keys } = openKeyRing([...policy.keys.keys()], { PARTOO_KEY_LOCATOR_READ: CANARY_KEY, ...env }, { origin: base.origin, logger });
  const upstream = createUpstream({ base, keys, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
  const server = await runServer(
    {
      policy: () => policy,
      callers: { trustedProxy: parseTrustedProxy("none"), servers: new Map() },
      requestLimit: createRequestLimit(),
      missLimit: createMissLimit(undefined),
      upstream,
      keys,
      logger,
      tally: createExchangeTally(),
    },
    { host: "127.0.0.1", port: 0, ...(drainMs === undefined ? {} : { drainMs }) },
  );
  const address = `http://127.0.0.1:${server.port}`;
  return {
    port: server.port,
    url: address,
    log,
    get: (target = "/store-locator/v2/business/search?city=Paris", init = {}) =>
      fetch(address + target, { headers: { origin: ORIGIN }, ...init }),
    drain: () => server.drain(),
    async close() {
      await server.drain();
      keys.close();
      await upstream.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
