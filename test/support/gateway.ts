/** The whole chain from socket to Partoo in this process, with shorter deadlines than an operator gets, and its log as a list. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Counters } from "../../src/counters.ts";
import type { OperatorServerParts } from "../../src/operator/operator-server.ts";
import type { Instance } from "../../src/operator/instance.ts";
import type { LogLine } from "./cli.ts";
import type { ProxyOptions } from "./proxy.ts";
import type { Policy } from "../../src/policy.ts";
import { parseTrustedProxy } from "../../src/caller/address.ts";
import { loadConfig } from "../../src/config/load.ts";
import { parseUpstreamBase } from "../../src/environment.ts";
import { openGateway } from "../../src/gateway.ts";
import { openKeyRing } from "../../src/keys.ts";
import { parseRedisUrl } from "../../src/redis-url.ts";
import { openRedis } from "../../src/redis.ts";
import { parseSessionSecrets } from "../../src/session/session-secrets.ts";
import { runServer } from "../../src/server/run.ts";
import { readWebhookProofs } from "../../src/webhooks/proofs.ts";
import { freshSearch } from "./fresh-search.ts";
import { CANARY_KEY, ORIGIN, writeConfig } from "./proxy.ts";

export interface TestGateway {
  readonly port: number;
  readonly url: string;
  readonly log: LogLine[];
  /** Exchanges so far: `frontend route status code`, with how many. */
  tally(): Readonly<Record<string, number>>;
  /** What the operator's listener sees. */
  readonly instance: Instance;
  /** What its listener is started with. */
  readonly operator: OperatorServerParts;
  /** What it has counted so far. */
  counts(): ReturnType<Counters["snapshot"]>;
  /** Its configuration. */
  readonly directory: string;
  /** Takes another policy over, as a reload does. */
  follow(policy: Policy): void;
  /** A listed page's request for a target of the frontend; default a search that nobody has asked for. */
  get(target?: string, init?: RequestInit): Promise<Response>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** A request of another address, as a trusted hop reports it: `gateway.get(target, from("203.0.113.7"))`. */
export function from(address: string): RequestInit {
  return { headers: { origin: ORIGIN, "x-forwarded-for": address } };
}

export interface GatewayOptions extends Pick<ProxyOptions, "upstream" | "bff" | "frontends" | "env"> {
  /** To the last byte of Partoo's answer. */
  readonly deadlineMs?: number;
  /** How long exchanges in flight may take once the process is told to stop. */
  readonly drainMs?: number;
  /** How long a connection may make no progress. */
  readonly stallMs?: number;
  readonly maxConnections?: number;
  /** For REDIS_URL. */
  readonly redisUrl?: string;
}

export async function startGateway(options: GatewayOptions): Promise<TestGateway> {
  const { upstream: url, deadlineMs, drainMs, stallMs, maxConnections, redisUrl, env, ...config } = options;
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-gateway-"));
  const { policy, diagnostics, locate } = loadConfig(writeConfig(directory, config));
  if (policy === undefined) throw new Error(JSON.stringify(diagnostics));
  const log: LogLine[] = [];
  const logger = pino(
    { base: null, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => log.push(JSON.parse(line)) },
  );
  const base = parseUpstreamBase(url);
  const { keys } = openKeyRing([...policy.keys.keys()], { PARTOO_KEY_LOCATOR_READ: CANARY_KEY, ...env }, { origin: base.origin, logger });
  const { proofs: webhookProofs } = readWebhookProofs(policy.organizations.values(), env ?? {});
  const environment = {
    upstream: base,
    trustedProxy: parseTrustedProxy("127.0.0.1/32"),
    sessionSecrets: parseSessionSecrets(env?.["SESSION_SECRETS"] ?? ""),
  };
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  const redis = redisUrl === undefined ? undefined : openRedis(parseRedisUrl(redisUrl), logger);
  const open = openGateway({ policy, environment, keys, servers: new Map(), webhookProofs, redis, logger, ...deadline });
  await open.opened;
  const server = await runServer(open.gateway, {
    host: "127.0.0.1",
    port: 0,
    ...(drainMs === undefined ? {} : { drainMs }),
    ...(stallMs === undefined ? {} : { stallMs }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
  });
  const address = `http://127.0.0.1:${server.port}`;
  return {
    port: server.port,
    url: address,
    log,
    tally: () =>
      Object.fromEntries(
        open.gateway.tally
          .entries()
          .map(([{ frontend, route, status, code }, count]) => [[frontend, route, status, code].join(" "), count]),
      ),
    instance: open.instance,
    directory: join(directory, "config"),
    follow: (next) => open.follow({ policy: next, servers: new Map(), webhookProofs }),
    operator: { instance: open.instance, locate: () => locate, base },
    counts: () => open.gateway.counters.snapshot(),
    get: (target = freshSearch(), init = {}) => fetch(address + target, { headers: { origin: ORIGIN }, ...init }),
    drain: () => server.drain(),
    async close() {
      await server.drain();
      await open.close();
      keys.close();
      redis?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
