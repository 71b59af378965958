/** The governor without Redis, in made-up time. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../src/problem.ts";
import { organizations, outcome, outcomes, startGovernor } from "./support.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] }));
afterEach(() => void vi.useRealTimers());

function start(calls: number, instances = 1) {
  return startGovernor(undefined, { organizations: () => organizations(calls, instances) }).governor;
}

describe("without Redis", () => {
  test("a cold start serves at once, and no more than L in 63 seconds", async () => {
    const governor = start(10);
    expect(await outcomes(governor, 12)).toEqual({ admitted: 10, budget: 2 });
    await vi.advanceTimersByTimeAsync(60_999);
    expect(await outcome(governor)).toBe("budget");
    await vi.advanceTimersByTimeAsync(2001);
    expect(await outcomes(governor, 12)).toEqual({ admitted: 10, budget: 2 });
  });

  test("each of three processes has a third, rounded down", async () => {
    expect(await outcomes(start(10, 3), 12)).toEqual({ admitted: 3, budget: 9 });
  });

  test("less than one call for each process is none, and says so", async () => {
    const governor = start(1, 3);
    expect(await outcome(governor)).toBe("budget");
    expect(governor.state()).toMatchObject([{ mode: "local", budget: 1, available: 0, refused: 1 }]);
  });

  test("a refusal is quota-exhausted, 503, with the seconds until a call could go", async () => {
    const governor = start(2);
    await outcomes(governor, 2);
    await vi.advanceTimersByTimeAsync(20_500);
    const refusal = await governor.admit({ organization: "acme", priority: "miss" }).catch((fault: unknown) => fault);
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal).toMatchObject({ code: "quota-exhausted", status: 503, headers: { "retry-after": "43" } });
  });

  test("priorities: a sweep takes 60 %, refreshes up to 90 %, visitors the rest, an operator what the sweep leaves", async () => {
    const governor = start(100);
    expect(await outcomes(governor, 50, { priority: "operator" })).toEqual({ admitted: 40, budget: 10 });
    const leaving = new AbortController();
    const sweeps = Array.from({ length: 30 }, () =>
      governor.admit({ organization: "acme", priority: "sweep", signal: leaving.signal }).then(
        () => "admitted",
        () => "left",
      ),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(await outcomes(governor, 50, { priority: "refresh" })).toEqual({ admitted: 30, budget: 20 });
    expect(await outcomes(governor, 50)).toEqual({ admitted: 10, budget: 40 });
    leaving.abort();
    expect((await Promise.all(sweeps)).filter((sweep) => sweep === "admitted")).toHaveLength(20);
  });

  test("a visitor waits at most 2 s; who came first goes first", async () => {
    const governor = start(2);
    await governor.admit({ organization: "acme", priority: "miss" });
    await vi.advanceTimersByTimeAsync(300);
    await governor.admit({ organization: "acme", priority: "miss" });
    await vi.advanceTimersByTimeAsync(61_200);
    const order: string[] = [];
    const ask = (name: string): Promise<void> =>
      outcome(governor).then((found) => void order.push(`${name} ${found} ${Math.round(performance.now() - startedAt)}`));
    const startedAt = performance.now();
    const asked = ["first", "second", "third"].map(ask);
    await vi.advanceTimersByTimeAsync(400);
    expect(order).toEqual(["third budget 0"]);
    asked.push(ask("fourth"));
    await vi.advanceTimersByTimeAsync(2600);
    await Promise.all(asked);
    expect(order).toEqual(["third budget 0", "fourth budget 400", "first admitted 1500", "second admitted 1800"]);
    expect(governor.state()).toMatchObject([{ admitted: 4, waited: 2, refused: 2 }]);
  });

  test("a refresh does not wait", async () => {
    const governor = start(1);
    await outcome(governor);
    await vi.advanceTimersByTimeAsync(62_900);
    expect(await outcome(governor, { priority: "refresh" })).toBe("budget");
    await vi.advanceTimersByTimeAsync(100);
    expect(await outcome(governor, { priority: "refresh" })).toBe("admitted");
  });

  test("a sweep waits as long as it takes, and goes when its signal says so", async () => {
    const governor = start(1);
    await outcome(governor);
    const leaving = new AbortController();
    let done = "";
    void governor.admit({ organization: "acme", priority: "sweep", signal: leaving.signal }).then(
      () => (done = "admitted"),
      (reason: unknown) => (done = String(reason)),
    );
    await vi.advanceTimersByTimeAsync(62_000);
    expect(done).toBe("");
    await vi.advanceTimersByTimeAsync(1100);
    expect(done).toBe("admitted");
    void governor
      .admit({ organization: "acme", priority: "sweep", signal: leaving.signal })
      .catch((reason: unknown) => (done = String(reason)));
    await vi.advanceTimersByTimeAsync(1000);
    leaving.abort("enough");
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toBe("enough");
  });

  test("a visitor who leaves gives the booking back, and the next one moves up", async () => {
    const governor = start(1);
    await outcome(governor);
    await vi.advanceTimersByTimeAsync(61_500);
    const leaving = new AbortController();
    const left = governor.admit({ organization: "acme", priority: "miss", signal: leaving.signal });
    leaving.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    const next = outcome(governor);
    await vi.advanceTimersByTimeAsync(1500);
    expect(await next).toBe("admitted");
    await expect(governor.admit({ organization: "acme", priority: "miss", signal: leaving.signal })).rejects.toThrow("gone");
  });

  test("a share is a cap", async () => {
    const governor = start(10);
    expect(await outcomes(governor, 8, { frontend: "app", share: 0.3 })).toEqual({ admitted: 3, share: 5 });
    expect(await outcomes(governor, 8, { frontend: "site", share: 1 })).toEqual({ admitted: 7, budget: 1 });
    expect(governor.state()[0]?.frontends).toEqual(
      new Map([
        ["app", { used: 3, admitted: 3, refused: 5 }],
        ["site", { used: 7, admitted: 7, refused: 1 }],
      ]),
    );
  });

  test("a real 429 pauses, for at least 1 s and at most 5 min", async () => {
    const governor = start(10);
    await governor.pause("acme", 30);
    expect(await outcome(governor)).toBe("pause");
    expect(governor.state()[0]?.pausedSeconds).toBe(30);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await outcome(governor)).toBe("admitted");
    await governor.pause("acme", 31_536_000);
    expect(governor.state()[0]?.pausedSeconds).toBe(300);
    const other = start(10);
    await other.pause("acme", 0);
    expect(other.state()[0]?.pausedSeconds).toBe(1);
    const waiting = outcome(other);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await waiting).toBe("admitted");
  });

  test("a pause also holds who was already waiting", async () => {
    const governor = start(1);
    await outcome(governor);
    await vi.advanceTimersByTimeAsync(61_500);
    const waiting = outcome(governor);
    await governor.pause("acme", 60);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await waiting).toBe("pause");
  });

  test("a process that was held up books anew instead of going late", async () => {
    let stalledMs = 0;
    const { governor } = startGovernor(undefined, { organizations: () => organizations(1), now: () => performance.now() + stalledMs });
    await outcome(governor);
    await vi.advanceTimersByTimeAsync(61_500);
    const waiting = outcome(governor);
    await vi.advanceTimersByTimeAsync(0);
    stalledMs = 2001;
    await vi.advanceTimersByTimeAsync(1500);
    expect(await waiting).toBe("admitted");
    // It went at 65,001, not at 63,000 where it was booked: the next goes a window after that.
    const second = outcome(governor, { priority: "refresh" });
    expect(await second).toBe("budget");
    await vi.advanceTimersByTimeAsync(62_999);
    expect(await outcome(governor, { priority: "refresh" })).toBe("budget");
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome(governor, { priority: "refresh" })).toBe("admitted");
  });

  test("closing ends every wait with draining", async () => {
    const governor = start(1);
    await outcome(governor);
    await vi.advanceTimersByTimeAsync(61_500);
    const waits = [governor.admit({ organization: "acme", priority: "miss" }), governor.admit({ organization: "acme", priority: "sweep" })];
    const ended = Promise.allSettled(waits);
    await vi.advanceTimersByTimeAsync(1);
    await governor.close();
    for (const wait of await ended) expect(wait).toMatchObject({ status: "rejected", reason: { code: "draining" } });
    await expect(governor.admit({ organization: "acme", priority: "miss" })).rejects.toMatchObject({ code: "draining" });
  });
});
