import { describe, expect, test } from "vitest";
import { budgetOf, capsOf, gapOf, lineOf } from "../../src/quota/budget.ts";

function cut(quotaPerMinute: number, reservePerMinute: number, instances: number) {
  return budgetOf({ name: "acme", quotaPerMinute, reservePerMinute, instances });
}

describe("the budget", () => {
  test("a tenth of quota less reserve is set aside and shared out", () => {
    expect(cut(300, 60, 1)).toEqual({ whole: 240, shared: 216, own: 24, alone: 240 });
    expect(cut(300, 60, 2)).toEqual({ whole: 240, shared: 216, own: 12, alone: 120 });
    expect(cut(300, 60, 5)).toEqual({ whole: 240, shared: 220, own: 4, alone: 48 });
  });

  test("a small one leaves every process one call where half is left to the shared log, else none", () => {
    expect(cut(10, 0, 3)).toEqual({ whole: 10, shared: 7, own: 1, alone: 3 });
    expect(cut(6, 0, 3)).toEqual({ whole: 6, shared: 3, own: 1, alone: 2 });
    expect(cut(5, 0, 3)).toEqual({ whole: 5, shared: 5, own: 0, alone: 1 });
    expect(cut(1, 0, 3)).toEqual({ whole: 1, shared: 1, own: 0, alone: 0 });
    expect(cut(10, 10, 1)).toEqual({ whole: 0, shared: 0, own: 0, alone: 0 });
  });

  test("its parts never add up to more than the whole", () => {
    for (let whole = 0; whole <= 400; whole += 1) {
      for (let instances = 1; instances <= 12; instances += 1) {
        const { shared, own, alone } = cut(whole, 0, instances);
        expect(shared + own * instances).toBe(whole);
        expect(alone * instances).toBeLessThanOrEqual(whole);
        expect(shared).toBeGreaterThanOrEqual(Math.min(1, whole));
      }
    }
  });
});

test("lines: miss 100 %, refresh 90 %, sweep 60 %, operator what the sweep leaves; one call at least", () => {
  expect((["miss", "refresh", "sweep", "operator"] as const).map((priority) => lineOf(priority, 216))).toEqual([216, 194, 129, 86]);
  expect((["census", "yielding"] as const).map((priority) => lineOf(priority, 216))).toEqual([216, 86]);
  expect((["miss", "refresh", "sweep", "operator"] as const).map((priority) => lineOf(priority, 1))).toEqual([1, 1, 1, 1]);
  expect(lineOf("miss", 0)).toBe(0);
});

test("a lower priority needs a longer gap", () => {
  expect((["miss", "refresh", "sweep", "operator"] as const).map((priority) => gapOf(priority, 3600))).toEqual([3600, 4000, 6000, 9000]);
});

describe("a frontend's caps", () => {
  test("a share is cut like the budget", () => {
    expect(capsOf(0.5, cut(300, 60, 2), 2)).toEqual({ shared: 108, own: 6, alone: 60 });
    expect(capsOf(0.29, cut(100, 0, 1), 1)).toEqual({ shared: 26, own: 2, alone: 28 });
    expect(capsOf(undefined, cut(300, 60, 2), 2)).toBeUndefined();
    expect(capsOf(1, cut(300, 60, 2), 2)).toBeUndefined();
    expect(capsOf(0, cut(300, 60, 2), 2)).toEqual({ shared: 0, own: 0, alone: 0 });
  });

  test("a share below one call is one call", () => {
    expect(capsOf(0.01, cut(50, 0, 2), 2)).toEqual({ shared: 1, own: 0, alone: 1 });
  });

  test("they never add up to more than the share, and never shut a frontend out of the shared log", () => {
    for (let whole = 1; whole <= 300; whole += 7) {
      for (let instances = 1; instances <= 8; instances += 1) {
        for (let percent = 1; percent < 100; percent += 3) {
          const caps = capsOf(percent / 100, cut(whole, 0, instances), instances)!;
          expect(caps.shared + caps.own * instances).toBeLessThanOrEqual(Math.max(1, (whole * percent) / 100));
          expect(caps.shared).toBeGreaterThanOrEqual(1);
        }
      }
    }
  });
});
