import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { until } from "../support/cli.ts";
import { from } from "../support/gateway.ts";
import { ORIGIN } from "../support/proxy.ts";
import { request } from "../support/raw-client.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { chaosProxy, redisForTest } from "./rig.ts";
import { gatewayFor, life, pageOf, SEARCH, startPartoo, store } from "./partoo.ts";
import type { Partoo } from "./partoo.ts";

const ONE_MISS = { "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 100000/min, misses: 1/h }\n` };

/** Partoo thinks until it is let. */
function holdAnswers(partoo: Partoo): () => void {
  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
  partoo.fails((_request, socket) => (void allowed.then(() => socket.write(storableJson(EVERYTHING))), undefined));
  return allow;
}

const EVERYTHING = { page: 1, max_page: 1, count: 3, businesses: [store(1), store(2), store(3)] };

interface Caller {
  leave(): void;
  /** The whole answer. */
  readonly answer: Promise<string>;
}

/** A connection of its own on which a request has been sent. */
async function call({ port }: TestGateway, target: string): Promise<Caller> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(request(target, { fields: ["Connection: close", "Accept-Encoding: identity"] }));
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString()));
  return { leave: () => socket.resetAndDestroy(), answer: once(socket, "close").then(() => text) };
}

async function callMany(gateway: TestGateway, count: number): Promise<readonly Caller[]> {
  const callers = await Promise.all(Array.from({ length: count }, () => call(gateway, SEARCH)));
  await sleep(300);
  return callers;
}

const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);
const fieldOf = (answer: string, name: string): string | undefined => new RegExp(`\r\n${name}: (.*)\r\n`, "i").exec(answer)?.[1];

describe("a thousand identical misses at once", () => {
  test("make one call, and all get the same bytes, each with a request id of its own", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const allow = holdAnswers(partoo);
    const callers = await callMany(gateway, 1000);
    allow();
    const answers = await Promise.all(callers.map(({ answer }) => answer));
    expect(partoo.calls()).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.slice(0, 15)))).toEqual(new Set(["HTTP/1.1 200 OK"]));
    expect(new Set(answers.map((answer) => createHash("sha256").update(bodyOf(answer)).digest("hex"))).size).toBe(1);
    expect(new Set(answers.map((answer) => fieldOf(answer, "x-request-id"))).size).toBe(1000);
    const statuses = answers.map((answer) => fieldOf(answer, "cache-status"));
    expect(statuses.filter((status) => status === "partoo-bff; fwd=miss; stored")).toHaveLength(1);
    expect(statuses.filter((status) => status === "partoo-bff; fwd=miss; stored; collapsed")).toHaveLength(999);
  });

  test("of which five hundred hang up, the first among them, make one call and answer the others", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    const allow = holdAnswers(partoo);
    const callers = await callMany(gateway, 1000);
    for (const [nth, caller] of callers.entries()) if (nth % 2 === 0) caller.leave();
    await until(() => gateway.log.filter(({ status }) => status === 499).length === 500);
    allow();
    const stayed = await Promise.all(callers.filter((_caller, nth) => nth % 2 === 1).map(({ answer }) => answer));
    expect(new Set(stayed.map(bodyOf)).size).toBe(1);
    expect(JSON.parse(bodyOf(stayed[0] ?? ""))).toMatchObject({ count: 3, businesses: [{ name: "Acme 1" }, {}, {}] });
    expect(partoo.calls()).toHaveLength(1);
  });

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
