import { describe, expect, test } from "vitest";
import type { Question, Reply, WindowLog, WindowRules } from "../../src/quota/window.ts";
import { book, cancel, createWindowLog, soundLog } from "../../src/quota/window.ts";

/** Windows of 1,000 ms; a visitor waits at most 100 ms. */
const RULES: WindowRules = { windowMs: 1000, youthMs: 0, horizonMs: 100, clockStepMs: 100 };
const MISS: Question = { take: true, line: 3, maxWaitMs: 100, pauseMs: 0 };
const AT_ONCE: Question = { ...MISS, maxWaitMs: 0 };

function bookAll(log: WindowLog, times: readonly number[], question: Question = MISS): readonly (number | string)[] {
  return times.map((time) => outcome(book(log, question, time, RULES)));
}

/** The booked time, or why there is none. */
function outcome({ verdict, atMs }: Reply): number | string {
  return verdict === "booked" ? atMs : verdict;
}

describe("a window of three", () => {
  test("books three at once, the fourth when the first no longer counts", () => {
    const log = createWindowLog(0);
    expect(bookAll(log, [5000, 5010, 5020, 5950, 5950])).toEqual([5000, 5010, 5020, 6000, 6010]);
  });

  test("refuses who would wait too long, and says until when", () => {
    const log = createWindowLog(0);
    bookAll(log, [5000, 5010, 5020]);
    expect(book(log, MISS, 5899, RULES)).toMatchObject({ verdict: "budget", nowMs: 5899, atMs: 6000, used: 3 });
    expect(book(log, MISS, 5900, RULES)).toMatchObject({ verdict: "booked", atMs: 6000, used: 4 });
  });

  test("a call counts until its window is over and not longer", () => {
    const log = createWindowLog(0);
    bookAll(log, [5000, 5010, 5020]);
    expect(outcome(book(log, AT_ONCE, 5999, RULES))).toBe("budget");
    expect(outcome(book(log, AT_ONCE, 6000, RULES))).toBe(6000);
  });

  test("whoever comes later goes later, and refreshes do not pass visitors who wait", () => {
    const log = createWindowLog(0);
    bookAll(log, [5000, 5010, 5020, 5950]);
    cancel(log, 5000);
    cancel(log, 5010);
    expect(outcome(book(log, AT_ONCE, 5960, RULES))).toBe("budget");
    expect(outcome(book(log, MISS, 5960, RULES))).toBe(6000);
  });

  test("a cancelled booking leaves room for one, and what was sent before still counts", () => {
    const log = createWindowLog(0);
    bookAll(log, [5000, 5010, 5020]);
    expect(bookAll(log, [5920, 5930])).toEqual([6000, 6010]);
    cancel(log, 6000);
    cancel(log, 6010);
    expect(bookAll(log, [5940, 5940, 5940])).toEqual([6000, 6010, 6020]);
  });

  test("forgets at most 32 old entries in one call", () => {
    const log = createWindowLog(0);
    for (let nth = 0; nth < 100; nth += 1) book(log, { ...MISS, line: 1000 }, 5000, RULES);
    expect([1, 2, 3, 4].map(() => book(log, { ...MISS, take: false }, 7000, RULES).used)).toEqual([68, 36, 4, 0]);
  });

  test("a line of nothing admits nothing", () => {
    expect(book(createWindowLog(0), { ...MISS, line: 0 }, 5000, RULES)).toMatchObject({ verdict: "budget", atMs: 6000 });
  });
});

describe("lines", () => {
  test("a lower line leaves the rest to visitors", () => {
    const log = createWindowLog(0);
    const sweep = { ...AT_ONCE, line: 6 };
    const refresh = { ...AT_ONCE, line: 9 };
    const miss = { ...MISS, line: 10 };
    expect(bookAll(log, Array(7).fill(5000), sweep)).toEqual([5000, 5000, 5000, 5000, 5000, 5000, "budget"]);
    expect(bookAll(log, Array(4).fill(5000), refresh)).toEqual([5000, 5000, 5000, "budget"]);
    expect(bookAll(log, Array(2).fill(5000), miss)).toEqual([5000, "budget"]);
  });
});

const capped = (frontend: string, count: number): Question => ({ ...MISS, line: 10, cap: { frontend, count } });

describe("a frontend's cap", () => {
  test("counts its own calls in the same window, and no others", () => {
    const log = createWindowLog(0);
    expect(bookAll(log, [5000, 5001, 5002], capped("a", 2))).toEqual([5000, 5001, "share"]);
    expect(bookAll(log, [5003], capped("b", 2))).toEqual([5003]);
    expect(bookAll(log, [5999, 6000, 6000], capped("a", 2))).toEqual(["share", 6000, "share"]);
  });

  test("a frontend at its cap keeps nobody waiting", () => {
    const log = createWindowLog(0);
    bookAll(log, [5000, 5000, 5950, 5950], capped("a", 2));
    expect(bookAll(log, [5951], { ...MISS, line: 10 })).toEqual([5951]);
  });

  test("a cancelled booking gives the frontend its call back", () => {
    const log = createWindowLog(0);
    bookAll(log, [5000, 5001], capped("a", 2));
    cancel(log, 5001, "a");
    expect(bookAll(log, [5002, 5003], capped("a", 2))).toEqual([5002, "share"]);
  });
});

describe("a pause", () => {
  test("holds everybody, and a short one is waited for", () => {
    const log = createWindowLog(0);
    expect(book(log, { ...MISS, take: false, pauseMs: 500 }, 5000, RULES)).toMatchObject({ verdict: "looked", pausedMs: 500 });
    expect(book(log, MISS, 5100, RULES)).toMatchObject({ verdict: "pause", atMs: 5500, pausedMs: 400 });
    expect(book(log, MISS, 5400, RULES)).toMatchObject({ verdict: "booked", atMs: 5500 });
  });

  test("a shorter one does not end a longer one", () => {
    const log = createWindowLog(0);
    book(log, { ...MISS, pauseMs: 900 }, 5000, RULES);
    expect(book(log, { ...MISS, take: false, pauseMs: 100 }, 5100, RULES).pausedMs).toBe(800);
  });
});

describe("a young log", () => {
  const rules = { ...RULES, youthMs: 1100 };

  test("books nothing until it is a window and the longest wait old", () => {
    const log = createWindowLog(5000);
    expect(book(log, MISS, 6099, rules)).toMatchObject({ verdict: "young", youngMs: 1, atMs: 6100, used: 0 });
    expect(book(log, MISS, 6100, rules)).toMatchObject({ verdict: "booked", atMs: 6100, youngMs: 0 });
  });

  /** Partoo's minute, connecting within 2 s; the old Redis dies and an empty one is there at once. */
  test("60 seconds of youth would let twice the limit through, 65 do not", () => {
    const minute: WindowRules = { windowMs: 63_000, youthMs: 60_000, horizonMs: 2000, clockStepMs: 6300 };
    const question = { ...MISS, line: 3, maxWaitMs: 2000 };
    const died = 1_000_000;
    const old = createWindowLog(0);
    const first = [-61_000, -61_000, -61_000, 0, 0, 0].map((offset) => book(old, question, died + offset, minute).atMs);
    // Booked by the old log: they go 2 s after its end, and are at Partoo up to 2 s later.
    expect(first.slice(3)).toEqual([1_002_000, 1_002_000, 1_002_000]);
    const arrived = 1_004_000;
    expect(book(createWindowLog(died), question, died + 60_000, minute).atMs - arrived).toBe(56_000);
    const safe = { ...minute, youthMs: 65_000 };
    expect(book(createWindowLog(died), question, died + 60_000, safe).verdict).toBe("young");
    expect(book(createWindowLog(died), question, died + 65_000, safe).atMs - arrived).toBe(61_000);
  });
});

describe("a log that can't be trusted begins anew", () => {
  test("none is there, or it was born on another server", () => {
    expect(soundLog(undefined, "s1", 5000, RULES)).toMatchObject({ birthMs: 5000, server: "s1", times: [] });
    const log = createWindowLog(1000, "s1");
    book(log, MISS, 5000, RULES);
    expect(soundLog(log, "s1", 5100, RULES)).toBe(log);
    expect(soundLog(log, "s2", 5100, RULES)).toMatchObject({ birthMs: 5100, server: "s2", times: [] });
  });

  test("the clock was set back by more than a step", () => {
    const log = createWindowLog(1000, "s1");
    book(log, MISS, 5000, RULES);
    expect(soundLog(log, "s1", 4800, RULES)).toBe(log);
    expect(soundLog(log, "s1", 4799, RULES)).toMatchObject({ birthMs: 4799, times: [] });
    expect(soundLog(createWindowLog(5000, "s1"), "s1", 4899, RULES)).toMatchObject({ birthMs: 4899 });
  });

  test("a pause survives a new server, one that no Retry-After can have set does not", () => {
    const log = createWindowLog(1000, "s1");
    log.pausedUntilMs = 9000;
    expect(soundLog(log, "s2", 5000, RULES).pausedUntilMs).toBe(9000);
    log.pausedUntilMs = 305_001;
    expect(soundLog(log, "s1", 5000, RULES).pausedUntilMs).toBe(0);
  });
});
