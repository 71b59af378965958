/** Ratings in the directory as frontends see them: over a socket, in front of the sandbox or of a Partoo that misbehaves. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import type { Policy } from "../../src/policy.ts";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { TestGateway } from "../support/gateway.ts";
import type { RedisServer } from "../support/redis.ts";
import { loadConfig } from "../../src/config/load.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { asAdmin, redisForTest } from "../cache/rig.ts";
import { EVERYTHING, call, rawStores } from "../sandbox/support.ts";
import { until } from "../support/cli.ts";
import { startGateway } from "../support/gateway.ts";
import { ORIGIN, writeConfig } from "../support/proxy.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { aStore } from "./support.ts";

type Rating = { readonly average?: number | null; readonly count?: number } | null;
type Shown = ReadonlyMap<string, Rating | undefined>;

const METRICS = "/review_analytics/metrics";
const FRONTENDS = { "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nstores: true\n` };
const BOTH = '{ force: { dimensions: business, metrics: "average_rating,reviews_count" }, fields: [dimension, metrics] }';

/** @param metrics the route as written; undefined: the key has none */
function bff(metrics: string | undefined = BOTH): string {
  return `version: 1
organizations: { acme: { quota: 10000/min, reserve: 0%, instances: 1 } }
keys:
  locator-read:
    organization: acme
    permissions: [review_read]
    allow:
      GET /business/search: { fields: [id, name, city, status], cache: 10m }
      GET /business/{business_id}: { fields: [id, name, city, status], cache: 10m }
${metrics === "" ? "" : `      GET ${METRICS}: ${metrics}\n`}`;
}

interface Options {
  readonly upstream: string;
  readonly metrics?: string;
  readonly redisUrl?: string;
}

async function start({ upstream, metrics, ...rest }: Options): Promise<TestGateway> {
  const env = { PARTOO_KEY_LOCATOR_READ: EVERYTHING };
  const gateway = await startGateway({ upstream, bff: bff(metrics), frontends: FRONTENDS, env, ...rest });
  onTestFinished(() => gateway.close());
  return gateway;
}

async function sandboxForTest(): Promise<RunningSandbox> {
  const sandbox = await startSandbox({ stores: 150, limitPerMinute: 10_000 });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** The ratings of the first two hundred stores; empty while there is no directory. */
async function shownBy(gateway: TestGateway): Promise<Shown> {
  const shown = new Map<string, Rating | undefined>();
  for (const page of [1, 2]) {
    const answer = await gateway.get(`/store-locator/stores?limit=100&page=${page}`);
    if (answer.status !== 200) return new Map();
    const { stores } = (await answer.json()) as { stores: readonly { readonly id: string; readonly rating?: Rating }[] };
    for (const { id, rating } of stores) shown.set(id, rating);
  }
  return shown;
}
const isFull = (gateway: TestGateway): Promise<void> => until(async () => (await shownBy(gateway)).size > 0);
const isRated = (gateway: TestGateway): Promise<void> => until(async () => [...(await shownBy(gateway)).values()].some(Boolean));
const metricsCalls = (sandbox: RunningSandbox): readonly string[] => sandbox.lastCalls().filter((line) => line.includes(METRICS));
const warnings = ({ log }: TestGateway): readonly unknown[] =>
  log.flatMap(({ level, msg, code }) => (level === "warn" && String(msg).startsWith("ratings") ? [code] : []));

/** What the sandbox's reviews amount to, store by store. */
async function reviewedIn(sandbox: RunningSandbox): Promise<Shown> {
  const reviews: { business_id: string; rating: number | null; state: string }[] = [];
  for (let page = 1, more = true; more; page += 1) {
    const answer = await call(sandbox, `/reviews?per_page=100&page=${page}`);
    const found = answer.json["reviews"] as typeof reviews;
    reviews.push(...found);
    more = found.length > 0;
  }
  const ratings = new Map<string, Rating>();
  for (const { id, status } of rawStores(sandbox)) {
    if (status === "closed") continue;
    const own = reviews.filter(({ business_id, state }) => business_id === id && state !== "deleted");
    const stars = own.flatMap(({ rating }) => rating ?? []);
    const average = stars.length === 0 ? null : Math.round((stars.reduce((sum, rating) => sum + rating, 0) / stars.length) * 100) / 100;
    ratings.set(id, own.length === 0 ? null : { average, count: own.length });
  }
  return ratings;
}

/** All that Redis holds of ratings. */
async function keptIn(redis: RedisServer): Promise<string> {
  const chunks = (await redis.keys()).filter((name) => /:ratings:\d+:\d+$/.test(name));
  const bytes = await asAdmin(redis, (client) => Promise.all(chunks.map((name) => client.getBuffer(name))));
  return bytes.map((chunk) => gunzipSync(chunk!).toString()).join("\n");
}

function policyOf(text: string): Policy {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-ratings-"));
  const { policy, diagnostics } = loadConfig(writeConfig(directory, { bff: text, frontends: FRONTENDS }));
  rmSync(directory, { recursive: true, force: true });
  if (policy === undefined) throw new Error(JSON.stringify(diagnostics));
  return policy;
}

test("each store has the average and the number of its reviews, in lists, alone and in schema.org's words", async () => {
  const sandbox = await sandboxForTest();
  const gateway = await start({ upstream: sandbox.url });
  await isRated(gateway);
  const expected = await reviewedIn(sandbox);
  expect([...expected.values()].filter(Boolean).length).toBeGreaterThan(50);
  expect(await shownBy(gateway)).toEqual(expected);
  const [id, rating] = [...expected].find(([, known]) => typeof known?.average === "number")!;
  const alone = await gateway.get(`/store-locator/stores/${id}`);
  expect(await alone.json()).toMatchObject({ id, rating });
  const linked = await gateway.get(`/store-locator/stores/${id}`, { headers: { origin: ORIGIN, accept: "application/ld+json" } });
  expect(await linked.json()).toMatchObject({ aggregateRating: { ratingValue: rating!.average, reviewCount: rating!.count } });
  const all = await gateway.get("/store-locator/stores/all");
  expect(await all.text()).not.toContain("rating");
  expect(gateway.counts()["rating_pages"]).toBe(metricsCalls(sandbox).length);
  expect(metricsCalls(sandbox)[0]).toContain("?dimensions=business&metrics=average_rating%2Creviews_count&page=1&per_page=100");
});

test("a key that may see one figure shows that one", async () => {
  const sandbox = await sandboxForTest();
  const metrics = "{ force: { dimensions: business, metrics: reviews_count }, fields: [dimension, metrics] }";
  const gateway = await start({ upstream: sandbox.url, metrics });
  await isRated(gateway);
  const expected = [...(await reviewedIn(sandbox))].map(([id, known]) => [id, known && { count: known.count }] as const);
  expect(await shownBy(gateway)).toEqual(new Map(expected));
});

test("where the metrics fail, stores are served all the same, and the log says so once", async () => {
  const faults = { "status=403": "upstream-refused", "429=1": "quota-exhausted", html: "upstream-failed", "status=404": "not-found" };
  const scenes = Object.entries(faults).map(async ([fault, code]) => {
    const sandbox = await sandboxForTest();
    sandbox.fail(fault, { path: `/v2${METRICS}` });
    const gateway = await start({ upstream: sandbox.url });
    await isFull(gateway);
    await until(() => Promise.resolve(warnings(gateway).length > 0));
    await sleep(2200);
    return { code, ratings: new Set((await shownBy(gateway)).values()), warned: warnings(gateway), calls: metricsCalls(sandbox).length };
  });
  for (const { code, ...seen } of await Promise.all(scenes)) expect(seen).toEqual({ ratings: new Set([null]), warned: [code], calls: 1 });
});

test("another process and the next start have what one has read, without a call; nothing but the figures is kept", async () => {
  const [redis, sandbox] = [await redisForTest(), await sandboxForTest()];
  const open = (): Promise<TestGateway> => start({ upstream: sandbox.url, redisUrl: redis.url });
  const [one, other] = await Promise.all([open(), open()]);
  await Promise.all([isRated(one), isRated(other)]);
  const [expected, calls] = [await reviewedIn(sandbox), metricsCalls(sandbox)];
  expect([await shownBy(one), await shownBy(other)]).toEqual([expected, expected]);
  expect(new Set(calls).size).toBe(calls.length);
  await Promise.all([one.close(), other.close()]);
  await sandbox.close();
  const next = await open();
  await isFull(next);
  expect(await shownBy(next)).toEqual(expected);
});

test("a reload that brings the route brings ratings; one that takes it away takes them along, and nobody asks any more", async () => {
  const sandbox = await sandboxForTest();
  const gateway = await start({ upstream: sandbox.url, metrics: "" });
  await isFull(gateway);
  gateway.follow(policyOf(bff()));
  expect(new Set((await shownBy(gateway)).values())).toEqual(new Set([null]));
  await isRated(gateway);
  expect(await shownBy(gateway)).toEqual(await reviewedIn(sandbox));
  const tagOf = async (): Promise<string | null> => (await gateway.get("/store-locator/stores")).headers.get("etag");
  const [before, calls] = [await tagOf(), metricsCalls(sandbox).length];
  gateway.follow(policyOf(bff("")));
  expect(new Set((await shownBy(gateway)).values())).toEqual(new Set([undefined]));
  expect(await tagOf()).not.toBe(before);
  await sleep(1500);
  expect(metricsCalls(sandbox)).toHaveLength(calls);
});

test("a reload that shows other fields of stores, or other lifetimes, keeps the ratings", async () => {
  const sandbox = await sandboxForTest();
  const gateway = await start({ upstream: sandbox.url });
  await isRated(gateway);
  const [expected, calls] = [await shownBy(gateway), metricsCalls(sandbox).length];
  gateway.follow(policyOf(bff(BOTH.replace("fields:", "cache: 2h, fields:")).replaceAll("[id, name, city, status]", "[id, name]")));
  expect(await shownBy(gateway)).toEqual(expected);
  await sleep(1500);
  expect(metricsCalls(sandbox)).toHaveLength(calls);
});

test("rows that are none, that come twice, of unknown stores or with people in them leave the figures of ours alone", async () => {
  const redis = await redisForTest();
  const stores = [aStore(1), aStore(2), aStore(3)];
  const [one, two, three] = stores.map(({ id }) => id as string) as [string, string, string];
  const person = { dimension_name: "Jeanne Martin", dimension_info: { address_full: "1 rue Jeanne" }, author_name: "Jeanne" };
  const data = [
    null,
    {
      dimension: one,
      ...person,
      metrics: { average_rating: 2, reviews_count: 1, reply_means: { Jeanne: 3 }, secret: EVERYTHING.slice(1) },
    },
    { dimension: one, ...person, metrics: { average_rating: 4.3, reviews_count: 127 } },
    { dimension: "5f1e00000000000000000000", metrics: { average_rating: 1, reviews_count: 1 } },
    { dimension: two, metrics: "garbage" },
    { dimension: { id: three }, metrics: { average_rating: 1, reviews_count: 1 } },
  ];
  const upstream = await startRecordingUpstream(({ target }) =>
    json(target.includes(METRICS) ? { page: 1, max_page: 1e9, count: 6, data } : { page: 1, max_page: 1, count: 3, businesses: stores }),
  );
  onTestFinished(() => upstream.close());
  const gateway = await start({ upstream: upstream.url, redisUrl: redis.url });
  await isRated(gateway);
  expect(await shownBy(gateway)).toEqual(
    new Map<string, Rating>([
      [one, { average: 4.3, count: 127 }],
      [two, null],
      [three, null],
    ]),
  );
  await until(async () => (await redis.keys()).some((name) => name.endsWith(":ratings")));
  expect(await keptIn(redis)).toBe(`"${one}":{"average":4.3,"count":127}`);
  expect(upstream.requests.filter(({ target }) => target.includes(METRICS))).toHaveLength(1);
});
