/** Everything an exchange works with, opened at start and closed at the end: the one place where the parts are put together. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Environment, UpstreamBase } from "./environment.ts";
import type { PurgeLog } from "./cache/purge-log.ts";
import type { KeyRing } from "./keys.ts";
import type { Logger } from "./log.ts";
import type { Gateway } from "./pipeline.ts";
import type { Instance, RedisMode } from "./operator/instance.ts";
import type { Policy } from "./policy.ts";
import type { RedisConnection } from "./redis.ts";
import type { Secret } from "./secret.ts";
import type { WebhookProof } from "./webhooks/signature.ts";
import { createBreaker } from "./cache/breaker.ts";
import { createCacheKeys } from "./cache/cache-key.ts";
import { createCensusBoard } from "./cache/census-board.ts";
import { createCensusClaims } from "./cache/census-claims.ts";
import { createHeldStores } from "./cache/held-stores.ts";
import { createKnownStores } from "./cache/known-stores.ts";
import { createMemoryTier } from "./cache/memory-tier.ts";
import { createPartooCall } from "./cache/partoo-call.ts";
import { createPurgeLog } from "./cache/purge-log.ts";
import { createRefusals } from "./cache/redis-refusals.ts";
import { createRedisTier } from "./cache/redis-tier.ts";
import { createResponses } from "./cache/responses.ts";
import { startSweeper } from "./cache/sweep.ts";
import { namedStore } from "./cache/tags.ts";
import { createTiers } from "./cache/tiers.ts";
import { createCallTally } from "./call-tally.ts";
import { createExchangeLog } from "./exchange-log.ts";
import { createExchangeTally } from "./exchange-tally.ts";
import { createCounters } from "./counters.ts";
import { startDeltas } from "./directory/deltas.ts";
import { createDirectories } from "./directory/directories.ts";
import { startRatings } from "./directory/ratings-loop.ts";
import { watchKeyExpiry } from "./key-expiry.ts";
import { watchKeys } from "./key-refusals.ts";
import { countRefusedMisses, countRefusedRequests } from "./limits/counted.ts";
import { createMissLimit } from "./limits/misses.ts";
import { createRequestLimit } from "./limits/requests.ts";
import { createCoder } from "./present/coded.ts";
import { createGovernor } from "./quota/governor.ts";
import { createSessions } from "./session/sessions.ts";
import { createUpstream } from "./upstream/upstream.ts";
import { createStoreChanges } from "./webhooks/changes.ts";

/** A Redis that does not answer delays the start by so much. */
const OPENING_MS = 500;

/** What a reload changes, all at once. */
export interface Running {
  readonly policy: Policy;
  /** Bearer tokens of servers that frontends list, by name. */
  readonly servers: ReadonlyMap<string, Secret>;
  /** By organization; what is not in it accepts no webhooks. */
  readonly webhookProofs: ReadonlyMap<string, WebhookProof>;
}

export interface GatewayParts extends Running {
  readonly environment: Pick<Environment, "trustedProxy" | "sessionSecrets"> & { readonly upstream: UpstreamBase };
  readonly keys: KeyRing;
  /** undefined: everything stays in this process. */
  readonly redis: RedisConnection | undefined;
  readonly logger: Logger;
  /** To the last byte of an answer of Partoo, all attempts together. */
  readonly deadlineMs?: number;
}

export interface OpenGateway {
  readonly gateway: Gateway;
  /** The same, as the operator's listener sees it. */
  readonly instance: Instance;
  /** What other processes share is known, or Redis takes too long to tell. Until then nothing that Redis holds is used. */
  readonly opened: Promise<void>;
  /** Takes another policy over, with everything that goes with it. Exchanges under way finish on the one they began with. */
  follow(next: Running): void;
  /** Ends background work, then closes what was opened here. */
  close(): Promise<void>;
}

export function openGateway({ environment, keys, redis, logger, deadlineMs, ...first }: GatewayParts): OpenGateway {
  let running: Running = first;
  const policy = (): Policy => running.policy;
  const counters = createCounters();
  const tally = createExchangeTally();
  const exchangeLog = createExchangeLog(tally, logger);
  const memory = createMemoryTier();
  const breaker = redis === undefined ? undefined : createBreaker(redis.client);
  const shared = redis === undefined || breaker === undefined ? undefined : { connection: redis, breaker, prefix: redis.prefix };
  const purges = createPurgeLog({ ...(shared === undefined ? {} : { redis: shared }), retentionSeconds: () => longestLife(policy()) });
  const second = shared && createRedisTier({ ...shared, onFault: () => counters.add("redis_faults"), refusals: createRefusals(logger) });
  const tiers = createTiers({ memory, redis: second, purges });
  const cacheKeys = createCacheKeys(environment.upstream);
  const keyRefusals = watchKeys(keys);
  const upstream = createUpstream({
    base: environment.upstream,
    keys: keyRefusals.keys,
    logger,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  const governor = createGovernor({ organizations: () => policy().organizations, ...(redis === undefined ? {} : { redis }), logger });
  const known = createKnownStores();
  const held = createHeldStores({ tiers, cacheKeys, purges, keys, known });
  const calls = createCallTally(counters);
  const claims = createCensusClaims();
  const directories = createDirectories({ policy, keys, cacheKeys, redis: shared });
  const call = createPartooCall({ upstream, governor, keys, tiers, cacheKeys, held, directories, purges, claims, counters, calls, logger });
  const opened = openedWithin(OPENING_MS, knowsOthers(redis, purges));
  const board = createCensusBoard(shared);
  const reading = { policy, board, call, directories, counters, logger };
  const sweeper = startSweeper({ ...reading, known, cacheKeys, tiers, claims, purges, isShared: shared !== undefined, opened });
  const deltas = startDeltas({ ...reading, onBehind: () => sweeper.follow() });
  const ratings = startRatings(reading);

  const changes = createStoreChanges({ policy, held, directories, known, purges });

  const gateway: Gateway = {
    policy,
    callers: {
      trustedProxy: environment.trustedProxy,
      get servers() {
        return running.servers;
      },
    },
    requestLimit: countRefusedRequests(createRequestLimit(), counters),
    sessions: createSessions({ secrets: environment.sessionSecrets, redis: shared, mintLimit: createRequestLimit(undefined, "sessions") }),
    missLimit: countRefusedMisses(createMissLimit(redis), counters),
    webhooks: {
      changes,
      get proofs() {
        return running.webhookProofs;
      },
    },
    responses: createResponses({ tiers, memory, cacheKeys, purges, call, known, counters }),
    directories,
    coder: createCoder(memory),
    counters,
    logger,
    tally,
    exchangeLog,
  };
  purges.onPurge(({ tags, awaited }) => {
    counters.add("purges");
    if (awaited === undefined) return;
    // Whoever purges a store by its name may know that it is new: a made-up one costs a call then.
    for (const key of gateway.policy().keys.values()) for (const id of tags.flatMap(namedStore)) known.add(key.name, { id });
  });

  const expiry = watchKeyExpiry({ policy: gateway.policy, logger });

  const instance: Instance = {
    policy: gateway.policy,
    counters,
    exchanges: gateway.tally,
    calls,
    keyRefusals,
    quota: () => governor.state(),
    memory,
    directories: () => directories.states(),
    redis: () => ({ mode: redisMode(redis), failures: counters.snapshot().redis_faults + governor.redisFailures }),
    purges,
    recall: (key, segment) => held.recall(key, segment),
    logger,
  };
  return {
    gateway,
    instance,
    opened,
    follow(next) {
      running = next;
      directories.follow();
      sweeper.follow();
    },
    async close() {
      expiry.close();
      changes.close();
      await sweeper.close();
      await deltas.close();
      await ratings.close();
      await directories.close();
      await board.close();
      await governor.close();
      await purges.close();
      await upstream.close();
      exchangeLog.close();
    },
  };
}

/** Nobody waits for a Redis that refuses the connection. */
async function knowsOthers(redis: RedisConnection | undefined, purges: PurgeLog): Promise<void> {
  await redis?.settled;
  if (redis?.client.status === "ready") await purges.caughtUp;
}

async function openedWithin(milliseconds: number, known: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([known, late]);
  timer.abort();
}

function redisMode(redis: RedisConnection | undefined): RedisMode {
  if (redis === undefined) return "off";
  return redis.client.status === "ready" ? "ready" : "away";
}

/** The longest that any response may be used, in seconds. */
function longestLife({ keys }: Policy): number {
  const lives = [...keys.values()].flatMap(({ routes }) => routes.map(({ lifetimes }) => lifetimes.freshSeconds + lifetimes.staleSeconds));
  return Math.max(60, ...lives);
}
