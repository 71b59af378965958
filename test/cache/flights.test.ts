import { describe, expect, test } from "vitest";
import type { FlightPlan, Waiter } from "../../src/cache/flights.ts";
import { createFlights } from "../../src/cache/flights.ts";

const POINT = { generation: "g", id: "0", tick: 0 } as const;
const neverPays = (): Promise<void> => Promise.reject(new Error("asked to pay"));
const none = (): Promise<undefined> => Promise.resolve(undefined);

function planOf(call: FlightPlan<string>["call"], different: Partial<FlightPlan<string>> = {}): FlightPlan<string> {
  return { look: none, call, isOutdated: () => false, startedAt: POINT, ...different };
}

function waiter(different: Partial<Waiter> = {}): Waiter {
  return { admit: none, signal: new AbortController().signal, ...different };
}

test("what is found without a call is paid for by nobody", async () => {
  const flights = createFlights<string>();
  const plan = planOf(() => Promise.reject(new Error("called")), { look: () => Promise.resolve("found") });
  expect(await flights.join("a", plan, waiter({ admit: neverPays }))).toEqual({ value: "found", collapsed: false });
});

test("each waiter who can't pay gets a refusal of its own, and the call is made for the first who can", async () => {
  const flights = createFlights<string>();
  const admissions: string[] = [];
  const who = (name: string, pays: boolean): Waiter =>
    waiter({
      admit: () => {
        admissions.push(name);
        return pays ? Promise.resolve() : Promise.reject(new Error(`${name} refused`));
      },
    });
  const plan = planOf(() => Promise.resolve("called"));
  const waiting = [who("a", false), who("b", false), who("c", true), who("d", true)].map((one) => flights.join("k", plan, one));
  expect(await Promise.allSettled(waiting)).toMatchObject([
    { reason: new Error("a refused") },
    { reason: new Error("b refused") },
    { value: { value: "called", collapsed: true } },
    { value: { value: "called", collapsed: true } },
  ]);
  expect(admissions).toEqual(["a", "b", "c"]);
});

test("when nobody can pay there is no call, and the next one begins anew", async () => {
  const flights = createFlights<string>();
  let calls = 0;
  const plan = planOf(() => Promise.resolve(String((calls += 1))));
  const poor = waiter({ admit: () => Promise.reject(new Error("refused")) });
  const refused = await Promise.allSettled([flights.join("k", plan, poor), flights.join("k", plan, poor)]);
  expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(calls).toBe(0);
  expect(await flights.join("k", plan, waiter())).toEqual({ value: "1", collapsed: false });
});

test("a waiter who leaves while it is asked to pay leaves the bill to the next", async () => {
  const flights = createFlights<string>();
  const leaving = new AbortController();
  const admitted: string[] = [];
  const plan = planOf(() => Promise.resolve("called"));
  const first = flights.join(
    "k",
    plan,
    waiter({
      signal: leaving.signal,
      admit: () => new Promise((_resolve, reject) => void setTimeout(() => reject(new Error("too late")), 20)),
    }),
  );
  const second = flights.join("k", plan, waiter({ admit: () => Promise.resolve(void admitted.push("second")) }));
  leaving.abort(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  expect((await second).value).toBe("called");
  expect(admitted).toEqual(["second"]);
});

test("a waiter who has gone before it came is told its own reason, and no call is made", async () => {
  const flights = createFlights<string>();
  let calls = 0;
  const gone = AbortSignal.abort(new Error("gone before"));
  const plan = planOf(() => Promise.resolve(String((calls += 1))));
  await expect(flights.join("k", plan, waiter({ signal: gone }))).rejects.toThrow("gone before");
  expect(calls).toBe(0);
  expect((await flights.join("k", plan, waiter())).value).toBe("1");
});

test("the call is aborted when its last waiter leaves, not before", async () => {
  const flights = createFlights<string>();
  const { promise: called, resolve: isCalled } = Promise.withResolvers<AbortSignal>();
  const plan = planOf((signal) => {
    isCalled(signal);
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const waiting = [one, other].map(({ signal }) => flights.join("k", plan, waiter({ signal })));
  const signal = await called;
  one.abort(new Error("one"));
  await expect(waiting[0]).rejects.toThrow("one");
  expect(signal.aborted).toBe(false);
  other.abort(new Error("other"));
  await expect(waiting[1]).rejects.toThrow("other");
  expect(signal.reason).toEqual(new Error("other"));
});

describe("a flight behind a stale response", () => {
  test("lands although nobody waits for it, and who comes meanwhile joins it and pays nothing", async () => {
    const flights = createFlights<string>();
    const { promise, resolve } = Promise.withResolvers<string>();
    const plan = planOf(() => promise);
    const refreshing = flights.launch("k", plan);
    const leaving = new AbortController();
    const [gone, stays] = [
      flights.join("k", plan, waiter({ signal: leaving.signal })),
      flights.join("k", plan, waiter({ admit: neverPays })),
    ];
    leaving.abort(new Error("gone"));
    await expect(gone).rejects.toThrow("gone");
    resolve("fresh");
    expect([await refreshing, await stays]).toEqual(["fresh", { value: "fresh", collapsed: true }]);
  });

  test("goes on when it joined one whose waiters leave", async () => {
    const flights = createFlights<string>();
    const { promise, resolve } = Promise.withResolvers<string>();
    let aborted = false;
    const plan = planOf((signal) => (signal.addEventListener("abort", () => (aborted = true)), promise));
    const leaving = new AbortController();
    const first = flights.join("k", plan, waiter({ signal: leaving.signal }));
    const refreshing = flights.launch("k", plan);
    leaving.abort(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    resolve("fresh");
    expect([await refreshing, aborted]).toEqual(["fresh", false]);
  });

  test("makes its call although the waiter whose flight it joined can't pay", async () => {
    const flights = createFlights<string>();
    const plan = planOf(() => Promise.resolve("fresh"));
    const { promise: admitted, reject: refuse } = Promise.withResolvers<void>();
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    const poor = flights.join("k", plan, waiter({ admit: () => (isAsked(), admitted) }));
    await asked;
    const refreshing = flights.launch("k", plan);
    refuse(new Error("refused"));
    await expect(poor).rejects.toThrow("refused");
    expect(await refreshing).toBe("fresh");
  });
});

test("a request that must see a change does not join a flight that began before it", async () => {
  const flights = createFlights<string>();
  const { promise: old, resolve } = Promise.withResolvers<string>();
  const before = flights.join(
    "k",
    planOf(() => old),
    waiter(),
  );
  const after = flights.join(
    "k",
    planOf(() => Promise.resolve("new"), { isOutdated: () => true }),
    waiter(),
  );
  expect(await after).toEqual({ value: "new", collapsed: false });
  resolve("old");
  expect(await before).toEqual({ value: "old", collapsed: false });
});
