/** A reply is made once for each second that an entry has left, and says what one made anew would say. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ttlSeconds } from "../../src/cache/entry.ts";
import { createHits } from "../../src/cache/hits.ts";
import { createPurgeLog } from "../../src/cache/purge-log.ts";
import { KEY, sample } from "./sample.ts";

const STORED = 1_790_000_000_000;
const purges = createPurgeLog({ retentionSeconds: () => 600 });
const fresh = () => sample({ storedAt: STORED, startedAt: purges.currentPoint() });

test("it is the same object while it is true", () => {
  const [hits, entry, point] = [createHits(), fresh(), purges.currentPoint()];
  const reply = hits.make({ key: KEY, entry }, { now: STORED + 1500, point });
  expect(reply).toEqual({ entry, storedAs: KEY, cacheStatus: "partoo-bff; hit; ttl=598", outcome: "hit" });
  expect(hits.find(entry, { now: STORED + 1001, point })).toBe(reply);
  expect(hits.find(entry, { now: STORED + 2000, point })).toBe(reply);
  expect(hits.find(entry, { now: STORED + 2001, point })).toBeUndefined();
  expect(hits.find(entry, { now: STORED + 1000, point })).toBeUndefined();
});

test("at any two moments it says what is left", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 599_999 }), fc.integer({ min: -1500, max: 1500 }), (age, later) => {
      const [hits, entry, point] = [createHits(), fresh(), purges.currentPoint()];
      hits.make({ key: KEY, entry }, { now: STORED + age, point });
      const now = STORED + age + later;
      const found = hits.find(entry, { now, point });
      const told = now >= entry.freshUntil ? undefined : `partoo-bff; hit; ttl=${ttlSeconds(entry, now)}`;
      expect([undefined, told]).toContain(found?.cacheStatus);
    }),
  );
});

test("it is none of another entry, and none after a purge", async () => {
  const [hits, entry, point] = [createHits(), fresh(), purges.currentPoint()];
  hits.make({ key: KEY, entry }, { now: STORED, point });
  expect([hits.find(fresh(), { now: STORED, point }), hits.find(undefined, { now: STORED, point })]).toEqual([undefined, undefined]);
  await purges.purge({ tags: entry.tags, hard: true });
  expect(hits.find(entry, { now: STORED, point: purges.currentPoint() })).toBeUndefined();
});
