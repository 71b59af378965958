/** Two processes of one deployment: what they share through a real Redis, and what must not be in it. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { RedisServer } from "../support/redis.ts";
import type { LocatorOptions, Partoo } from "./partoo.ts";
import { until } from "../support/cli.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { freePort } from "../support/redis.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { asAdmin, everythingIn, redisForTest } from "./rig.ts";
import {
  business,
  gatewayFor,
  hasFailed,
  idOf,
  isSwept,
  later,
  life,
  nameShown,
  pageOf,
  SEARCH,
  startPartoo,
  stopClock,
  store,
} from "./partoo.ts";

function start(partoo: { readonly url: string }, redis: RedisServer, locator: LocatorOptions = {}): Promise<TestGateway> {
  return gatewayFor(partoo, { redisUrl: redis.url, locator });
}

/** Started at the same moment, as a platform does. */
async function startPair(
  locator: LocatorOptions = {},
): Promise<{ partoo: Partoo; redis: RedisServer; pair: readonly [TestGateway, TestGateway] }> {
  const [partoo, redis] = [await startPartoo(Array.from({ length: 150 }, (_, nth) => store(nth))), await redisForTest()];
  const pair = await Promise.all([start(partoo, redis, locator), start(partoo, redis, locator)]);
  return { partoo, redis, pair };
}

/** Writes to Redis are not waited for. */
async function untilStored(redis: RedisServer, count: number): Promise<void> {
  await until(async () => (await redis.keys()).filter((key) => key.startsWith("partoo-bff:response:")).length >= count);
}

describe("a response that one process stored", () => {
  test("answers at the other one without a call, with the same bytes, tag and age", async () => {
    stopClock();
    const { partoo, redis, pair } = await startPair();
    const first = await pair[0].get(SEARCH);
    await untilStored(redis, 101);
    later(100);
    const second = await pair[1].get(SEARCH);
    expect(life(second)).toEqual({ status: 200, age: "100", control: "public, max-age=160", cache: "partoo-bff; hit; ttl=500" });
    expect([second.headers.get("etag"), await second.text()]).toEqual([first.headers.get("etag"), await first.text()]);
    for (const name of [7, "c-FR-7"]) expect(await nameShown(pair[1], name)).toBe("Acme 7");
    expect(partoo.calls()).toHaveLength(1);
  });

  test("outlives the process", async () => {
    const { partoo, redis, pair } = await startPair();
    await pair[0].get(pageOf(1));
    await pair[0].get(pageOf(404));
    await untilStored(redis, 3);
    await Promise.all(pair.map((gateway) => gateway.close()));
    const next = await start(partoo, redis);
    expect([await nameShown(next, 1), (await next.get(pageOf(404))).status]).toEqual(["Acme 1", 404]);
    expect(partoo.calls()).toHaveLength(2);
  });

  test("is refreshed by one of them, and the other one finds that", async () => {
    stopClock();
    const { partoo, redis, pair } = await startPair();
    for (const gateway of pair) await nameShown(gateway, 1);
    expect(partoo.calls()).toHaveLength(1);
    partoo.stores = [store(1, { name: "Renamed", modified: 1_790_000_001 })];
    later(1200);
    expect(await nameShown(pair[0], 1)).toBe("Renamed");
    await until(async () => (await everythingIn(redis)).includes("Renamed"));
    expect(await nameShown(pair[1], 1)).toBe("Renamed");
    expect(partoo.calls()).toHaveLength(2);
  });

  test("is used stale by the other one, too, when Partoo fails", async () => {
    stopClock();
    const { partoo, redis, pair } = await startPair();
    await nameShown(pair[0], 1);
    await untilStored(redis, 2);
    partoo.fails(() => storableJson({}, { status: 500 }));
    later(1200);
    expect(life(await pair[1].get(pageOf(1)))).toMatchObject({ status: 200, age: "1200", cache: "partoo-bff; fwd=stale; fwd-status=500" });
  });

  test("is gone with the field that a new configuration withdraws, at once, and comes back with it", async () => {
    const { partoo, redis, pair } = await startPair();
    expect(await (await pair[0].get(pageOf(1))).json()).toHaveProperty("phone");
    await pair[0].get(SEARCH);
    await untilStored(redis, 101);
    const narrower = await start(partoo, redis, { fields: "id, code, name" });
    for (const target of [pageOf(1), pageOf("c-FR-1"), SEARCH]) expect(await (await narrower.get(target)).text()).not.toContain("+3314200");
    const before = partoo.calls().length;
    expect(await (await pair[1].get(pageOf(1))).json()).toHaveProperty("phone");
    expect(partoo.calls()).toHaveLength(before);
  });

  test("of another Partoo is not ours", async () => {
    const { redis, pair } = await startPair();
    expect(await nameShown(pair[0], 1)).toBe("Acme 1");
    await untilStored(redis, 2);
    const other = await startPartoo([store(1, { name: "Elsewhere" })]);
    expect(await nameShown(await start(other, redis), 1)).toBe("Elsewhere");
  });
});

describe("one sweep", () => {
  test("serves all processes, those that start with it and those that come later", async () => {
    const { partoo, redis, pair } = await startPair({ sweep: true });
    await until(() => pair.some(isSwept));
    await untilStored(redis, 300);
    await sleep(2500);
    const late = await start(partoo, redis, { sweep: true });
    for (const gateway of [...pair, late]) {
      expect([await nameShown(gateway, 149), await nameShown(gateway, "c-FR-149")]).toEqual(["Acme 149", "Acme 149"]);
      await until(async () => (await gateway.get(pageOf(404))).headers.get("cache-status") === "partoo-bff; hit");
    }
    expect(partoo.sweeps()).toHaveLength(2);
    expect(partoo.calls().filter((target) => !target.endsWith(idOf(404)))).toEqual([]);
  });

  test("leaves all stores in the memory of every process: the end of Redis costs nobody a call", async () => {
    const { partoo, redis, pair } = await startPair({ sweep: true });
    await until(() => pair.some(isSwept));
    await untilStored(redis, 300);
    await sleep(3000);
    await redis.kill();
    for (const gateway of pair) {
      for (let nth = 0; nth < 150; nth += 1) {
        const answer = await gateway.get(pageOf(nth % 2 === 0 ? nth : `c-FR-${nth}`));
        expect([nth, answer.headers.get("cache-status")]).toEqual([nth, expect.stringMatching(/^partoo-bff; hit; ttl=5\d\d$/)]);
        await answer.arrayBuffer();
      }
    }
    expect(partoo.calls()).toEqual([]);
  });

  test("ends where another process has taken it over meanwhile", async () => {
    const [partoo, redis] = [await startPartoo(), await redisForTest()];
    const firstPage = storableJson({ count: 250, businesses: Array.from({ length: 100 }, (_, nth) => business(store(nth))) });
    partoo.fails((_request, socket) => {
      void asAdmin(redis, async (client) => {
        for (const key of await client.keys("partoo-bff:sweep:*")) await client.set(key, "another process");
      }).then(() => socket.write(firstPage));
      return undefined;
    });
    const gateway = await start(partoo, redis, { sweep: true });
    await until(() => gateway.counts().swept_pages === 1);
    await sleep(500);
    expect([partoo.sweeps().length, hasFailed(gateway)]).toEqual([1, false]);
    expect(await nameShown(gateway, 99)).toBe("Acme 99");
  });

  test("of a process that is told to stop is taken over", async () => {
    const { partoo, pair } = await startPair({ sweep: true, cache: "{ fresh: 1s, stale: 1h, browser: 1s }" });
    await until(() => pair.some(isSwept));
    const sweeper = pair.find(isSwept);
    await sweeper?.close();
    const other = pair.find((gateway) => gateway !== sweeper);
    const before = partoo.sweeps().length;
    await until(() => partoo.sweeps().length >= before + 2);
    expect(other && (await nameShown(other, 1))).toBe("Acme 1");
  });

  test("follows when Redis was emptied, so that nobody refreshes store by store", async () => {
    const { partoo, redis, pair } = await startPair({ sweep: true });
    await until(() => pair.some(isSwept));
    await redis.restart();
    await until(() => pair.flatMap(({ log }) => log).filter(({ msg }) => msg === "all stores are held").length >= 2);
    await untilStored(redis, 300);
    // Each process notices within a second that it is another Redis.
    await sleep(1500);
    for (const gateway of pair) {
      await until(async () => /; ttl=5\d\d$/.test((await gateway.get(pageOf(148))).headers.get("cache-status") ?? ""));
    }
    expect(partoo.calls()).toEqual([]);
  });

  test("follows when Redis is reached late, so that nobody refreshes store by store", async () => {
    const port = await freePort();
    const partoo = await startPartoo(Array.from({ length: 150 }, (_, nth) => store(nth)));
    const gateway = await gatewayFor(partoo, { redisUrl: `redis://127.0.0.1:${port}`, locator: { sweep: true } });
    await until(() => isSwept(gateway));
    const redis = await redisForTest({ port });
    await untilStored(redis, 300);
    for (const nth of [1, 148]) expect((await gateway.get(pageOf(nth))).headers.get("cache-status")).toMatch(/; ttl=(600|5\d\d)$/);
    expect([partoo.calls(), partoo.sweeps().length]).toEqual([[], 4]);
  });

  test("of another shape or of another Partoo is not theirs", async () => {
    const { partoo, redis, pair } = await startPair({ sweep: true });
    await until(() => pair.some(isSwept));
    const narrower = await start(partoo, redis, { sweep: true, fields: "id, code, name" });
    await until(() => isSwept(narrower));
    expect(partoo.sweeps()).toHaveLength(4);
    const other = await startPartoo([store(999)]);
    const elsewhere = await start(other, redis, { sweep: true });
    await until(() => isSwept(elsewhere));
    expect(await nameShown(elsewhere, 999)).toBe("Acme 999");
  });
});

test("nothing personal, and no key is in Redis", async () => {
  const { redis, pair } = await startPair({ sweep: true });
  await until(() => pair.some(isSwept));
  const targets = [SEARCH, `${SEARCH}&query=acme`, pageOf(1), pageOf("c-FR-1"), pageOf("c-made-up")];
  for (const target of targets) await pair[0].get(target, { headers: { origin: "https://stores.acme.example", "accept-encoding": "br" } });
  await untilStored(redis, 302);
  const text = await everythingIn(redis);
  expect(text).toContain("Acme 149");
  for (const word of ["Jeanne", "Martin", "jeanne.martin", "acme.example", "+33142000001", "4711", "org_id", "contacts", CANARY_KEY]) {
    expect([word, text.includes(word)]).toEqual([word, false]);
  }
});

describe("a 429 of Partoo", () => {
  test("pauses every process for as long as it says, and no longer; what is stored is served meanwhile", async () => {
    const { partoo, pair } = await startPair();
    for (const gateway of pair) expect(await nameShown(gateway, 1)).toBe("Acme 1");
    partoo.fails(() => storableJson({ error: { json: "Too many requests" } }, { status: 429, headers: { "retry-after": "2" } }));
    const met = performance.now();
    const refused = await pair[0].get(pageOf(2));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
    await sleep(1100);
    partoo.requests.length = 0;
    partoo.works();
    const waited = await pair[1].get(pageOf(3));
    expect(waited.status).toBe(200);
    expect(performance.now() - met).toBeGreaterThan(1900);
    expect(partoo.calls()).toHaveLength(1);
    for (const gateway of pair) expect(await nameShown(gateway, 1)).toBe("Acme 1");
  });

  test("of a minute refuses everywhere without a call", async () => {
    const { partoo, pair } = await startPair();
    partoo.fails(() => storableJson({}, { status: 429 }));
    expect((await pair[0].get(pageOf(2))).status).toBe(503);
    await sleep(1100);
    for (const gateway of pair) {
      const answer = await gateway.get(pageOf(3));
      expect([answer.status, Number(answer.headers.get("retry-after")) > 50]).toEqual([503, true]);
      expect(await answer.json()).toMatchObject({ code: "quota-exhausted" });
    }
    expect(partoo.calls()).toHaveLength(1);
  });
});
