import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Script } from "../support/recording-upstream.ts";
import type { TestGateway } from "../support/gateway.ts";
import type { Partoo } from "./partoo.ts";
import { until } from "../support/cli.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { gatewayFor, idOf, later, life, nameShown, pageOf, startPartoo, stopClock, store } from "./partoo.ts";

/** Ten minutes fresh, a day stale: the defaults. */
const FRESH = 600;
const GONE = FRESH + 86_400;

/** A page of a store, stored now, of a Partoo whose store has another name from now on. */
async function storedPage(options: Parameters<typeof gatewayFor>[1] = {}): Promise<{ partoo: Partoo; gateway: TestGateway }> {
  stopClock();
  const partoo = await startPartoo([store(1)]);
  const gateway = await gatewayFor(partoo, options);
  expect(await nameShown(gateway, 1)).toBe("Acme 1");
  partoo.requests.length = 0;
  partoo.stores = [store(1, { name: "Renamed", modified: 1_790_000_999 })];
  return { partoo, gateway };
}

const never: Script = () => undefined;
const status =
  (code: number): Script =>
  () =>
    storableJson({ error: { json: "no" } }, { status: code });

describe("younger than twice its freshness lifetime", () => {
  test("it is answered at once, although Partoo hangs", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.fails(never);
    later(FRESH);
    expect(life(await gateway.get(pageOf(1)))).toEqual({
      status: 200,
      age: "600",
      control: "public, max-age=660",
      cache: "partoo-bff; hit; ttl=-1",
    });
    later(FRESH - 1);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ age: "1199", cache: "partoo-bff; hit; ttl=-599" });
  });

  test("it is refreshed behind, by one call however many ask", async () => {
    const { partoo, gateway } = await storedPage();
    later(FRESH);
    const names = await Promise.all(Array.from({ length: 100 }, () => nameShown(gateway, 1)));
    expect(new Set(names)).toContain("Acme 1");
    await until(async () => (await nameShown(gateway, 1)) === "Renamed");
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ age: "0", cache: "partoo-bff; hit; ttl=600" });
    expect(partoo.calls()).toHaveLength(1);
  });

  test("it is refreshed by one call, by whichever of its names it is asked for", async () => {
    const { partoo, gateway } = await storedPage();
    later(FRESH);
    await Promise.all([1, "c-FR-1"].map((name) => nameShown(gateway, name)));
    await until(async () => (await nameShown(gateway, 1)) === "Renamed" && (await nameShown(gateway, "c-FR-1")) === "Renamed");
    expect(partoo.calls()).toHaveLength(1);
  });

  test("the refresh costs the visitor none of the misses of the address", async () => {
    const frontend = "key: locator-read\norigins: [https://stores.acme.example]\nlimits: { misses: 1/h }\n";
    const { partoo, gateway } = await storedPage({ frontends: { "store-locator": frontend } });
    for (let nth = 0; nth < 3; nth += 1) {
      later(FRESH);
      expect((await gateway.get(pageOf(1))).status).toBe(200);
      await until(async () => (await gateway.get(pageOf(1))).headers.get("age") === "0");
    }
    expect(partoo.calls()).toHaveLength(3);
  });
});

describe("older than that", () => {
  test("it waits for the refresh, which answers when it comes in time", async () => {
    const { gateway } = await storedPage();
    later(2 * FRESH);
    const answer = await gateway.get(pageOf(1));
    expect(life(answer)).toEqual({ status: 200, age: "0", control: "public, max-age=60", cache: "partoo-bff; fwd=stale; stored" });
    expect(await answer.json()).toMatchObject({ name: "Renamed" });
  });

  test("it waits for one refresh, by whichever of its names it is asked for", async () => {
    const { partoo, gateway } = await storedPage();
    later(2 * FRESH);
    const names = await Promise.all(["c-FR-1", 1, "c-FR-1", 1].map((name) => nameShown(gateway, name)));
    expect(names).toEqual(["Renamed", "Renamed", "Renamed", "Renamed"]);
    expect(partoo.calls()).toHaveLength(1);
  });

  test("the code of a store that has another one by now is asked for by itself", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.stores = [store(1, { code: "FR-NEW", modified: 1_790_000_001 }), store(2, { code: "FR-1" })];
    later(2 * FRESH);
    const [moved, kept] = await Promise.all([nameShown(gateway, "c-FR-1"), nameShown(gateway, 1)]);
    expect([moved, kept]).toEqual(["Acme 2", "Acme 1"]);
    expect(partoo.calls()).toEqual([`/v2/business/${idOf(1)}`, "/v2/business/c-FR-1"]);
  });

  test("the code of a store that is no more is asked for by itself", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.stores = [store(2, { code: "FR-1" })];
    later(2 * FRESH);
    const answers = await Promise.all(["c-FR-1", 1].map((name) => gateway.get(pageOf(name))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 404]);
    expect(await nameShown(gateway, "c-FR-1")).toBe("Acme 2");
    expect(partoo.calls()).toHaveLength(2);
  });

  test("it is used after a second, and what comes later is stored all the same", async () => {
    const { partoo, gateway } = await storedPage();
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    const renamed = storableJson({ ...store(1), name: "Renamed" });
    partoo.fails((_request, socket) => (void allowed.then(() => socket.write(renamed)), undefined));
    later(2 * FRESH);
    const began = performance.now();
    const answer = await gateway.get(pageOf(1));
    const waited = performance.now() - began;
    expect(waited).toBeGreaterThan(990);
    expect(life(answer)).toMatchObject({ status: 200, age: "1200", cache: "partoo-bff; fwd=stale; fwd-status=503" });
    expect(await answer.json()).toMatchObject({ name: "Acme 1" });
    allow();
    await until(async () => (await nameShown(gateway, 1)) === "Renamed");
    expect(partoo.calls()).toHaveLength(1);
  });

  test.each<[string, Script, number]>([
    ["a reset", (_request, socket) => void socket.resetAndDestroy(), 503],
    ["500", status(500), 500],
    ["502, twice", status(502), 502],
    ["504", status(504), 504],
    ["429", status(429), 429],
    ["401", status(401), 401],
    ["403", status(403), 403],
    ["a redirect", status(302), 302],
    ["a page of HTML", () => storableJson("<html>maintenance</html>"), 503],
    ["half an answer", (_request, socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"id":'), 503],
    [
      "truncated gzip",
      (_request, socket) =>
        void socket.end(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"), gzipSync("{}").subarray(0, 12)])),
      503,
    ],
  ])("it is used when the refresh meets %s", async (_what, script, fwdStatus) => {
    const { partoo, gateway } = await storedPage();
    partoo.fails(script);
    later(2 * FRESH);
    const answer = await gateway.get(pageOf(1));
    expect(life(answer)).toEqual({
      status: 200,
      age: "1200",
      control: "public, max-age=1260",
      cache: `partoo-bff; fwd=stale; fwd-status=${fwdStatus}`,
    });
    expect(await answer.json()).toMatchObject({ name: "Acme 1" });
  });

  test("it is used when Partoo can't be connected to", async () => {
    const { partoo, gateway } = await storedPage();
    await partoo.close();
    later(2 * FRESH);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 200, cache: "partoo-bff; fwd=stale; fwd-status=503" });
  });

  test("it is used when Partoo is too slow for the deadline", async () => {
    const { partoo, gateway } = await storedPage({ deadlineMs: 100 });
    partoo.fails(never);
    later(2 * FRESH);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 200, cache: "partoo-bff; fwd=stale; fwd-status=503" });
  });

  test("it is used when no call is left, and none is made", async () => {
    const { partoo, gateway } = await storedPage({ locator: { organization: "quota: 1/min, reserve: 0%" } });
    later(2 * FRESH);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 200, cache: "partoo-bff; fwd=stale; fwd-status=503" });
    expect(partoo.calls()).toEqual([]);
  });
});

describe("its end", () => {
  test("comes when its stale time is over, whatever was tried meanwhile", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.fails(status(500));
    later(2 * FRESH);
    expect((await gateway.get(pageOf(1))).status).toBe(200);
    later(GONE - 2 * FRESH - 1);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 200, age: String(GONE - 1) });
    later(1);
    expect((await gateway.get(pageOf(1))).status).toBe(502);
  });

  test("comes with the end of freshness where stale is 0s", async () => {
    const { partoo, gateway } = await storedPage({ locator: { cache: "{ fresh: 10m, stale: 0s }" } });
    partoo.fails(status(500));
    later(FRESH - 1);
    expect((await gateway.get(pageOf(1))).status).toBe(200);
    later(1);
    expect((await gateway.get(pageOf(1))).status).toBe(502);
  });

  test("comes by the clock of real time as well", async () => {
    const partoo = await startPartoo([store(1)]);
    const gateway = await gatewayFor(partoo, { locator: { cache: "{ fresh: 1s, stale: 2s, browser: 1s }" } });
    const began = Date.now();
    expect((await gateway.get(pageOf(1))).status).toBe(200);
    partoo.fails(status(500));
    let lastUse = 0;
    await until(async () => {
      const isUsed = (await gateway.get(pageOf(1))).status === 200;
      if (isUsed) lastUse = Date.now() - began;
      return !isUsed;
    });
    expect(lastUse).toBeGreaterThan(1500);
    expect(lastUse).toBeLessThan(3500);
  });

  test("comes at once when Partoo has it no longer", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.stores = [];
    later(2 * FRESH);
    expect(life(await gateway.get(pageOf(1)))).toEqual({
      status: 404,
      age: "0",
      control: "public, max-age=60",
      cache: "partoo-bff; fwd=stale; stored",
    });
    later(59);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 404, cache: "partoo-bff; hit; ttl=1" });
    expect(partoo.calls()).toHaveLength(1);
  });

  test("comes when the answer that would replace it must not be stored", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.fails(() => storableJson({ ...store(1), name: "Secret" }, { headers: { "cache-control": "no-store" } }));
    later(2 * FRESH);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 200, age: null, cache: "partoo-bff; fwd=stale" });
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 200, age: null, cache: "partoo-bff; fwd=miss" });
  });
});

describe("after a refresh that failed", () => {
  test("none is tried for 5 s, then 10 s, then 20 s, and at most 5 min", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.fails(status(500));
    later(2 * FRESH);
    const callsAfter = async (seconds: number): Promise<number> => {
      later(seconds);
      await gateway.get(pageOf(1));
      return partoo.requests.splice(0).length;
    };
    expect(await callsAfter(0)).toBe(1);
    for (const pause of [5, 10, 20, 40, 80, 160, 300, 300, 300]) {
      expect([pause, await callsAfter(pause * 0.85), await callsAfter(pause * 0.3)]).toEqual([pause, 0, 1]);
    }
  });

  test("one that succeeds ends the pauses", async () => {
    const { partoo, gateway } = await storedPage();
    partoo.fails(status(500));
    later(2 * FRESH);
    await gateway.get(pageOf(1));
    partoo.works();
    later(6);
    expect(await nameShown(gateway, 1)).toBe("Renamed");
    partoo.fails(status(500));
    partoo.requests.length = 0;
    later(2 * FRESH);
    await gateway.get(pageOf(1));
    later(6);
    await gateway.get(pageOf(1));
    expect(partoo.calls()).toHaveLength(2);
  });
});
