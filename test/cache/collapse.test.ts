import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { until } from "../support/cli.ts";
import { from } from "../support/gateway.ts";
import { ORIGIN } from "../support/proxy.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { chaosProxy, redisForTest } from "./rig.ts";
import { callMany, holdAnswers } from "./callers.ts";
import { gatewayFor, life, pageOf, SEARCH, startPartoo } from "./partoo.ts";

const ONE_MISS = { "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 100000/min, misses: 1/h }\n` };

describe("a thousand identical misses at once", () => {
  test("that all hang up take the call along, and the next one is served", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const { promise: takenBack, resolve } = Promise.withResolvers<void>();
    partoo.fails((_request, socket) => (socket.once("close", () => resolve()), undefined));
    const callers = await callMany(gateway, 1000);
    for (const caller of callers) caller.leave();
    await takenBack;
    partoo.works();
    expect((await gateway.get(SEARCH)).status).toBe(200);
    expect(partoo.calls()).toHaveLength(2);
  });

  test("share a failure, which is one call too, and nothing is left of it", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    partoo.fails((_request, socket) => (void allowed.then(() => socket.write(storableJson({}, { status: 500 }))), undefined));
    const callers = await callMany(gateway, 1000);
    allow();
    const answers = await Promise.all(callers.map(({ answer }) => answer));
    expect(new Set(answers.map((answer) => answer.slice(0, 12)))).toEqual(new Set(["HTTP/1.1 502"]));
    expect(partoo.calls()).toHaveLength(1);
    partoo.works();
    expect((await gateway.get(SEARCH)).status).toBe(200);
  });
});

describe("who pays for a call", () => {
  test("is the caller who needs it: those who join it keep their miss", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo, { frontends: ONE_MISS });
    const allow = holdAnswers(partoo);
    const paid = gateway.get(SEARCH, from("203.0.113.1"));
    await until(() => partoo.calls().length === 1);
    const joined = gateway.get(SEARCH, from("203.0.113.2"));
    await sleep(50);
    allow();
    expect([(await paid).status, (await joined).status]).toEqual([200, 200]);
    expect((await joined).headers.get("cache-status")).toBe("partoo-bff; fwd=miss; stored; collapsed");
    partoo.works();
    expect((await gateway.get(pageOf(99), from("203.0.113.2"))).status).toBe(404);
    expect((await gateway.get(pageOf(98), from("203.0.113.1"))).status).toBe(429);
  });

  test("is not one who can't: refused, while the next one's flight goes on", async () => {
    const partoo = await startPartoo();
    const chaos = await chaosProxy(await redisForTest());
    const gateway = await gatewayFor(partoo, { frontends: ONE_MISS, redisUrl: chaos.url });
    await until(() => gateway.log.some(({ redis }) => redis === "ready"));
    expect((await gateway.get(pageOf(1), from("203.0.113.1"))).status).toBe(200);
    partoo.requests.length = 0;
    // Whether Redis has it takes long enough for both to wait for the same flight.
    chaos.delayMs = 100;
    const poor = gateway.get(SEARCH, from("203.0.113.1"));
    await sleep(20);
    const others = ["203.0.113.2", "203.0.113.3"].map((address) => gateway.get(SEARCH, from(address)));
    expect((await poor).status).toBe(429);
    expect((await Promise.all(others)).map((answer) => life(answer)["status"])).toEqual([200, 200]);
    chaos.delayMs = 0;
    expect(partoo.calls()).toHaveLength(1);
    expect((await gateway.get(pageOf(99), from("203.0.113.3"))).status).toBe(404);
    expect((await gateway.get(pageOf(98), from("203.0.113.2"))).status).toBe(429);
  });

  test("is nobody when what is asked for is stored", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo, { frontends: ONE_MISS });
    expect((await gateway.get(SEARCH, from("203.0.113.1"))).status).toBe(200);
    for (let nth = 0; nth < 10; nth += 1) expect((await gateway.get(SEARCH, from("203.0.113.1"))).status).toBe(200);
    expect((await gateway.get(pageOf(99), from("203.0.113.1"))).status).toBe(429);
  });
});
