import { once } from "node:events";
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import { createFaultPlan, parseFaults } from "../../src/sandbox/faults.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { call, EVERYTHING, rawStores } from "./support.ts";

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ stores: 40, limitPerMinute: 10_000 });
});
afterEach(() => sandbox.fail(null));
afterAll(() => sandbox.close());

/** Chunks of an answer as they came off the wire. */
async function chunksOf(target: string): Promise<readonly Buffer[]> {
  const sent = request(`${sandbox.url}${target}`, { headers: { "x-apikey": EVERYTHING } }).end();
  const [answer] = (await once(sent, "response")) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return chunks;
}

/** Which of a thousand calls a fault of 20 % strikes. */
function strikes(): readonly boolean[] {
  const plan = createFaultPlan(1, "status=503:0.2");
  return Array.from({ length: 1000 }, () => plan.strike("/v2/x") !== undefined);
}

describe("what each fault does", () => {
  test("status=503 answers that, and not in JSON", async () => {
    sandbox.fail("status=503");
    const { status, headers } = await call(sandbox, "/user/me");
    expect([status, headers.get("content-type")]).toEqual([503, "text/html"]);
  });

  test("status=302 points to another host name", async () => {
    sandbox.fail("status=302");
    const { status, headers } = await call(sandbox, "/user/me");
    expect([status, headers.get("location")]).toEqual([302, `http://localhost:${sandbox.port}/v2/business/search`]);
  });

  test("hang takes the call and never answers", async () => {
    sandbox.fail("hang");
    await expect(call(sandbox, "/user/me", EVERYTHING, { signal: AbortSignal.timeout(200) })).rejects.toThrow("timeout");
  });

  test("reset breaks the connection", async () => {
    sandbox.fail("reset");
    await expect(call(sandbox, "/user/me")).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
  });

  test("truncate sends less than announced", async () => {
    sandbox.fail("truncate");
    await expect(call(sandbox, "/business/search")).rejects.toThrow("terminated");
  });

  test("drip sends a byte at a time", async () => {
    sandbox.fail("drip");
    const sent = request(`${sandbox.url}/user/me`, { headers: { "x-apikey": EVERYTHING } }).end();
    const [answer] = (await once(sent, "response")) as [NodeJS.ReadableStream];
    const [first] = (await once(answer, "data")) as [Buffer];
    expect(first.length).toBe(1);
    sent.destroy();
  });

  test("html answers 200 with a page", async () => {
    sandbox.fail("html");
    const { status, headers, text } = await call(sandbox, "/user/me");
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(text).toContain("<!doctype html>");
  });

  test("garbage-gzip can't be read", async () => {
    sandbox.fail("garbage-gzip");
    await expect(call(sandbox, "/user/me")).rejects.toThrow("terminated");
  });

  test("huge=5 sends five megabytes of good JSON", async () => {
    sandbox.fail("huge=5");
    const { text, json } = await call(sandbox, "/business/search");
    expect(text.length).toBeGreaterThan(5 * 1024 * 1024);
    expect(json["count"]).toBe(1);
  });

  test("echo-key puts the key into a public field, cut in two on the wire", async () => {
    sandbox.fail("echo-key");
    const chunks = await chunksOf("/business/search");
    const whole = Buffer.concat(chunks).toString();
    const businesses = (JSON.parse(whole) as { businesses: { name: string }[] }).businesses;
    expect(businesses[0]?.name).toBe(`Acme ${EVERYTHING}`);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.some((chunk) => chunk.includes(EVERYTHING))).toBe(false);
    const { text } = await call(sandbox, `/business/${rawStores(sandbox)[0]?.id}`, EVERYTHING, { headers: { "accept-encoding": "gzip" } });
    expect(text).toContain(EVERYTHING);
  });

  test("expired refuses a key that was good", async () => {
    sandbox.fail("expired");
    expect((await call(sandbox, "/user/me")).status).toBe(401);
  });

  test.each([
    ["429", "60"],
    ["429=5", "5"],
    ["429=none", null],
  ])("%s answers 429 with Retry-After %s, and is counted", async (fault, retryAfter) => {
    const before = sandbox.counters().limited;
    sandbox.fail(fault);
    const { status, headers } = await call(sandbox, "/user/me");
    expect([status, headers.get("retry-after")]).toEqual([429, retryAfter]);
    expect(sandbox.counters().limited).toBe(before + 1);
  });

  test("a fault never writes", async () => {
    const [store] = rawStores(sandbox);
    sandbox.fail("status=500");
    await call(sandbox, `/business/${store?.id}`, EVERYTHING, { method: "POST", body: '{"name":"Never"}' });
    expect(rawStores(sandbox)[0]).toBe(store);
  });
});

describe("when faults strike", () => {
  test("a fault is switched over HTTP, for so many calls, and taken back", async () => {
    const post = (body: unknown) =>
      fetch(`${sandbox.origin}/_sandbox/fail`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await post({ fail: "status=500", times: 2 })).status).toBe(200);
    const found: number[] = [];
    for (let at = 0; at < 3; at += 1) found.push((await call(sandbox, "/user/me")).status);
    expect(found).toEqual([500, 500, 200]);
    await post({ fail: "expired" });
    expect((await call(sandbox, "/user/me")).status).toBe(401);
    await post({ fail: null });
    expect((await call(sandbox, "/user/me")).status).toBe(200);
    expect((await post({ fail: "boom" })).status).toBe(400);
  });

  test("a fault can be kept to some paths", async () => {
    sandbox.fail("status=500", { path: "/v2/business" });
    expect((await call(sandbox, "/business/search")).status).toBe(500);
    expect((await call(sandbox, "/user/me")).status).toBe(200);
  });

  test("a rate of 0.2 strikes about a fifth, the same calls for the same seed", () => {
    const struck = strikes().filter(Boolean).length;
    expect(struck).toBeGreaterThan(150);
    expect(struck).toBeLessThan(250);
    expect(strikes()).toEqual(strikes());
  });

  test("lists are read with values and rates", () => {
    expect(parseFaults("status=503:0.2, hang:0.01,429=5,garbage-gzip")).toEqual([
      { mode: "status", value: "503", rate: 0.2 },
      { mode: "hang", rate: 0.01 },
      { mode: "429", value: "5", rate: 1 },
      { mode: "garbage-gzip", rate: 1 },
    ]);
  });

  test.each(["boom", "status", "status=99", "hang:2", "hang=1", "429=soon", "toString"])("%s is refused by name", (text) => {
    expect(() => parseFaults(text)).toThrow(`"${text}"`);
  });
});

test("answers are gzip for those who ask, and the same otherwise", async () => {
  const zipped = await call(sandbox, "/business/search", EVERYTHING, { headers: { "accept-encoding": "gzip" } });
  const plain = await call(sandbox, "/business/search", EVERYTHING, { headers: { "accept-encoding": "identity" } });
  const refused = await call(sandbox, "/business/search", EVERYTHING, { headers: { "accept-encoding": "br, gzip;q=0" } });
  expect([zipped, plain, refused].map(({ headers }) => headers.get("content-encoding"))).toEqual(["gzip", null, null]);
  expect(zipped.text).toBe(plain.text);
});

test("latency is waited before the answer", async () => {
  const slow = await startSandbox({ stores: 10, latencyMs: 150 });
  const start = performance.now();
  await call(slow, "/user/me");
  expect(performance.now() - start).toBeGreaterThan(145);
  await slow.close();
});
