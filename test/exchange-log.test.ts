import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { LogLine } from "./support/cli.ts";
import type { TestGateway } from "./support/gateway.ts";
import type { RecordingUpstream } from "./support/recording-upstream.ts";
import { until } from "./support/cli.ts";
import { freshSearch } from "./support/fresh-search.ts";
import { startGateway } from "./support/gateway.ts";
import { FRONTEND_YAML, ORIGIN } from "./support/proxy.ts";
import { request, sendRaw } from "./support/raw-client.ts";
import { json, startRecordingUpstream, storableJson } from "./support/recording-upstream.ts";

const PAGE = { page: 1, max_page: 1, count: 0, businesses: [] };
const SEARCH = "/store-locator/v2/business/search";

let upstream: RecordingUpstream;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
});
afterAll(() => upstream.close());
beforeEach(() => upstream.answer(() => storableJson(PAGE)));

async function start(frontend = FRONTEND_YAML): Promise<TestGateway> {
  const gateway = await startGateway({ upstream: upstream.url, frontends: { "store-locator": frontend } });
  onTestFinished(() => gateway.close());
  return gateway;
}

const sent = async (gateway: TestGateway, bytes: string): Promise<LogLine | undefined> => {
  const { headers } = await sendRaw(gateway.port, bytes);
  return gateway.log.find((line) => line["request_id"] === headers["x-request-id"]);
};

describe("what never becomes a request", () => {
  test.each([
    ["bytes that are no HTTP", "nonsense\r\n\r\n", { method: "other", status: 400, code: "request-malformed" }, "  400 request-malformed"],
    [
      "a head beyond every bound",
      request(`${SEARCH}?city=${"a".repeat(40_000)}`),
      { method: "GET", frontend: "store-locator", status: 414, code: "target-too-long" },
      "store-locator  414 target-too-long",
    ],
    [
      "CONNECT",
      "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
      { method: "other", status: 405, code: "method-not-allowed" },
      "  405 method-not-allowed",
    ],
    ["a refused question for health", request(`/healthz?${"a".repeat(9000)}`), { status: 414 }, "  414 target-too-long"],
  ])("%s leaves one line and one count", async (_name, bytes, line, count) => {
    const gateway = await start();
    expect(await sent(gateway, bytes)).toMatchObject({ ...line, decision: "request-line", address: "127.0.0.0/24" });
    expect(gateway.log).toHaveLength(1);
    expect(gateway.tally()).toEqual({ [count]: 1 });
  });
});

describe("a flood of refusals", () => {
  test("writes a hundred lines and one that counts the rest; the tally is exact", async () => {
    const gateway = await start();
    const kinds = [request("/nobody"), request(`${SEARCH}?org_id=1`), request(SEARCH, { origin: "https://evil.example" })];
    const preflight = request(SEARCH, { method: "OPTIONS", fields: ["Access-Control-Request-Method: GET"] });
    for (const bytes of [...kinds, preflight]) await sendMany(gateway.port, bytes, 60);
    await until(() => gateway.log.some((line) => "omitted" in line));
    await gateway.close();
    const omitted = gateway.log.flatMap((line) => Object.entries((line["omitted"] ?? {}) as Record<string, number>));
    const written = gateway.log.filter((line) => "request_id" in line);
    const total = written.length + omitted.reduce((sum, [, count]) => sum + count, 0);
    expect(total).toBe(240);
    expect(new Set(omitted.map(([code]) => code)).size).toBeGreaterThan(0);
    expect(gateway.tally()).toEqual({
      "  404 frontend-unknown": 60,
      "store-locator  400 parameter-unknown": 60,
      "store-locator  403 origin-not-allowed": 60,
      "store-locator  204 ": 60,
    });
  });

  test("does not keep what was answered out of the log", async () => {
    const gateway = await start();
    await sendMany(gateway.port, request("/nobody"), 150);
    expect((await gateway.get(freshSearch())).status).toBe(200);
    expect(gateway.log.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(gateway.log.filter(({ status }) => status === 404)).toHaveLength(100);
  });

  test("over the limit of requests is a flood too", async () => {
    const gateway = await start(`key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 1/min }\n`);
    await sendMany(gateway.port, request(SEARCH), 150);
    expect(gateway.log.filter(({ status }) => status === 429)).toHaveLength(100);
    expect(gateway.tally()).toMatchObject({ "store-locator /business/search 429 rate-limited": 149 });
  });
});

describe("one line", () => {
  const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traced = (traceparent: string): string => request(SEARCH, { fields: [`traceparent: ${traceparent}`] });

  test("holds what an operator asks about, and no value", async () => {
    const gateway = await start();
    await gateway.get(`${SEARCH}?city=Paris&page=2`);
    await gateway.get(`${SEARCH}?city=Paris&page=2`);
    const common = {
      level: "info",
      time: expect.any(Number),
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      method: "GET",
      frontend: "store-locator",
      route: "/business/search",
      query: ["city", "page"],
      status: 200,
      decision: "allowed",
      address: "127.0.0.0/24",
      ms: expect.any(Number),
    };
    expect(gateway.log).toEqual([
      { ...common, cache: "miss", quota_wait_ms: expect.any(Number) },
      { ...common, cache: "hit" },
    ]);
  });

  test.each([`00-${TRACE}-00f067aa0ba902b7-01`, `cc-${TRACE}-00f067aa0ba902b7-01-what-the-future-brings`])(
    "carries the trace of %s, which Partoo never hears",
    async (traceparent) => {
      upstream.answer(() => json(PAGE));
      upstream.requests.length = 0;
      const gateway = await start();
      expect(await sent(gateway, traced(traceparent))).toMatchObject({ trace_id: TRACE });
      expect(upstream.requests.map(({ head }) => head.toLowerCase().includes("trace") || head.includes(TRACE))).toEqual([false]);
    },
  );

  test.each([
    "nonsense",
    `00-${TRACE}-00f067aa0ba902b7`,
    `00-${TRACE}-00f067aa0ba902b7-01-more`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${TRACE}-00f067aa0ba902b7-01, 00-${TRACE}-00f067aa0ba902b7-01`,
  ])("has a new trace where the caller's is not valid: %s", async (traceparent) => {
    const gateway = await start();
    const [one, two] = [await sent(gateway, traced(traceparent)), await sent(gateway, traced(traceparent))].map(
      (line) => line?.["trace_id"],
    );
    expect([one, two]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(new Set([one, two, TRACE, "0".repeat(32)]).size).toBe(4);
  });
});

/** The same request over and over, on one connection. */
async function sendMany(port: number, bytes: string, count: number): Promise<void> {
  for (let rest = count; rest > 0; rest -= 50) await sendRaw(port, bytes.repeat(Math.min(rest, 50)), 200);
}
