import { describe, expect, onTestFinished, test } from "vitest";
import { createMemoryTier } from "../../src/cache/memory-tier.ts";
import { createCoder } from "../../src/present/coded.ts";
import { ORIGIN } from "../support/proxy.ts";
import { startGateway } from "../support/gateway.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { gatewayFor, later, life, locator, pageOf, SEARCH, startPartoo, stopClock, store, textOf } from "./partoo.ts";
import { sample } from "./sample.ts";

describe("a stored response", () => {
  test("comes from the first call, and says so", async () => {
    stopClock();
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    expect(life(await gateway.get(SEARCH))).toEqual({
      status: 200,
      age: "0",
      control: "public, max-age=60",
      cache: "partoo-bff; fwd=miss; stored",
    });
    expect(partoo.calls()).toHaveLength(1);
  });

  test("answers without a call while it is fresh, with its age, which max-age makes up for", async () => {
    stopClock();
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const first = await gateway.get(SEARCH);
    later(300);
    const second = await gateway.get(SEARCH);
    expect(life(second)).toEqual({ status: 200, age: "300", control: "public, max-age=360", cache: "partoo-bff; hit; ttl=300" });
    expect(await second.text()).toBe(await first.text());
    later(299);
    expect(life(await gateway.get(SEARCH))).toMatchObject({ age: "599", cache: "partoo-bff; hit; ttl=1" });
    expect(partoo.calls()).toHaveLength(1);
  });

  test("answers a condition with 304 and the same fields, and HEAD without content, both without a call", async () => {
    stopClock();
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const etag = (await gateway.get(SEARCH)).headers.get("etag") ?? "";
    later(10);
    const known = { age: "10", control: "public, max-age=70", cache: "partoo-bff; hit; ttl=590" };
    const unchanged = await gateway.get(SEARCH, { headers: { origin: ORIGIN, "if-none-match": etag } });
    expect([life(unchanged), unchanged.headers.get("etag"), await unchanged.text()]).toEqual([{ status: 304, ...known }, etag, ""]);
    const head = await gateway.get(SEARCH, { method: "HEAD" });
    expect([life(head), head.headers.get("etag"), await head.text()]).toEqual([{ status: 200, ...known }, etag, ""]);
    expect(partoo.calls()).toHaveLength(1);
  });

  test("is the same for every spelling of the same question", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const search = "/store-locator/v2/business/search";
    for (const query of [
      "city=Paris&query=acme",
      "query=acme&city=Paris",
      "c%69ty=P%61ris&query=acme",
      "city=Paris&query=acme&per_page=50",
    ]) {
      expect((await gateway.get(`${search}?${query}`)).status).toBe(200);
    }
    expect(partoo.calls()).toHaveLength(1);
  });

  test.each([{ "cache-control": "no-cache" }, { "cache-control": "no-store, max-age=0" }, { pragma: "no-cache" }])(
    "is not given up because a caller sends %j",
    async (headers) => {
      const partoo = await startPartoo();
      const gateway = await gatewayFor(partoo);
      await gateway.get(SEARCH);
      const answer = await gateway.get(SEARCH, { headers: { origin: ORIGIN, ...headers } });
      expect(answer.headers.get("cache-status")).toMatch(/^partoo-bff; hit; /);
      expect(partoo.calls()).toHaveLength(1);
    },
  );

  test("serves every frontend of its key, each with fields of its own", async () => {
    const partoo = await startPartoo();
    const frontends = {
      "store-locator": `key: locator-read\norigins: [${ORIGIN}]\n`,
      app: "key: locator-read\norigins: [capacitor://localhost]\n",
    };
    const gateway = await gatewayFor(partoo, { frontends });
    const first = await gateway.get(SEARCH);
    const second = await gateway.get(SEARCH.replace("store-locator", "app"), { headers: { origin: "capacitor://localhost" } });
    expect(second.headers.get("access-control-allow-origin")).toBe("capacitor://localhost");
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    expect(await second.text()).toBe(await first.text());
    expect(partoo.calls()).toHaveLength(1);
  });

  test("serves no other key", async () => {
    const partoo = await startPartoo();
    const bff = locator();
    const second = bff.slice(bff.indexOf("  locator-read:")).replace("locator-read", "other-read");
    const gateway = await startGateway({
      upstream: partoo.url,
      bff: bff + second,
      frontends: { "store-locator": `key: locator-read\norigins: [${ORIGIN}]\n`, other: `key: other-read\norigins: [${ORIGIN}]\n` },
      env: { PARTOO_KEY_OTHER_READ: "another-canary-51b0" },
    });
    onTestFinished(() => gateway.close());
    await gateway.get(SEARCH);
    await gateway.get(SEARCH.replace("store-locator", "other"));
    expect(partoo.requests.map(({ headers }) => headers["x-apikey"])).toEqual([expect.stringMatching(/^canary/), "another-canary-51b0"]);
  });

  test("is what Partoo's failure is not: the next request calls again", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    partoo.fails(() => storableJson({}, { status: 500 }));
    expect((await gateway.get(SEARCH)).status).toBe(502);
    partoo.works();
    expect((await gateway.get(SEARCH)).status).toBe(200);
    expect(partoo.calls()).toHaveLength(2);
  });
});

describe("what Partoo has not", () => {
  test("is remembered for a minute", async () => {
    stopClock();
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const miss = await gateway.get(pageOf(404));
    expect(life(miss)).toEqual({ status: 404, age: "0", control: "public, max-age=60", cache: "partoo-bff; fwd=miss; stored" });
    expect(await miss.json()).toMatchObject({ code: "not-found", layer: "upstream" });
    later(59);
    const hit = await gateway.get(pageOf(404));
    expect(life(hit)).toEqual({ status: 404, age: "59", control: "public, max-age=119", cache: "partoo-bff; hit; ttl=1" });
    expect(partoo.calls()).toHaveLength(1);
    later(1);
    partoo.stores.push(store(404));
    expect((await gateway.get(pageOf(404))).status).toBe(200);
  });
});

describe("an answer that Partoo forbids to store", () => {
  test.each([{ "cache-control": "no-store" }, { "cache-control": "max-age=60, private" }, { vary: "*" }])(
    "(%j) is stored nowhere, and the operator is told once",
    async (headers) => {
      const partoo = await startPartoo();
      const gateway = await gatewayFor(partoo);
      partoo.fails(() => storableJson({ page: 1, businesses: [] }, { headers }));
      for (let nth = 0; nth < 3; nth += 1) {
        expect(life(await gateway.get(SEARCH))).toEqual({
          status: 200,
          age: null,
          control: "no-store",
          cache: "partoo-bff; fwd=miss",
        });
      }
      expect(partoo.calls()).toHaveLength(3);
      expect(gateway.log.filter(({ level }) => level === "warn")).toMatchObject([{ route: "/business/search" }]);
    },
  );

  test("because there is none (404) is stored nowhere either, and takes the place of what was", async () => {
    stopClock();
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    await gateway.get(pageOf(1));
    partoo.fails(() => storableJson({}, { status: 404, headers: { "cache-control": "no-store" } }));
    later(1200);
    expect(life(await gateway.get(pageOf(1)))).toEqual({ status: 404, age: null, control: "no-store", cache: "partoo-bff; fwd=stale" });
    expect(life(await gateway.get(pageOf(1)))).toEqual({ status: 404, age: null, control: "no-store", cache: "partoo-bff; fwd=miss" });
    partoo.works();
    expect((await gateway.get(pageOf(1))).status).toBe(200);
    expect(partoo.calls()).toHaveLength(4);
    expect(gateway.log.filter(({ msg }) => String(msg).startsWith("Partoo forbids storing"))).toHaveLength(1);
  });

  test("is stored where the operator says so", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo, { locator: { cache: "{ fresh: 10m, upstream: ignore }" } });
    partoo.fails(() => storableJson({ page: 1, businesses: [] }, { headers: { "cache-control": "no-store" } }));
    for (let nth = 0; nth < 3; nth += 1) expect((await gateway.get(SEARCH)).status).toBe(200);
    expect(partoo.calls()).toHaveLength(1);
    expect(gateway.log.filter(({ level }) => level === "warn")).toEqual([]);
  });
});

describe("content codings of a stored response", () => {
  test("have entity tags of their own, and cost one call together", async () => {
    const partoo = await startPartoo(Array.from({ length: 50 }, (_, nth) => store(nth)));
    const gateway = await gatewayFor(partoo);
    const tags = await Promise.all(
      ["identity", "gzip", "br"].map(async (coding) => {
        const answer = await gateway.get(SEARCH, { headers: { origin: ORIGIN, "accept-encoding": coding } });
        expect(answer.headers.get("vary")).toBe("Accept-Encoding");
        return (answer.headers.get("etag") ?? "").replace(/^"[\w-]{22}/, '"…');
      }),
    );
    expect(tags).toEqual(['"…"', '"…-gz"', '"…-br"']);
    expect(partoo.calls()).toHaveLength(1);
  });

  test("are each made once, however many ask at the same time and afterwards", async () => {
    const memory = createMemoryTier();
    const coder = createCoder(memory);
    const entry = sample({ body: Buffer.alloc(100_000, "store ") });
    memory.set("a", entry);
    const [first, second] = await Promise.all([coder.body(entry, "br", "a"), coder.body(entry, "br", "a")]);
    expect(second).toBe(first);
    const kept = memory.get("a");
    expect(kept?.codings.br).toEqual(first);
    expect(kept && coder.body(kept, "br", "a")).toBe(kept?.codings.br);
    expect(await coder.body(entry, "br", "a")).toBe(first);
  });
});

test("a personal field that is not listed is not even stored: what leaves has no trace of it", async () => {
  const partoo = await startPartoo();
  const gateway = await gatewayFor(partoo);
  for (const target of [SEARCH, pageOf(1), pageOf("c-FR-1")])
    expect(await textOf(gateway.get(target))).not.toMatch(/Jeanne|jeanne|4711|42000001/);
});
