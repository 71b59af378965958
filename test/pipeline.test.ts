import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Proxy } from "./support/proxy.ts";
import type { RecordingUpstream } from "./support/recording-upstream.ts";
import { CANARY_KEY, ORIGIN, startProxy } from "./support/proxy.ts";
import { json, startRecordingUpstream } from "./support/recording-upstream.ts";
import { request, sendRaw } from "./support/raw-client.ts";

const BUSINESS = {
  id: "5f3c8f1de1b2a30001a1b2c3",
  code: "FR-PAR-001",
  name: "Acme Paris Opéra",
  status: "open",
  city: "Paris",
  org_id: 4711,
  open_hours: { monday: ["09:00-12:30", "14:00-19:00"], sunday: [], secret_day: ["x"] },
  contacts: [{ name: "Jeanne Martin", email: "jeanne.martin@acme.example", phone_numbers: ["+33142000000"], fax: null }],
  custom_fields: [
    { id: 1, name: "Parking", type: "BOOLEAN", value: true, order: 1 },
    { id: 2, name: "ManagerName", type: "TEXT", value: "Jeanne Martin", order: 2 },
  ],
};
const SHAPED = {
  id: "5f3c8f1de1b2a30001a1b2c3",
  code: "FR-PAR-001",
  name: "Acme Paris Opéra",
  status: "open",
  city: "Paris",
  open_hours: { monday: ["09:00-12:30", "14:00-19:00"], sunday: [] },
  phone: "+33142000000",
  custom_fields: [{ id: 1, name: "Parking", type: "BOOLEAN", value: true, order: 1 }],
};
const PAGE = { page: 1, max_page: 1, count: 1, businesses: [BUSINESS], debug: "internal" };
const SEARCH = "/store-locator/v2/business/search?city=Paris";

let upstream: RecordingUpstream;
let proxy: Proxy;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  proxy = await startProxy({ upstream: upstream.url });
});
afterAll(async () => {
  await proxy.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
  upstream.answer(() => json(PAGE));
});

function get(target: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(proxy.url + target, { headers: { origin: ORIGIN, ...headers }, ...init });
}

describe("an allowed request", () => {
  test("reaches Partoo as a request built from nothing", async () => {
    const noise = [
      "x-apikey: mine",
      "cookie: a=b",
      "x-forwarded-for: 1.2.3.4",
      "user-agent: curl",
      "x-http-method-override: DELETE",
      "range: bytes=0-1",
    ];
    await sendRaw(proxy.port, request(SEARCH, { fields: noise }));
    expect(upstream.requests.map(({ head }) => head)).toEqual([
      [
        "GET /v2/business/search?city=Paris&per_page=50&status=open%2Copening_soon%2Ctemporarily_closed HTTP/1.1",
        `host: 127.0.0.1:${upstream.port}`,
        "connection: keep-alive",
        `x-apikey: ${CANARY_KEY}`,
        "accept: application/json",
        "accept-encoding: gzip, br",
        "user-agent: partoo-bff",
        "\r\n",
      ].join("\r\n"),
    ]);
  });

  test("gets the listed fields and nothing else", async () => {
    const answer = await get(SEARCH);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ page: 1, max_page: 1, count: 1, businesses: [SHAPED] });
  });

  test("has the header fields of the contract and none of Partoo's", async () => {
    upstream.answer(() =>
      json(PAGE, { headers: { "set-cookie": "s=1", server: "partoo", "access-control-allow-origin": "*", "x-internal": "1" } }),
    );
    const { headers } = await get(SEARCH, { "accept-encoding": "identity" });
    const shown = Object.fromEntries([...headers].filter(([name]) => !["date", "connection", "keep-alive"].includes(name)));
    expect(shown).toEqual({
      "access-control-allow-origin": ORIGIN,
      "access-control-expose-headers": "Retry-After, RateLimit, RateLimit-Policy, ETag, Age, Cache-Status, X-Request-Id",
      "cache-control": "no-store",
      "cache-status": "partoo-bff; fwd=miss",
      "content-length": expect.stringMatching(/^\d+$/),
      "content-security-policy": "default-src 'none'",
      "content-type": "application/json; charset=utf-8",
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
      "referrer-policy": "no-referrer",
      vary: "Accept-Encoding",
      "x-content-type-options": "nosniff",
      "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test("one business is the item itself", async () => {
    upstream.answer(() => json(BUSINESS));
    const answer = await get("/store-locator/v2/business/c-FR-PAR-001");
    expect(await answer.json()).toEqual(SHAPED);
    expect(upstream.requests[0]?.target).toBe("/v2/business/c-FR-PAR-001");
  });

  test("HEAD has the same fields and no content", async () => {
    const fields = ["accept-encoding: identity"];
    const whole = await sendRaw(proxy.port, request(SEARCH, { fields }));
    const head = await sendRaw(proxy.port, request(SEARCH, { fields, method: "HEAD" }));
    expect(head.body).toBe("");
    expect([head.status, head.headers["etag"], head.headers["content-length"]]).toEqual([
      200,
      whole.headers["etag"],
      whole.headers["content-length"],
    ]);
    expect(upstream.requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });
});

describe("representation", () => {
  const many = { ...PAGE, businesses: Array.from({ length: 40 }, () => BUSINESS) };

  test("each coding has bytes and a strong tag of its own, and If-None-Match saves the content", async () => {
    upstream.answer(() => json(many));
    const tags = new Set<string>();
    for (const coding of ["identity", "gzip", "br"]) {
      const answer = await get(SEARCH, { "accept-encoding": coding });
      const etag = answer.headers.get("etag") ?? "";
      expect(answer.headers.get("content-encoding")).toBe(coding === "identity" ? null : coding);
      expect(((await answer.json()) as { businesses: unknown[] }).businesses).toHaveLength(40);
      const again = await get(SEARCH, { "accept-encoding": coding, "if-none-match": etag });
      expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
      tags.add(etag);
    }
    expect(tags.size).toBe(3);
  });

  test("gzip and brotli of Partoo are decoded", async () => {
    for (const [coding, compress] of [
      ["gzip", gzipSync],
      ["br", brotliCompressSync],
    ] as const) {
      const body = compress(JSON.stringify(PAGE));
      const fields = `content-encoding: ${coding}\r\ncontent-length: ${body.length}\r\ncache-control: no-store`;
      upstream.answer(() => Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`), body]));
      const answer = await get(SEARCH);
      expect(await answer.json()).toEqual({ page: 1, max_page: 1, count: 1, businesses: [SHAPED] });
    }
  });
});

describe("refusals", () => {
  test.each([
    ["/v2/api_keys", 404, "frontend-unknown"],
    ["/store-locator/v2/api_keys", 404, "route-not-allowed"],
    ["/store-locator/v2/business/..%2Fapi_keys", 400, "path-encoding"],
    ["/store-locator/v2/business/connections_stats", 404, "route-not-allowed"],
    ["/store-locator/v2/business/nonsense", 400, "parameter-invalid"],
    [`${SEARCH}&org_id=1`, 400, "parameter-unknown"],
    [`${SEARCH}&city=Lyon`, 400, "parameter-invalid"],
    [`${SEARCH}&status=closed`, 400, "parameter-invalid"],
    ["/store-locator/v2/business/search?page=21", 400, "parameter-invalid"],
    ["/store-locator/v2/business/search?page=01", 400, "parameter-invalid"],
    ["/store-locator", 404, "route-not-allowed"],
  ])("%s is %d %s, and Partoo hears nothing", async (target, status, code) => {
    const answer = await sendRaw(proxy.port, request(target));
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    expect([answer.status, body["code"], body["status"], body["layer"]]).toEqual([status, code, status, "proxy"]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(body["request_id"]).toBe(answer.headers["x-request-id"]);
    expect(upstream.requests).toEqual([]);
  });

  test("other methods are told what there is", async () => {
    const answer = await get(SEARCH, {}, { method: "POST", body: "{}" });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(upstream.requests).toEqual([]);
  });

  test("a foreign page is refused and a preflight from it too", async () => {
    const foreign = await get(SEARCH, { origin: "https://evil.example" });
    expect([foreign.status, foreign.headers.get("access-control-allow-origin")]).toEqual([403, ORIGIN]);
    const preflight = await get(SEARCH, { origin: "https://evil.example", "access-control-request-method": "GET" }, { method: "OPTIONS" });
    expect(preflight.status).toBe(403);
    expect(upstream.requests).toEqual([]);
  });

  test("a listed page gets its preflight for any path", async () => {
    const answer = await get("/store-locator/whatever", { "access-control-request-method": "GET" }, { method: "OPTIONS" });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-methods")).toBe("GET, HEAD");
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });
});
