/** The directory as frontends call it: over a socket, in front of the sandbox. */
import { expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { ORIGIN } from "../support/proxy.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/cli.ts";
import { redisForTest } from "../cache/rig.ts";
import { EVERYTHING, rawStores } from "../sandbox/support.ts";
import { ALL_FIELDS } from "./support.ts";

const EARTH_METRES = 6_371_000;

interface Store {
  readonly id: string;
  readonly name: string;
  readonly lat: number;
  readonly long: number;
  readonly distance_m?: number;
  readonly open: { readonly now: boolean; readonly next_change: string | null } | null;
}

function bff(fields = ALL_FIELDS): string {
  return `version: 1
organizations: { acme: { quota: 10000/min, reserve: 0%, instances: 1 } }
keys:
  locator-read:
    organization: acme
    permissions: []
    allow:
      GET /business/search: { query: { city: {} }, fields: [${fields}], cache: 10m }
      GET /business/{business_id}: { fields: [${fields}], cache: 10m }
`;
}
const FRONTENDS = {
  "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nstores: true\n`,
  plain: `key: locator-read\norigins: [${ORIGIN}]\n`,
};

async function scene(options: { readonly redisUrl?: string } = {}) {
  const sandbox = await startSandbox({ stores: 120, limitPerMinute: 10_000 });
  onTestFinished(() => sandbox.close());
  const start = async (): Promise<TestGateway> => {
    const gateway = await startGateway({
      upstream: sandbox.url,
      bff: bff(),
      frontends: FRONTENDS,
      env: { PARTOO_KEY_LOCATOR_READ: EVERYTHING },
      ...options,
    });
    onTestFinished(() => gateway.close());
    return gateway;
  };
  const gateway = await start();
  await isFull(gateway);
  return { sandbox, gateway, start, calls: () => sandbox.counters().calls };
}

const isFull = (gateway: TestGateway): Promise<void> =>
  until(async () => (await gateway.get("/store-locator/stores?limit=1")).status === 200);

async function listOf(gateway: TestGateway, query: string): Promise<{ stores: readonly Store[]; count: number }> {
  const answer = await gateway.get(`/store-locator/stores${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as { stores: readonly Store[]; count: number };
}

function metres(one: readonly [number, number], other: readonly [number, number]): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [a, b] = [one.map(radians), other.map(radians)] as unknown as readonly [readonly [number, number], readonly [number, number]];
  const h = Math.sin((b[0] - a[0]) / 2) ** 2 + Math.cos(a[0]) * Math.cos(b[0]) * Math.sin((b[1] - a[1]) / 2) ** 2;
  return 2 * EARTH_METRES * Math.asin(Math.sqrt(h));
}

test("the nearest stores come first, with their distance and opening, and no answer is a call", async () => {
  const { sandbox, gateway, calls } = await scene();
  const before = calls();
  const { stores, count } = await listOf(gateway, "?near=48.85661,2.35222&limit=5");
  const brute = rawStores(sandbox)
    .filter(({ status, lat, long }) => status !== "closed" && lat !== null && long !== null)
    .map(({ id, lat, long }) => ({ id, away: metres([48.857, 2.352], [lat as number, long as number]) }))
    .toSorted((one, other) => one.away - other.away);
  expect(stores.map(({ id }) => id)).toEqual(brute.slice(0, 5).map(({ id }) => id));
  stores.forEach(({ distance_m: away }, nth) =>
    expect(Math.abs(away! - brute[nth]!.away)).toBeLessThan(Math.max(2, brute[nth]!.away * 0.006)),
  );
  expect(count).toBe(brute.length);
  expect(stores.some(({ open }) => typeof open?.now === "boolean")).toBe(true);
  expect(calls()).toBe(before);
});

test("an answer is fresh until a store opens or closes, for a minute at most, and 304 for who has it", async () => {
  const { gateway } = await scene();
  const answer = await gateway.get("/store-locator/stores?limit=3");
  const etag = answer.headers.get("etag")!;
  const maxAge = Number(/max-age=(\d+)/.exec(answer.headers.get("cache-control")!)?.[1]);
  expect(maxAge).toBeLessThanOrEqual(60);
  expect(answer.headers.get("cache-status")).toMatch(/^partoo-bff; hit; ttl=\d+$/);
  expect(answer.headers.get("vary")).toBe("Accept-Encoding");
  const { stores } = (await answer.json()) as { stores: readonly Store[] };
  const soonest = Math.min(...stores.map(({ open }) => Date.parse(open?.next_change ?? "2100-01-01")));
  expect(maxAge * 1000).toBeLessThanOrEqual(Math.max(0, soonest - Date.now()) + 1000);
  const again = await gateway.get("/store-locator/stores?limit=3", { headers: { origin: ORIGIN, "if-none-match": etag } });
  expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
  const head = await gateway.get("/store-locator/stores?limit=3", { method: "HEAD", headers: { origin: ORIGIN } });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("one store is found by id and by code, as JSON or in the words of schema.org", async () => {
  const { sandbox, gateway } = await scene();
  const { id, code, name } = rawStores(sandbox).find(({ status, code: known }) => status === "open" && known !== null)!;
  for (const called of [id, `c-${code}`]) {
    const answer = await gateway.get(`/store-locator/stores/${encodeURIComponent(called)}`);
    expect(await answer.json()).toMatchObject({ id, name });
    expect(answer.headers.get("vary")).toBe("Accept-Encoding, Accept");
  }
  const linked = await gateway.get(`/store-locator/stores/${id}`, { headers: { origin: ORIGIN, accept: "application/ld+json" } });
  expect(linked.headers.get("content-type")).toBe("application/ld+json; charset=utf-8");
  expect(await linked.json()).toMatchObject({ "@context": "https://schema.org", "@type": "LocalBusiness", name });
  expect((await gateway.get("/store-locator/stores/5f1e00000000000000000000")).status).toBe(404);
});

test("all stores are one light answer, coded, with an entity tag for each coding", async () => {
  const { sandbox, gateway } = await scene();
  const answer = await gateway.get("/store-locator/stores/all", { headers: { origin: ORIGIN, "accept-encoding": "br" } });
  expect(answer.headers.get("content-encoding")).toBe("br");
  const { stores, count } = (await answer.json()) as { stores: readonly Store[]; count: number };
  expect(count).toBe(rawStores(sandbox).filter(({ status }) => status !== "closed").length);
  expect(Object.keys(stores[0]!)).toEqual(["id", "name", "lat", "long", "open"]);
  const again = await gateway.get("/store-locator/stores/all", {
    headers: { origin: ORIGIN, "accept-encoding": "br", "if-none-match": answer.headers.get("etag")! },
  });
  expect(again.status).toBe(304);
});

test.each([
  ["/store-locator/stores?near=91,0", 400, "parameter-invalid"],
  ["/store-locator/stores?near=NaN,1", 400, "parameter-invalid"],
  ["/store-locator/stores?near=120,48", 400, "parameter-invalid"],
  ["/store-locator/stores?near=48.8,2.3&radius=0", 400, "parameter-invalid"],
  ["/store-locator/stores?near=48.8,2.3&radius=1000000000", 400, "parameter-invalid"],
  ["/store-locator/stores?limit=0", 400, "parameter-invalid"],
  [`/store-locator/stores?q=${"x".repeat(8000)}`, 400, "parameter-invalid"],
  [`/store-locator/stores?q=${"x".repeat(10_240)}`, 414, "target-too-long"],
  ["/store-locator/stores?lat=48", 400, "parameter-unknown"],
  ["/store-locator/stores/all/x", 404, "route-not-allowed"],
  ["/store-locator/stores/all?near=1,1", 400, "parameter-unknown"],
  ["/store-locator/stores/nothing-like-it", 400, "parameter-invalid"],
  ["/plain/stores", 404, "route-not-allowed"],
])("%.60s is %i %s", async (target, status, code) => {
  const gateway = await startGateway({ upstream: "http://127.0.0.1:1/v2", bff: bff(), frontends: FRONTENDS });
  onTestFinished(() => gateway.close());
  const answer = await gateway.get(target);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
});

test("until all stores were read once, callers are asked to come again", async () => {
  const gateway = await startGateway({ upstream: "http://127.0.0.1:1/v2", bff: bff(), frontends: FRONTENDS });
  onTestFinished(() => gateway.close());
  const answer = await gateway.get("/store-locator/stores");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
});

test("with Partoo gone the stores stay, and after a restart they are there at once, without a call", async () => {
  const redis = await redisForTest();
  const { sandbox, gateway, start, calls } = await scene({ redisUrl: redis.url });
  const { count } = await listOf(gateway, "");
  await gateway.close();
  const before = calls();
  const next = await start();
  await isFull(next);
  expect((await listOf(next, "")).count).toBe(count);
  expect(calls()).toBe(before);
  await sandbox.close();
  expect((await listOf(next, "?q=paris")).count).toBeGreaterThan(0);
});

test("neither a position nor what was searched is in the log", async () => {
  const { gateway } = await scene();
  await gateway.get("/store-locator/stores?near=48.123456,2.654321&q=secretville");
  const text = JSON.stringify(gateway.log);
  for (const value of ["48.12", "2.65", "secretville"]) expect(text).not.toContain(value);
  expect(gateway.log.findLast(({ route }) => route === "/stores")).toMatchObject({ query: ["near", "q"], cache: "directory", status: 200 });
});

test("what a frontend may be asked for is told to any page, and to scripts, with an entity tag", async () => {
  const gateway = await startGateway({ upstream: "http://127.0.0.1:1/v2", bff: bff(), frontends: FRONTENDS });
  onTestFinished(() => gateway.close());
  const foreign = { headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" } };
  const answer = await gateway.get("/store-locator/openapi.json", foreign);
  expect([answer.status, answer.headers.get("access-control-allow-origin"), answer.headers.get("vary")]).toEqual([
    200,
    "*",
    "Accept-Encoding",
  ]);
  const { openapi, paths } = (await answer.json()) as { openapi: string; paths: Record<string, unknown> };
  expect(openapi).toMatch(/^3\.1\./);
  expect(Object.keys(paths)).toContain("/stores");
  const again = await gateway.get("/store-locator/openapi.json", { headers: { "if-none-match": answer.headers.get("etag")! } });
  expect(again.status).toBe(304);
  expect((await gateway.get("/nobody/openapi.json", foreign)).status).toBe(404);
  expect((await gateway.get("/store-locator/openapi.json", { method: "POST", ...foreign })).status).toBe(403);
  expect(gateway.log.find(({ route }) => route === "/openapi.json")).toMatchObject({ status: 200, decision: "description" });
});

test("ratings show only where the frontend may ask for the figures that they are", async () => {
  const sandbox = await startSandbox({ stores: 30, limitPerMinute: 10_000 });
  onTestFinished(() => sandbox.close());
  const metrics = `      GET /review_analytics/metrics: { force: { dimensions: business, metrics: "average_rating,reviews_count" }, fields: [dimension, metrics] }\n`;
  const only = "only:\n  - GET /business/search\n";
  const gateway = await startGateway({
    upstream: sandbox.url,
    bff: bff() + metrics,
    frontends: { "store-locator": FRONTENDS["store-locator"], app: FRONTENDS["store-locator"] + only },
    env: { PARTOO_KEY_LOCATOR_READ: EVERYTHING },
  });
  onTestFinished(() => gateway.close());
  await isFull(gateway);
  const storeOf = async (frontend: string): Promise<object> =>
    ((await (await gateway.get(`/${frontend}/stores?limit=1`)).json()) as { stores: [object] }).stores[0];
  expect(await storeOf("store-locator")).toHaveProperty("rating");
  expect(await storeOf("app")).not.toHaveProperty("rating");
});
