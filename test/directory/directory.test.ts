import { describe, expect, onTestFinished, test } from "vitest";
import type { StoreChange } from "../../src/directory/holdings.ts";
import type { Business } from "../../src/directory/store-record.ts";
import { createBreaker } from "../../src/cache/breaker.ts";
import { createChangeStream } from "../../src/directory/change-stream.ts";
import { readChanges } from "../../src/directory/delta.ts";
import { createStoresRequestReader } from "../../src/directory/stores-request.ts";
import { createDirectory } from "../../src/directory/directory.ts";
import { createSnapshotShelf } from "../../src/directory/snapshot.ts";
import { openRedis } from "../../src/redis.ts";
import { parseRedisUrl } from "../../src/redis-url.ts";
import { pino } from "pino";
import { startRedis } from "../support/redis.ts";
import { ALL_FIELDS, aStore, directoryRig, sandboxStores } from "./support.ts";

const START = Date.parse("2026-11-23T12:00:00Z");
const idOf = (nth: number): string => aStore(nth)["id"] as string;
const PLACE = { lat: 48.85, long: 2.35, open_hours: { monday: ["09:00-18:00"] } };

/** Partoo in this process: pages of its stores, as the feed's callers read them. `max_page` lies. */
function startPartoo(initial: readonly Business[], fields = ALL_FIELDS) {
  const { routes, keys } = directoryRig({ fields });
  let clock = START;
  const told: StoreChange[] = [];
  const calls: string[] = [];
  const open = () => createDirectory({ routes, keys, lateAfterSeconds: 1200, now: () => clock, onChange: (change) => told.push(change) });
  const directory = open();
  const world = { stores: [...initial] };
  const page = (nth: number, since = 0) => {
    const matching = world.stores.filter(({ modified }) => ((modified as number | undefined) ?? 0) >= since);
    calls.push(since === 0 ? "sweep" : "delta");
    const businesses = matching.slice((nth - 1) * 100, nth * 100);
    for (const store of businesses) directory.feed.seen(store);
    return { page: nth, max_page: 99_999, count: matching.length, businesses };
  };
  const partoo = Object.assign(world, {
    directory,
    open,
    told,
    calls,
    later: (seconds: number) => (clock += seconds * 1000),
    sweep(during = () => {}) {
      const takenAt = clock;
      const names = new Set<string>();
      for (let nth = 1; nth <= Math.ceil(world.stores.length / 100); nth += 1) {
        for (const { id } of page(nth).businesses) names.add(id as string);
        clock += 1000;
        during();
      }
      directory.feed.swept(takenAt, names);
    },
    delta: () =>
      readChanges({
        readPage: (nth) => Promise.resolve(page(nth, directory.changedSince)),
        feed: directory.feed,
        now: () => clock,
      }),
  });
  const ask = (query = "", from = directory) => {
    const answer = from.answer(requests.read(undefined, query));
    const json = JSON.parse(answer.body().toString()) as { stores: Record<string, unknown>[]; count: number; as_of?: string };
    return { ...answer, json };
  };
  const names = (from = directory): readonly unknown[] => ask("limit=100", from).json.stores.map(({ name }) => name);
  return Object.assign(partoo, { ask, names });
}

const requests = createStoresRequestReader(directoryRig().routes);

describe("while all stores are read", () => {
  test("there is no answer that would leave some out; then there is", () => {
    const partoo = startPartoo([aStore(1), aStore(2)]);
    partoo.directory.feed.seen(aStore(1));
    expect(() => partoo.ask()).toThrow("quota-exhausted");
    partoo.sweep();
    expect(partoo.names()).toEqual(["Acme 1", "Acme 2"]);
  });

  test("250 stores are three calls", () => {
    const partoo = startPartoo(sandboxStores(250));
    partoo.sweep();
    expect(partoo.calls).toHaveLength(3);
    expect(partoo.directory.size).toBe(partoo.stores.filter(({ status }) => status !== "closed").length);
  });

  test("one that moved, one that closed, one that went and one whose code changed meanwhile end as they are", () => {
    const partoo = startPartoo(Array.from({ length: 150 }, (_, nth) => aStore(nth, { ...PLACE, modified: 1 })));
    partoo.sweep();
    const { feed } = partoo.directory;
    let first = true;
    partoo.sweep(() => {
      if (!first) return;
      first = false;
      feed.seen(aStore(1, { ...PLACE, lat: 10, modified: 2 }));
      feed.seen(aStore(2, { ...PLACE, status: "closed", modified: 2 }));
      feed.gone(idOf(3));
      feed.seen(aStore(4, { code: "S-140", modified: 2 }));
      feed.seen(aStore(900, { modified: 2 }));
    });
    expect(partoo.ask("near=10,2.35&radius=100").json).toMatchObject({ count: 1 });
    expect(partoo.directory.size).toBe(149);
    const nameOf = (name: string): unknown => JSON.parse(partoo.directory.answer(requests.read(name, "")).body().toString());
    expect(nameOf(idOf(4))).toMatchObject({ name: "Acme 4" });
    expect(nameOf("c-S-900")).toMatchObject({ name: "Acme 900" });
    for (const name of [idOf(2), idOf(3), "c-S-4"]) expect(() => nameOf(name)).toThrow("not-found");
  });

  test("what is no longer there is gone with the next sweep; a custom field is as it is now", () => {
    const custom = (value: boolean) => ({ modified: 1, custom_fields: [{ name: "Drive", value }] });
    const partoo = startPartoo([aStore(1, custom(false)), aStore(2, custom(false))]);
    partoo.sweep();
    partoo.stores = [aStore(1, custom(true))];
    partoo.sweep();
    expect(partoo.ask("custom.Drive=true").json.count).toBe(1);
    expect(partoo.names()).toEqual(["Acme 1"]);
  });
});

describe("between sweeps", () => {
  test("one edit is found with one call, and no edit with one that finds nothing", async () => {
    const partoo = startPartoo(Array.from({ length: 250 }, (_, nth) => aStore(nth, { modified: START / 1000 - 1000 - nth })));
    partoo.sweep();
    partoo.calls.length = 0;
    partoo.stores[7] = aStore(7, { name: "Acme Seven", modified: START / 1000 + 30 });
    partoo.later(60);
    expect(await partoo.delta()).toBe(true);
    expect(partoo.calls).toEqual(["delta"]);
    expect(partoo.ask("q=seven").json.count).toBe(1);
    partoo.later(120);
    await partoo.delta();
    expect(partoo.directory.changedSince).toBe(START / 1000 + 31);
  });

  test("a store that changes within the second of the newest is found", async () => {
    const partoo = startPartoo([aStore(1, { modified: START / 1000 + 0.2 })]);
    partoo.sweep();
    partoo.stores.push(aStore(2, { modified: START / 1000 + 0.1 }));
    await partoo.delta();
    expect(partoo.names()).toEqual(["Acme 1", "Acme 2"]);
  });

  test("more changes than fit on ten pages are left to a sweep; a time far ahead blinds nobody", async () => {
    const partoo = startPartoo([aStore(1, { modified: START / 1000 - 600 }), aStore(2, { modified: 9e9 })]);
    partoo.sweep();
    expect(partoo.directory.changedSince).toBe(START / 1000 - 599);
    partoo.stores = Array.from({ length: 1200 }, (_, nth) => aStore(nth, { modified: START / 1000 }));
    partoo.calls.length = 0;
    expect(await partoo.delta()).toBe(false);
    expect(partoo.calls).toHaveLength(10);
  });

  test("a store that closed for good stays away however late its past is told, and may open again, in every process", async () => {
    const partoo = startPartoo([aStore(1, { modified: 10 })]);
    partoo.sweep();
    const other = partoo.open();
    await other.restore(partoo.directory.snapshot()!);
    const { feed } = partoo.directory;
    partoo.told.length = 0;
    feed.seen(aStore(1, { status: "closed", modified: 20 }));
    feed.seen(aStore(1, { modified: 15 }));
    for (const change of partoo.told) other.apply(change);
    expect([partoo.names(), partoo.names(other)]).toEqual([[], []]);
    for (const each of [feed, other.feed]) each.seen(aStore(1, { modified: 30 }));
    expect([partoo.names(), partoo.names(other)]).toEqual([["Acme 1"], ["Acme 1"]]);
  });

  test("what is told twice, late or spoilt changes nothing", () => {
    const partoo = startPartoo([aStore(1, { name: "new", modified: 20 })]);
    partoo.sweep();
    const { feed } = partoo.directory;
    for (const late of [aStore(1, { name: "old", modified: 10 }), aStore(1, { name: "new", modified: 20 }), {}, { id: 7 }, { id: "x" }])
      feed.seen(late);
    feed.gone("unknown");
    feed.gone(idOf(2));
    feed.seen(aStore(2, { modified: 30 }));
    expect(partoo.names()).toEqual(["new"]);
    expect(partoo.told.filter((change) => !("asOf" in change))).toEqual([]);
  });
});

describe("how old it is", () => {
  test("is told in seconds, and in the answer once Partoo has been away for too long", () => {
    const partoo = startPartoo([aStore(1)]);
    partoo.sweep();
    partoo.later(600);
    expect(partoo.ask()).toMatchObject({ ttlSeconds: 60 });
    expect(partoo.ask().json).not.toHaveProperty("as_of");
    partoo.later(86_400);
    expect(partoo.ask()).toMatchObject({ ttlSeconds: 1200 - 87_001, maxAgeSeconds: 60 });
    expect(partoo.ask().json).toMatchObject({ count: 1, as_of: "2026-11-23T12:00:00.000Z" });
  });
});

describe("in Redis", () => {
  const rig = async () => {
    const server = await startRedis();
    const redis = openRedis(parseRedisUrl(server.url), pino({ level: "silent" }));
    onTestFinished(async () => {
      redis.close();
      await server.close();
    });
    await new Promise<void>((resolve) => void redis.client.once("ready", () => resolve()));
    return { server, parts: { breaker: createBreaker(redis.client), prefix: "test:" } };
  };

  test("a snapshot serves the next start at once, as before and without a call", async () => {
    const { server, parts } = await rig();
    const shelf = createSnapshotShelf(parts, () => START + 3_600_000);
    const partoo = startPartoo(sandboxStores(600), "id, name, categories");
    partoo.sweep();
    expect(await shelf.write("acme", partoo.directory.snapshot()!)).toBe(true);
    const next = partoo.open();
    await next.restore((await shelf.read("acme"))!);
    for (const query of ["near=48.86,2.35", "q=paris&open_now=true", "bounds=-5,42,8,51&page=3"]) {
      expect(partoo.ask(query, next).json).toEqual(partoo.ask(query).json);
    }
    expect(next.changedSince).toBe(partoo.directory.changedSince);
    expect(await shelf.read("acme", next.asOf)).toBeUndefined();
    for (const key of await server.keys()) expect(await server.secondsLeft(key)).toBeGreaterThan(86_400);
  });

  test("the next snapshot takes the place of the last; without one, or with a broken one, there is none", async () => {
    const { server, parts } = await rig();
    const shelf = createSnapshotShelf(parts, () => START + 3_600_000);
    expect(await shelf.read("acme")).toBeUndefined();
    const partoo = startPartoo(sandboxStores(600));
    partoo.sweep();
    await shelf.write("acme", partoo.directory.snapshot()!);
    partoo.sweep();
    await shelf.write("acme", partoo.directory.snapshot()!);
    expect(await server.keys()).toHaveLength(4);
    await parts.breaker.run((client) => client.set("test:directory:acme", '{"asOf":"x"}'));
    expect(await shelf.read("acme")).toBeUndefined();
    await server.kill();
    expect([await shelf.read("acme"), await shelf.write("acme", partoo.directory.snapshot()!)]).toEqual([undefined, false]);
  });

  test("what one process is told, the others are: changes, deletions, and that nothing else changed", async () => {
    const { parts } = await rig();
    const partoo = startPartoo([aStore(1, PLACE), aStore(2)]);
    partoo.sweep();
    const other = partoo.open();
    await other.restore(partoo.directory.snapshot()!);
    const mine = createChangeStream(parts, "acme");
    const theirs = createChangeStream(parts, "acme");
    const since = Date.now();
    partoo.told.length = 0;
    partoo.directory.feed.seen(aStore(1, { ...PLACE, name: "moved", lat: 10 }));
    partoo.directory.feed.gone(idOf(2));
    partoo.later(60);
    await partoo.delta();
    for (const change of partoo.told) mine.tell(change);
    const changes: StoreChange[] = [];
    await expect.poll(async () => changes.push(...(await theirs.read(since)).changes)).toBe(3);
    for (const change of changes) other.apply(change);
    expect(partoo.ask("near=10,2.35", other).json).toEqual(partoo.ask("near=10,2.35").json);
    expect([other.size, other.asOf]).toEqual([1, partoo.directory.asOf]);
    expect(await theirs.read(since)).toEqual({ changes: [], isWhole: true });
  });

  test("a snapshot that is taken over meanwhile loses nothing that was told since", async () => {
    const partoo = startPartoo([aStore(1), aStore(2), aStore(3)]);
    partoo.sweep();
    const snapshot = partoo.directory.snapshot()!;
    const other = partoo.open();
    const taking = other.restore({ ...snapshot, lines: [...Array.from({ length: 200 }, () => "{}"), ...snapshot.lines] });
    other.feed.gone(idOf(2));
    other.feed.seen(aStore(3, { name: "newer", modified: 5 }));
    await taking;
    expect(partoo.names(other)).toEqual(expect.arrayContaining(["Acme 1", "newer"]));
  });

  test("the next reading of all, by whomever, ends what a process has missed: deletions, what is hidden, custom fields", async () => {
    const drive = (value: boolean) => ({ modified: 1, custom_fields: [{ name: "Drive", value }] });
    const partoo = startPartoo([aStore(1), aStore(2, drive(false)), aStore(3)]);
    partoo.sweep();
    const other = partoo.open();
    await other.restore(partoo.directory.snapshot()!);
    partoo.later(60);
    partoo.stores = [aStore(2, drive(true)), aStore(3, { status: "closed" })];
    partoo.sweep();
    partoo.later(60);
    other.feed.seen(aStore(4));
    await other.restore(partoo.directory.snapshot()!);
    expect(partoo.names(other)).toEqual(expect.arrayContaining(["Acme 2", "Acme 4"]));
    expect(other.size).toBe(2);
    expect(partoo.ask("custom.Drive=true", other).json.count).toBe(1);
    expect(other.wholeAsOf).toBe(partoo.directory.asOf);
  });

  test("who has missed something does not say that it is up to date until it has read the changes itself", async () => {
    const partoo = startPartoo([aStore(1)]);
    partoo.sweep();
    const { directory } = partoo;
    const before = directory.asOf!;
    directory.missed();
    partoo.later(60);
    directory.apply({ asOf: before + 60_000 });
    expect(directory.asOf).toBe(before);
    await partoo.delta();
    expect(directory.asOf).toBe(before + 61_000);
    directory.apply({ asOf: before + 62_000 });
    expect(directory.asOf).toBe(before + 62_000);
  });

  test("neither a clock that is wrong nor what is no time at all makes a directory newer than it is", () => {
    const partoo = startPartoo([aStore(1)]);
    partoo.sweep();
    const before = partoo.directory.asOf;
    for (const asOf of [START + 86_400_000, Number.NaN, Infinity, -1]) partoo.directory.apply({ asOf });
    for (const text of ["", "null", "{}", '{"facts":1}', '{"facts":{},"listed":{}}']) partoo.directory.apply({ text });
    expect([partoo.directory.asOf, partoo.names()]).toEqual([before, ["Acme 1"]]);
  });

  test("changes are looked for from before the last reading was begun, whosever clock is ahead by less than a minute", () => {
    for (const skew of [-50, 0, 50]) {
      const partoo = startPartoo([aStore(1, { modified: START / 1000 + skew - 0.5 })]);
      partoo.sweep();
      // Changed at Partoo just as the reading was begun, by a clock that differs.
      expect(partoo.directory.changedSince).toBeLessThanOrEqual(START / 1000 + skew);
    }
  });
});
