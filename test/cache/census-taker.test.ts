/** What a sweep that failed is worth to the next one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createCacheKeys } from "../../src/cache/cache-key.ts";
import { createCensusBoard } from "../../src/cache/census-board.ts";
import { createCensusClaims } from "../../src/cache/census-claims.ts";
import { createCensusTaker } from "../../src/cache/census-taker.ts";
import { createKnownStores } from "../../src/cache/known-stores.ts";
import { createMemoryTier } from "../../src/cache/memory-tier.ts";
import { createPurgeLog } from "../../src/cache/purge-log.ts";
import { createTiers } from "../../src/cache/tiers.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createCounters } from "../../src/counters.ts";
import { parseUpstreamBase } from "../../src/environment.ts";
import { BUSINESS_SEARCH } from "../../src/partoo/business.ts";
import { problem } from "../../src/problem.ts";
import { writeConfig } from "../support/proxy.ts";
import { business, locator, store } from "./partoo.ts";

const START = 1_790_000_000_000;
/** Ten minutes fresh: read again after eight. */
const DUE_MS = 480_000;

/** A Partoo of 250 stores, of whose pages some fail; a clock to set; and the pages that were asked for. */
function scene() {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-census-"));
  const key = loadConfig(writeConfig(directory, { bff: locator({ sweep: true }) })).policy?.keys.get("locator-read");
  rmSync(directory, { recursive: true });
  const search = key?.routes.find(({ template }) => template === BUSINESS_SEARCH.template);
  if (key === undefined || search === undefined) throw new Error("the configuration has no sweep");
  const state = { now: START, stores: Array.from({ length: 250 }, (_, nth) => store(nth)), fails: (_page: number) => false };
  const asked: number[] = [];
  const sweep = async ({ match }: { match: { target: string } }): Promise<Record<string, unknown>> => {
    const page = Number(new URL(match.target, "http://partoo.example").searchParams.get("page"));
    asked.push(page);
    if (state.fails(page)) throw problem("upstream-failed");
    return { count: state.stores.length, businesses: state.stores.slice((page - 1) * 100, page * 100).map(business) };
  };
  const purges = createPurgeLog({ retentionSeconds: () => 600 });
  const taker = createCensusTaker({
    board: createCensusBoard(undefined),
    call: { sweep },
    directories: { formOf: () => "", isEmpty: () => Promise.resolve(false), isBehind: () => false, swept: () => undefined },
    known: createKnownStores(() => state.now),
    cacheKeys: createCacheKeys(parseUpstreamBase("http://127.0.0.1:1/v2")),
    tiers: createTiers({ memory: createMemoryTier(), redis: undefined, purges }),
    claims: createCensusClaims(),
    purges,
    counters: createCounters(),
    logger: pino({ level: "silent" }),
    signal: new AbortController().signal,
    now: () => state.now,
  });
  const look = async (since = 0): Promise<number | string> =>
    taker.look(key, search, since).catch((fault: Error) => (fault.name === "Problem" ? "failed" : fault.message));
  /** The pages that one more look asks for. */
  const pagesOf = async (since = 0): Promise<readonly number[]> => {
    asked.length = 0;
    await look(since);
    return [...asked];
  };
  return { state, look, pagesOf };
}

test("it goes on where it failed, again and again", async () => {
  const { state, look, pagesOf } = scene();
  state.fails = (page) => page === 2;
  expect(await look()).toBe("failed");
  expect(await pagesOf()).toEqual([2]);
  state.fails = (page) => page === 3;
  expect(await pagesOf()).toEqual([2, 3]);
  state.fails = () => false;
  state.now += 60_000;
  expect(await pagesOf()).toEqual([3]);
});

test("its age is that of its first page", async () => {
  const { state, look } = scene();
  state.fails = (page) => page === 2;
  await look();
  state.fails = () => false;
  state.now += 60_000;
  expect(await look()).toBe(DUE_MS - 60_000);
});

test("it begins anew when its first stores would be due again", async () => {
  const { state, look, pagesOf } = scene();
  state.fails = (page) => page === 2;
  await look();
  state.fails = () => false;
  state.now += DUE_MS;
  expect(await pagesOf()).toEqual([1, 2, 3]);
});

test("it begins anew when what it saw was purged", async () => {
  const { state, look, pagesOf } = scene();
  state.fails = (page) => page === 2;
  await look();
  state.fails = () => false;
  state.now += 1;
  expect(await pagesOf(state.now)).toEqual([1, 2, 3]);
});

test("it begins anew when a store went away meanwhile", async () => {
  const { state, look, pagesOf } = scene();
  state.fails = (page) => page === 2;
  await look();
  state.fails = () => false;
  state.stores.shift();
  expect(await look()).toBe("a store went away meanwhile");
  expect(await pagesOf()).toEqual([1, 2, 3]);
});
