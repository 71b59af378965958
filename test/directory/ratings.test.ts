import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import type { KeyPolicy } from "../../src/policy.ts";
import type { ProblemCode } from "../../src/problem.ts";
import { createCensusBoard } from "../../src/cache/census-board.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createCounters } from "../../src/counters.ts";
import { createDirectory } from "../../src/directory/directory.ts";
import { startReading, ratingText } from "../../src/directory/ratings-reading.ts";
import { ratingsSourceOf } from "../../src/directory/ratings-source.ts";
import { createRatingsTaker } from "../../src/directory/ratings-taker.ts";
import { createRatings } from "../../src/directory/ratings.ts";
import { createStoresRequestReader } from "../../src/directory/stores-request.ts";
import { problem } from "../../src/problem.ts";
import { ratingsMatch } from "../../src/request/match.ts";
import { writeConfig } from "../support/proxy.ts";
import { aStore, directoryRig } from "./support.ts";

const BOTH = ["average_rating", "reviews_count"] as const;
const FORCED = '{ force: { dimensions: business, metrics: "average_rating,reviews_count" }, fields: [dimension, metrics] }';
const idOf = (nth: number): string => aStore(nth)["id"] as string;

/** A key whose review metrics are allowed as written. @param route undefined: not at all */
function keyWith(route: string | undefined): KeyPolicy {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-ratings-"));
  const bff = `version: 1
organizations: { acme: { quota: 300/min } }
keys:
  locator-read:
    organization: acme
    permissions: [review_read]
    allow:
      GET /business/search: { fields: [id, name] }
      GET /business/{business_id}: { fields: [id, name] }
${route === undefined ? "" : `      GET /review_analytics/metrics: ${route}\n`}`;
  const { policy, diagnostics } = loadConfig(writeConfig(directory, { bff }));
  rmSync(directory, { recursive: true, force: true });
  const key = policy?.keys.get("locator-read");
  if (key === undefined) throw new Error(JSON.stringify(diagnostics));
  return key;
}

/** What is asked first, as far as a key may ask for ratings at all. */
function askedBy(route: string | undefined): Readonly<Record<string, string>> | undefined {
  const source = ratingsSourceOf(keyWith(route));
  return source && Object.fromEntries(new URL(ratingsMatch(source, 1).target, "http://partoo.example").searchParams);
}

describe("a key's ratings are asked for", () => {
  const PAGE = { dimensions: "business", page: "1", per_page: "100" };
  test.each([
    ["forced", FORCED, "average_rating,reviews_count"],
    ["free", "{ query: { dimensions: {}, metrics: {} }, fields: [dimension, metrics] }", "average_rating,reviews_count"],
    ["one figure", "{ force: { dimensions: business, metrics: reviews_count }, fields: [dimension, metrics] }", "reviews_count"],
    ["free for one", "{ query: { dimensions: {}, metrics: { maxItems: 1 } }, fields: [dimension, metrics] }", "average_rating"],
    [
      "more forced than is shown",
      '{ force: { dimensions: business, metrics: "average_rating,reply_time" }, fields: [dimension, dimension_name, metrics] }',
      "average_rating",
    ],
  ])("by store, a hundred a page: %s", (_name, route, metrics) => {
    expect(askedBy(route)).toEqual({ ...PAGE, metrics });
  });

  test("under the filters that the route forces, in pages of our own", () => {
    const force = `{ dimensions: business, metrics: average_rating, groups: "7,8", update_date__gte: "2026-01-01T00:00:00", per_page: 10 }`;
    expect(askedBy(`{ force: ${force}, fields: [dimension, metrics] }`)).toEqual({
      ...PAGE,
      metrics: "average_rating",
      groups: "7,8",
      update_date__gte: "2026-01-01T00:00:00",
    });
  });

  test.each([
    ["the route is not allowed", undefined],
    ["the figures are not shown", FORCED.replace(", metrics]", "]")],
    ["the store is not shown", FORCED.replace("[dimension, ", "[dimension_name, ")],
    ["another dimension is forced", FORCED.replace("business", "month")],
    ["other figures are forced", FORCED.replace("average_rating,reviews_count", "reply_time")],
    ["the dimension can't be asked for", "{ query: { metrics: {} }, fields: [dimension, metrics] }"],
    ["it is narrowed to others", "{ query: { metrics: {}, dimensions: { enum: [month] } }, fields: [dimension, metrics] }"],
  ])("never where %s", (_name, route) => {
    expect(askedBy(route)).toBeUndefined();
  });
});

describe("a row", () => {
  test.each([
    [{ average_rating: 4.3, reviews_count: 127 }, '{"average":4.3,"count":127}'],
    [{ average_rating: 4.333333, reviews_count: 3 }, '{"average":4.333333,"count":3}'],
    [{ average_rating: null, reviews_count: 2 }, '{"average":null,"count":2}'],
    [{ average_rating: 0, reviews_count: 0 }, undefined],
    [{ average_rating: null, reviews_count: null }, undefined],
    [{ average_rating: 4.3, reviews_count: "127" }, undefined],
    [{ average_rating: 4.3, reviews_count: 1.5 }, undefined],
    [{ average_rating: 4.3, reviews_count: -1 }, undefined],
    [{ average_rating: 47, reviews_count: 1 }, '{"average":null,"count":1}'],
    [{}, undefined],
  ])("%j is %s", (metrics, text) => {
    expect(ratingText(BOTH, metrics)).toBe(text);
  });

  test("has the figures that are allowed and no other", () => {
    const metrics = { average_rating: 4.3, reviews_count: 127 };
    expect(ratingText(["average_rating"], metrics)).toBe('{"average":4.3}');
    expect(ratingText(["reviews_count"], metrics)).toBe('{"count":127}');
    expect(ratingText(["average_rating"], { average_rating: null })).toBeUndefined();
  });
});

const row = (nth: number, count = nth + 1) => ({ dimension: idOf(nth), metrics: { average_rating: 4, reviews_count: count } });
const rows = (count: number, from = 0) => Array.from({ length: count }, (_, nth) => row(from + nth));

describe("a reading", () => {
  /** @returns how many pages were asked for, and what was found */
  const readAll = (pageOf: (page: number) => Record<string, unknown>) => {
    const reading = startReading(BOTH, 1);
    let pages = 0;
    for (let page = reading.next; page !== undefined; page = reading.next) {
      pages += 1;
      reading.add(pageOf(page));
    }
    return { pages, stores: reading.found.size, isWhole: reading.isWhole, found: reading.found };
  };
  const paged = (all: readonly unknown[], lies: object = {}) =>
    readAll((page) => ({ count: all.length, max_page: 1, data: all.slice((page - 1) * 100, page * 100), ...lies }));

  test.each([
    ["5,000 stores with reviews are 51 calls", 5000, {}, 51],
    ["4,950 are 50", 4950, {}, 50],
    ["none is one", 0, {}, 1],
    ["a max_page of one hides nothing", 250, { max_page: 1 }, 3],
    ["a max_page of a million asks for nothing", 250, { max_page: 1e6 }, 3],
    ["a count too low hides nothing", 250, { count: 1 }, 3],
    ["without a count it ends with the first page that is not full", 250, { count: undefined }, 3],
    ["a count too high costs one call", 250, { count: 1e9 }, 4],
  ])("%s", (_name, stores, lies, pages) => {
    expect(paged(rows(stores), lies)).toMatchObject({ pages, stores, isWhole: !("count" in lies) || lies.count !== 1e9 });
  });

  test("a Partoo that sends the first page for ever is asked twice, and one that sends fewer on a page is read to the end", () => {
    expect(readAll(() => ({ count: 5000, data: rows(100) }))).toMatchObject({ pages: 2, stores: 100, isWhole: false });
    const all = rows(120);
    const small = readAll((page) => ({ count: 120, data: all.slice((page - 1) * 50, page * 50) }));
    expect(small).toMatchObject({ pages: 3, stores: 120, isWhole: true });
  });

  test("of a store that comes twice the last row counts; rows that are none are left out", () => {
    const data = [
      row(1, 5),
      row(2),
      row(1, 6),
      null,
      7,
      "x",
      [],
      {},
      { dimension: 7 },
      { dimension: null, metrics: {} },
      { dimension: idOf(3) },
    ];
    const { found, stores } = readAll(() => ({ count: data.length, data }));
    expect([stores, found.get(idOf(1))]).toEqual([2, '{"average":4,"count":6}']);
  });

  test.each([[{}], [{ data: { [idOf(1)]: { average_rating: 4 } } }], [{ data: null }], [{ metrics: [{ average_rating: 4 }] }]])(
    "%j is no page",
    (answer) => {
      expect(() => readAll(() => answer)).toThrow("a page without rows");
    },
  );
});

/** One process of several that share a board and a shelf, or of one that has neither. */
function startTaker({ pages = (): Record<string, unknown> => ({ count: 2, data: rows(2) }), route = FORCED } = {}) {
  const world = {
    pages: (_page: number): Record<string, unknown> => pages(),
    now: 1_000_000_000,
    asked: [] as number[],
    log: [] as string[],
  };
  const key = keyWith(route);
  const ratings = createRatings({ form: "acme", figures: BOTH, shelf: undefined });
  const state = { ratings: ratings as typeof ratings | undefined, isFull: true };
  const held = new Set(rows(5000).map(({ dimension }) => dimension));
  const logger = pino({ base: null }, { write: (line) => void world.log.push(line) });
  const taker = createRatingsTaker({
    directories: {
      of: () => ({ asOf: state.isFull ? 1 : undefined, has: (id: string) => held.has(id) }) as never,
      ratings: () => state.ratings,
    },
    call: {
      read: ({ match }) => {
        const page = Number(new URL(match.target, "http://partoo.example").searchParams.get("page"));
        world.asked.push(page);
        return new Promise((resolve) => resolve(world.pages(page)));
      },
    },
    board: createCensusBoard(undefined),
    counters: createCounters(),
    logger,
    signal: new AbortController().signal,
    now: () => world.now,
  });
  const pagesOf = async (): Promise<readonly number[]> => {
    world.asked.length = 0;
    await taker.look(key);
    return [...world.asked];
  };
  const warnings = (): readonly unknown[] =>
    world.log
      .map((line) => JSON.parse(line) as { level: number; code?: string })
      .flatMap(({ level, code }) => (level === 40 ? [code] : []));
  return Object.assign(world, {
    key,
    ratings,
    state,
    held,
    pagesOf,
    warnings,
    later: (minutes: number) => (world.now += minutes * 60_000),
  });
}

describe("the taker", () => {
  test("reads once in a lifetime of the route, an hour by default", async () => {
    const { pagesOf, later, ratings } = startTaker();
    expect(await pagesOf()).toEqual([1]);
    expect([ratings.textOf(idOf(1)), ratings.textOf(idOf(9))]).toEqual(['{"average":4,"count":2}', "null"]);
    expect(await pagesOf()).toEqual([]);
    later(59);
    expect(await pagesOf()).toEqual([]);
    later(1);
    expect(await pagesOf()).toEqual([1]);
  });

  test("5,000 stores cost 51 calls an hour", async () => {
    const world = startTaker();
    const all = rows(5000);
    world.pages = (page) => ({ count: 5000, data: all.slice((page - 1) * 100, page * 100) });
    let calls = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      calls += (await world.pagesOf()).length;
      world.later(1);
    }
    expect(calls).toBe(51);
  });

  test("asks at most once a minute, however short the lifetime is", async () => {
    const { pagesOf, later } = startTaker({
      route: FORCED.replace("}, fields", "}, cache: { fresh: 1s, stale: 1d, browser: 1s }, fields"),
    });
    await pagesOf();
    later(0.9);
    expect(await pagesOf()).toEqual([]);
    later(0.1);
    expect(await pagesOf()).toEqual([1]);
  });

  test("waits until the directory has its stores, and keeps nothing of others", async () => {
    const world = startTaker();
    world.state.isFull = false;
    expect(await world.pagesOf()).toEqual([]);
    world.state.isFull = true;
    world.held.delete(idOf(1));
    await world.pagesOf();
    expect([world.ratings.textOf(idOf(0)), world.ratings.textOf(idOf(1))]).toEqual(['{"average":4,"count":1}', "null"]);
  });

  test("goes on where a failure has stopped it, later each time, and warns once for each kind in a row", async () => {
    const world = startTaker();
    const all = rows(250);
    const works = (page: number) => ({ count: 250, data: all.slice((page - 1) * 100, page * 100) });
    const failing = (code: ProblemCode) => (page: number) => {
      if (page > 1) throw problem(code);
      return works(page);
    };
    world.pages = failing("upstream-failed");
    expect(await world.pagesOf()).toEqual([1, 2]);
    expect(await world.pagesOf()).toEqual([]);
    world.later(1);
    expect(await world.pagesOf()).toEqual([2]);
    world.later(1);
    expect(await world.pagesOf()).toEqual([]);
    world.later(1);
    world.pages = failing("quota-exhausted");
    expect(await world.pagesOf()).toEqual([2]);
    world.later(4);
    world.pages = (page) => (page === 2 ? { data: "garbage" } : works(page));
    expect(await world.pagesOf()).toEqual([2]);
    expect(world.ratings.takenAt).toBe(0);
    expect(world.warnings()).toEqual(["upstream-failed", "quota-exhausted", "ratings-unreadable"]);
    world.later(8);
    world.pages = works;
    expect(await world.pagesOf()).toEqual([2, 3]);
    expect(world.ratings.textOf(idOf(249))).toBe('{"average":4,"count":250}');
    world.later(60);
    world.pages = failing("upstream-failed");
    await world.pagesOf();
    expect(world.warnings()).toHaveLength(4);
    expect(world.ratings.textOf(idOf(249))).toBe('{"average":4,"count":250}');
  });

  test("a store that has no reviews any more has no rating; one that was not sent although Partoo counts it keeps its own", async () => {
    const world = startTaker();
    await world.pagesOf();
    world.later(60);
    world.pages = () => ({ count: 2, data: [row(1, 9)] });
    expect(await world.pagesOf()).toEqual([1, 2]);
    expect([world.ratings.textOf(idOf(0)), world.ratings.textOf(idOf(1))]).toEqual(['{"average":4,"count":1}', '{"average":4,"count":9}']);
    world.later(60);
    world.pages = () => ({ count: 1, data: [row(1, 9)] });
    await world.pagesOf();
    expect([world.ratings.textOf(idOf(0)), world.ratings.textOf(idOf(1))]).toEqual(["null", '{"average":4,"count":9}']);
  });

  test("stops at once when another policy reads them otherwise", async () => {
    const world = startTaker();
    world.pages = () => {
      world.state.ratings = createRatings({ form: "other", figures: BOTH, shelf: undefined });
      return { count: 200, data: rows(100) };
    };
    expect(await world.pagesOf()).toEqual([1]);
    expect(world.ratings.takenAt).toBe(0);
  });
});

describe("in answers", () => {
  const { routes, keys } = directoryRig();
  const requests = createStoresRequestReader(routes);
  const rated = (texts: Record<string, string> | undefined) => {
    const state = { texts, takenAt: 1 };
    const ratings = () => {
      const { texts: known, takenAt } = state;
      return known === undefined ? undefined : { textOf: (id: string) => known[id] ?? "null", takenAt };
    };
    const directory = createDirectory({ routes, keys, lateAfterSeconds: 1200 });
    for (const nth of [1, 2]) directory.feed.seen(aStore(nth, { lat: 48.85, long: 2.35 }));
    directory.feed.swept(Date.now(), new Set([idOf(1), idOf(2)]));
    const ask = (name?: string, query = "", form?: "json-ld") => {
      const answer = directory.answer(requests.read(name, query), { form, ratings: ratings() });
      return { ...answer, json: JSON.parse(answer.body().toString()) as Record<string, unknown> & { stores: Record<string, unknown>[] } };
    };
    return {
      ask,
      directory,
      rate: (next: Record<string, string> | undefined) => Object.assign(state, { texts: next, takenAt: state.takenAt + 1 }),
    };
  };
  const GOOD = { [idOf(1)]: '{"average":4.3,"count":127}' };

  test("each store of a list, and one alone, has its rating; null without reviews; a pin has none", () => {
    const { ask } = rated(GOOD);
    expect(ask().json.stores.map(({ rating }) => rating)).toEqual([{ average: 4.3, count: 127 }, null]);
    expect([ask(idOf(1)).json["rating"], ask(idOf(2)).json["rating"]]).toEqual([{ average: 4.3, count: 127 }, null]);
    expect(ask("all").json.stores[0]).not.toHaveProperty("rating");
  });

  test("where the key shows none there is no such member", () => {
    const { ask } = rated(undefined);
    for (const store of [...ask().json.stores, ask(idOf(1)).json]) expect(store).not.toHaveProperty("rating");
  });

  test("the entity tag changes with them, but that of the pins", () => {
    const { ask, rate } = rated(GOOD);
    const tags = (): readonly string[] => [ask().hash, ask(idOf(1)).hash, ask(idOf(1), "", "json-ld").hash, ask("all").hash];
    const before = tags();
    expect(tags()).toEqual(before);
    rate({ [idOf(1)]: '{"average":4.3,"count":128}' });
    const after = tags();
    expect(after.map((tag, nth) => tag === before[nth])).toEqual([false, false, false, true]);
    rate(undefined);
    expect(tags()[0]).not.toBe(after[0]);
  });

  test("schema.org's AggregateRating has both figures, or there is none", () => {
    const { ask, rate } = rated(GOOD);
    const linked = (nth: number): unknown => ask(idOf(nth), "", "json-ld").json["aggregateRating"];
    expect(linked(1)).toEqual({ "@type": "AggregateRating", ratingValue: 4.3, reviewCount: 127 });
    expect(linked(2)).toBeUndefined();
    for (const text of ['{"average":null,"count":2}', '{"average":4.3}', '{"count":2}']) {
      rate({ [idOf(1)]: text });
      expect(linked(1)).toBeUndefined();
    }
  });

  test("an edit keeps the rating; a store that was deleted is gone with it", () => {
    const { ask, directory } = rated(GOOD);
    directory.feed.seen(aStore(1, { name: "Acme, new", modified: 5 }));
    expect(ask(idOf(1)).json).toMatchObject({ name: "Acme, new", rating: { average: 4.3, count: 127 } });
    directory.feed.gone(idOf(1));
    expect(ask().json.stores.map(({ rating }) => rating)).toEqual([null]);
  });
});
