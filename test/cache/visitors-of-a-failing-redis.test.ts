/** Each way in which Redis can go wrong, as visitors see it: right answers all the time, nothing told, and all is well when Redis is. */
import type { TestGateway } from "../support/gateway.ts";
import type { RedisServer } from "../support/redis.ts";
import type { Partoo } from "./partoo.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/cli.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { from, startGateway } from "../support/gateway.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { freePort } from "../support/redis.ts";
import { asAdmin, chaosProxy, everythingIn, redisForTest } from "./rig.ts";
import { gatewayFor, locator, pageOf, PERSON, SEARCH, startPartoo, store } from "./partoo.ts";

const ADDRESS = "203.0.113.77";
const SEARCHED = "lilacs-of-a-visitor";
/** Pages that were asked for before something goes wrong: in memory, and in Redis where there was one. */
const KNOWN = [1, 2, 3, 4, 5];
const MADE_UP = 999;

interface Scene {
  readonly partoo: Partoo;
  readonly gateway: TestGateway;
  /** The next store that nobody has asked for. */
  readonly next: () => number;
  readonly poor: Poor;
}

/** Another process over the same Redis, whose Partoo grants few calls and counts them. */
interface Poor {
  /** A few visitors, each of whom needs a call. Their answers are not waited for. */
  visit(): void;
  /** Partoo never had to refuse, and neither did we in any other way than by saying so. */
  expectWithinQuota(): Promise<void>;
}

async function startPoor(redisUrl: string): Promise<Poor> {
  const sandbox = await startSandbox({ stores: 10, limitPerMinute: 20 });
  const bff = locator({ organization: "quota: 20/min, reserve: 0%" }).replaceAll("acme", "poor");
  const gateway = await startGateway({ upstream: sandbox.url, bff, redisUrl, env: { PARTOO_KEY_LOCATOR_READ: "sandbox-locator-read" } });
  onTestFinished(async () => {
    await gateway.close();
    await sandbox.close();
  });
  const statuses: Promise<number>[] = [];
  return {
    visit: () => void statuses.push(...Array.from({ length: 10 }, async () => (await gateway.get(freshSearch())).status)),
    async expectWithinQuota() {
      const answered = await Promise.all(statuses);
      expect(gateway.log.filter(({ level }) => level === "error")).toEqual([]);
      for (const status of answered) expect([200, 503]).toContain(status);
      expect(sandbox.counters().limited).toBe(0);
    },
  };
}

async function scene(redisUrl: string): Promise<Scene> {
  const partoo = await startPartoo(Array.from({ length: 900 }, (_, nth) => store(nth)));
  const gateway = await gatewayFor(partoo, { redisUrl });
  let asked = 100;
  await Promise.all(KNOWN.map((nth) => expectShown(gateway, nth)));
  return { partoo, gateway, next: () => (asked += 1), poor: await startPoor(redisUrl) };
}

const ask = (gateway: TestGateway, target: string): Promise<Response> => gateway.get(target, from(ADDRESS));

async function expectShown(gateway: TestGateway, nth: number): Promise<void> {
  const answer = await ask(gateway, pageOf(nth));
  expect([answer.status, await answer.json()]).toMatchObject([200, { name: `Acme ${nth}` }]);
}

/** Known pages, new ones, a search, and a page that does not exist: each is answered as if Redis were well. */
async function visit({ gateway, next, poor }: Scene): Promise<void> {
  poor.visit();
  const searching = ask(gateway, `${SEARCH}&query=${SEARCHED}-${next()}`);
  const madeUp = ask(gateway, pageOf(MADE_UP));
  await Promise.all([...KNOWN, next(), next(), next()].map((nth) => expectShown(gateway, nth)));
  expect([(await searching).status, (await madeUp).status]).toEqual([200, 404]);
  await (await searching).arrayBuffer();
}

/** Visits until what is new is in Redis, and another process answers from there. */
async function expectRecovery(where: Scene, redis: RedisServer): Promise<void> {
  const { partoo, gateway, next } = where;
  const other = await gatewayFor(partoo, { redisUrl: redis.url });
  await until(async () => {
    const nth = next();
    await expectShown(gateway, nth);
    await sleep(20);
    const before = partoo.calls().length;
    await expectShown(other, nth);
    return partoo.calls().length === before;
  });
  await visit(where);
  await where.poor.expectWithinQuota();
}

/** @returns what the log says of Redis, and nothing else: nothing was refused, nothing failed, nothing of a visitor or of ours was told */
function turnsOf({ log }: TestGateway): readonly unknown[] {
  expect(log.filter(({ level, status }) => level === "error" || Number(status) >= 500 || status === 429)).toEqual([]);
  for (const word of [CANARY_KEY, PERSON, SEARCHED, `"${ADDRESS}"`]) {
    expect([word, JSON.stringify(log).includes(word)]).toEqual([word, false]);
  }
  return log.flatMap(({ redis }) => (redis === undefined ? [] : [redis]));
}

async function expectNothingPersonalIn(redis: RedisServer): Promise<void> {
  const text = await everythingIn(redis);
  for (const word of [CANARY_KEY, PERSON, SEARCHED]) expect([word, text.includes(word)]).toEqual([word, false]);
}

const configure = (redis: RedisServer, ...settings: readonly [string, string][]): Promise<unknown> =>
  asAdmin(redis, (client) => client.config("SET", ...(settings.flat() as [string, string])));

test("down at start", async () => {
  const port = await freePort();
  const where = await scene(`redis://127.0.0.1:${port}`);
  await visit(where);
  const redis = await redisForTest({ port });
  await expectRecovery(where, redis);
  expect(turnsOf(where.gateway)).toEqual(["away", "ready"]);
  await expectNothingPersonalIn(redis);
});

test("killed under load", async () => {
  const redis = await redisForTest();
  const where = await scene(redis.url);
  const load = { runs: true };
  const visitors = Array.from({ length: 5 }, async () => {
    while (load.runs) {
      await visit(where);
      await sleep(5);
    }
  });
  await sleep(100);
  await redis.kill();
  await sleep(300);
  await redis.restart();
  await sleep(200);
  load.runs = false;
  await Promise.all(visitors);
  await expectRecovery(where, redis);
  expect(turnsOf(where.gateway)).toEqual(["ready", "away", "ready"]);
  await expectNothingPersonalIn(redis);
});

test("paused", async () => {
  const redis = await redisForTest();
  const where = await scene(redis.url);
  await redis.pause(1000);
  await visit(where);
  await visit(where);
  await expectRecovery(where, redis);
  expect(turnsOf(where.gateway)).toEqual(["ready", "away", "ready"]);
});

test("full", async () => {
  const redis = await redisForTest();
  const where = await scene(redis.url);
  await configure(redis, ["maxmemory-policy", "noeviction"], ["maxmemory", "1"]);
  await visit(where);
  await visit(where);
  await configure(redis, ["maxmemory", "0"]);
  await expectRecovery(where, redis);
  expect(turnsOf(where.gateway)).toEqual(["ready", "refuses", "takes"]);
});

test("evicting", async () => {
  const redis = await redisForTest();
  const where = await scene(redis.url);
  const used = await asAdmin(redis, async (client) => Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]));
  await configure(redis, ["maxmemory-policy", "allkeys-lru"], ["maxmemory", String(used + 20_000)]);
  for (let nth = 0; nth < 20; nth += 1) await visit(where);
  const evicted = await asAdmin(redis, (client) => client.info("stats"));
  expect(Number(/evicted_keys:(\d+)/.exec(evicted)?.[1])).toBeGreaterThan(0);
  await configure(redis, ["maxmemory", "0"]);
  await expectRecovery(where, redis);
  // Where it can't evict as fast as it is written to, it refuses meanwhile.
  expect(turnsOf(where.gateway).filter((turn) => turn !== "refuses" && turn !== "takes")).toEqual(["ready"]);
});

test("read-only", async () => {
  const [redis, master] = [await redisForTest(), await redisForTest()];
  const where = await scene(redis.url);
  await configure(master, ["repl-diskless-sync-delay", "0"]);
  await asAdmin(redis, async (client) => {
    await client.replicaof("127.0.0.1", master.port);
    await until(async () => (await client.info("replication")).includes("master_link_status:up"));
  });
  await visit(where);
  await visit(where);
  await asAdmin(redis, (client) => client.replicaof("NO", "ONE"));
  await expectRecovery(where, redis);
  // A connection that meets a replica is opened anew; both are told.
  const turns = turnsOf(where.gateway);
  expect(turns.length).toBeGreaterThan(1);
  expect(["ready", "takes"]).toContain(turns.at(-1));
});

test("wrong password", async () => {
  const redis = await redisForTest({ password: "the-right-one" });
  const url = `redis://:not-the-right-one@127.0.0.1:${redis.port}`;
  const where = await scene(url);
  await visit(where);
  const admin = new Redis({ port: redis.port, host: "127.0.0.1", password: "the-right-one" });
  await admin.config("SET", "requirepass", "not-the-right-one");
  admin.disconnect();
  await expectRecovery(where, { ...redis, url });
  expect(turnsOf(where.gateway)).toEqual(["away", "ready"]);
  expect(JSON.stringify(where.gateway.log)).not.toContain("the-right-one");
});

test("slow by 200 ms", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  const where = await scene(chaos.url);
  chaos.delayMs = 200;
  await visit(where);
  await visit(where);
  chaos.delayMs = 0;
  await expectRecovery(where, redis);
  // Near the deadline of a command: it may be taken for away now and then.
  expect(turnsOf(where.gateway).at(-1)).toBe("ready");
});

test("restarted empty", async () => {
  const redis = await redisForTest();
  const where = await scene(redis.url);
  await redis.restart();
  await visit(where);
  await expectRecovery(where, redis);
  expect(turnsOf(where.gateway)).toEqual(["ready", "away", "ready"]);
});

test("holding corrupted or foreign entries", async () => {
  const redis = await redisForTest();
  const where = await scene(redis.url);
  await visit(where);
  await asAdmin(redis, async (client) => {
    for (const [nth, key] of (await client.keys("*")).entries()) await spoil(client, key, nth);
  });
  // Nothing is in its memory: what it finds is what stands in Redis.
  const gateway = await gatewayFor(where.partoo, { redisUrl: redis.url });
  await visit({ ...where, gateway });
  await visit(where);
  // What is not ours to remove, an operator removes.
  await asAdmin(redis, async (client) => {
    for (const key of await client.keys("*")) if (!key.includes(":response:")) await client.del(key);
  });
  await expectRecovery({ ...where, gateway }, redis);
  await expectRecovery(where, redis);
  expect(turnsOf(gateway)).toEqual(["ready"]);
  expect(turnsOf(where.gateway)).toEqual(["ready"]);
});

/** In the place of a key: changed bytes, half of the bytes, somebody else's text, or a value of another type. */
async function spoil(client: Redis, key: string, nth: number): Promise<void> {
  const bytes = (await client.type(key)) === "string" ? ((await client.getBuffer(key)) ?? Buffer.alloc(0)) : Buffer.alloc(0);
  await client.del(key);
  const changed = Buffer.from(bytes.length === 0 ? "x" : bytes);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const kinds = [
    () => client.set(key, changed),
    () => client.set(key, bytes.subarray(0, bytes.length / 2)),
    () => client.set(key, '{"id":"hello","name":"Foreign"}'),
    () => client.lpush(key, "a list"),
    () => client.hset(key, { name: "Foreign" }),
  ];
  await kinds[nth % kinds.length]?.();
}
