import { describe, expect, test } from "vitest";
import { ageSeconds, isFresh, isUsable, ownBytes, ttlSeconds } from "../../src/cache/entry.ts";
import { sample } from "./sample.ts";

/** Fresh for 60 s, usable for 100 s. */
const entry = sample({ storedAt: 1_000_000, freshSeconds: 60, staleSeconds: 40 });
const at = (seconds: number): number => 1_000_000 + seconds * 1000;

describe("an entry's life", () => {
  test("both ends are fixed at birth", () => {
    expect(entry).toMatchObject({ freshUntil: 1_060_000, staleUntil: 1_100_000 });
  });

  test.each([
    { seconds: 0, age: 0, ttl: 60, fresh: true, usable: true },
    { seconds: 0.9, age: 0, ttl: 59, fresh: true, usable: true },
    { seconds: 59.999, age: 59, ttl: 0, fresh: true, usable: true },
    { seconds: 60, age: 60, ttl: 0, fresh: false, usable: true },
    { seconds: 60.001, age: 60, ttl: -1, fresh: false, usable: true },
    { seconds: 99.999, age: 99, ttl: -40, fresh: false, usable: true },
    { seconds: 100, age: 100, ttl: -40, fresh: false, usable: false },
    { seconds: -5, age: 0, ttl: 65, fresh: true, usable: true },
  ])("after $seconds s: Age $age, ttl $ttl, fresh $fresh, usable $usable", ({ seconds, age, ttl, fresh, usable }) => {
    expect(ageSeconds(entry, at(seconds))).toBe(age);
    expect(ttlSeconds(entry, at(seconds))).toBe(ttl);
    expect(isFresh(entry, at(seconds))).toBe(fresh);
    expect(isUsable(entry, at(seconds))).toBe(usable);
  });

  test("with stale: 0 it ends with its freshness", () => {
    const short = sample({ storedAt: 1_000_000, freshSeconds: 60, staleSeconds: 0 });
    expect([isUsable(short, at(59.999)), isUsable(short, at(60))]).toEqual([true, false]);
  });
});

describe("bytes", () => {
  test("a small slice is copied out of its neighbourhood", () => {
    const chunk = Buffer.alloc(65_536, "x");
    const own = ownBytes(chunk.subarray(100, 1124));
    expect(own.equals(Buffer.alloc(1024, "x"))).toBe(true);
    expect(own.buffer.byteLength).toBe(1024);
  });

  test("a slice that is most of its memory is left where it is", () => {
    const chunk = Buffer.alloc(65_536);
    expect(ownBytes(chunk.subarray(0, 40_000)).buffer).toBe(chunk.buffer);
  });

  test("a stored body does not keep Node's pool alive", () => {
    expect(sample({ body: Buffer.from("short") }).body.buffer.byteLength).toBe(5);
  });
});
