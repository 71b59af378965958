import { expect, test } from "vitest";
import { createPacer, pace } from "../../src/quota/pace.ts";

const MISS = { gapMs: 5000, maxWaitMs: 2000, pausedUntilMs: 0 };

test("the first call comes a gap after the start, then one each gap", () => {
  const pacer = createPacer(100_000);
  const at = (now: number): number | string => {
    const { verdict, atMs } = pace(pacer, MISS, now);
    return verdict === "booked" ? atMs : verdict;
  };
  expect([100_000, 102_999, 103_000, 103_001, 109_000, 120_000, 120_000].map(at)).toEqual([
    "budget",
    "budget",
    105_000,
    "budget",
    110_000,
    120_000,
    "budget",
  ]);
});

test("no burst is saved up while nothing is asked", () => {
  const pacer = createPacer(0);
  expect(pace(pacer, MISS, 1_000_000).verdict).toBe("booked");
  expect(pace(pacer, MISS, 1_000_001)).toMatchObject({ verdict: "budget", atMs: 1_005_000 });
});

test("a cancelled call gives its time back, unless somebody waits behind it", () => {
  const quick = { ...MISS, gapMs: 1000 };
  const pacer = createPacer(0);
  const first = pace(pacer, quick, 10_000);
  const second = pace(pacer, quick, 10_000);
  const third = pace(pacer, quick, 10_000);
  expect([first.atMs, second.atMs, third.atMs]).toEqual([10_000, 11_000, 12_000]);
  second.cancel();
  expect(pace(pacer, quick, 10_000).verdict).toBe("budget");
  third.cancel();
  expect(pace(pacer, quick, 10_000)).toMatchObject({ verdict: "booked", atMs: 12_000 });
});

test("a frontend has a longer gap of its own", () => {
  const pacer = createPacer(0);
  const capped = { ...MISS, gapMs: 1000, maxWaitMs: 0, cap: { frontend: "a", gapMs: 10_000 } };
  expect(pace(pacer, capped, 9999).verdict).toBe("share");
  expect(pace(pacer, capped, 10_000).verdict).toBe("booked");
  expect(pace(pacer, capped, 19_999)).toMatchObject({ verdict: "share", atMs: 20_000 });
  expect(pace(pacer, { ...MISS, gapMs: 1000 }, 19_999).verdict).toBe("booked");
});

test("who has no part at all never goes", () => {
  expect(pace(createPacer(0), { ...MISS, gapMs: Number.POSITIVE_INFINITY }, 1e12).verdict).toBe("budget");
});

test("a pause holds", () => {
  expect(pace(createPacer(0), { ...MISS, pausedUntilMs: 13_000 }, 10_000)).toMatchObject({ verdict: "pause", atMs: 13_000 });
  expect(pace(createPacer(0), { ...MISS, pausedUntilMs: 12_000 }, 10_000)).toMatchObject({ verdict: "booked", atMs: 12_000 });
});
