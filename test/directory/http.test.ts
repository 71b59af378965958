/** The directory's answers as HTTP: methods, conditions, codings, lifetimes, and what pages elsewhere are told. */
import { gunzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { later, stopClock } from "../cache/partoo.ts";
import { ORIGIN } from "../support/proxy.ts";
import { locatorFor, startChangingPartoo } from "./partoo.ts";
import { asAdmin, everythingIn, redisForTest } from "../cache/rig.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { aStore } from "./support.ts";

const ALL_WEEK = Object.fromEntries(
  ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map((day) => [day, ["09:00-18:00"]]),
);
const PLACE = { lat: 48.85, long: 2.35, open_hours: ALL_WEEK };
const many = Array.from({ length: 40 }, (_, nth) => aStore(nth, PLACE));
const TARGETS = ["/locator/stores?limit=40", "/locator/stores/all", `/locator/stores/${String(aStore(7)["id"])}`];

const scene = async (): Promise<TestGateway> => locatorFor(await startChangingPartoo(many));
const ask = (gateway: TestGateway, target: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> =>
  gateway.get(target, { method, headers: { origin: ORIGIN, ...headers } });

test.each(TARGETS)("%s: HEAD as GET without content, and 304 for the tag of a coding that is taken, and for no other", async (target) => {
  const gateway = await scene();
  for (const coding of ["br", "gzip", "identity"]) {
    const whole = await ask(gateway, target, { "accept-encoding": coding });
    const etag = whole.headers.get("etag") ?? "";
    await whole.arrayBuffer();
    const head = await ask(gateway, target, { "accept-encoding": coding }, "HEAD");
    expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, etag, ""]);
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const same = await ask(gateway, target, { "accept-encoding": coding, "if-none-match": condition });
      expect([same.status, same.headers.get("etag"), same.headers.get("vary")]).toEqual([304, etag, whole.headers.get("vary")]);
    }
    const taken = await ask(gateway, target, { "accept-encoding": "identity", "if-none-match": etag });
    expect(taken.status).toBe(/-(gz|br)"$/.test(etag) ? 200 : 304);
  }
});

test.each(TARGETS)("%s: a range is not taken apart; other methods are refused, and refusals are not stored", async (target) => {
  const gateway = await scene();
  const range = await ask(gateway, target, { range: "bytes=0-9" });
  expect([range.status, range.headers.get("content-range")]).toEqual([200, null]);
  expect(await range.json()).toBeTypeOf("object");
  for (const method of ["POST", "PUT", "DELETE"]) {
    const refused = await ask(gateway, target, {}, method);
    expect([refused.status, refused.headers.get("allow"), refused.headers.get("cache-control")]).toEqual([
      405,
      "GET, HEAD, OPTIONS",
      "no-store",
    ]);
  }
  const foreign = await gateway.get(target, { headers: { origin: "https://elsewhere.example" } });
  expect([foreign.status, foreign.headers.get("cache-control")]).toEqual([403, "no-store"]);
  const unknown = await ask(gateway, `${target.split("?")[0]}?nothing=1`);
  expect([unknown.status, unknown.headers.get("cache-control")]).toEqual([400, "no-store"]);
});

test("a page may ask whether it may, and reads what it is told", async () => {
  const gateway = await scene();
  const preflight = (origin: string): Promise<{ readonly status: number }> =>
    sendRaw(gateway.port, request("/locator/stores", { method: "OPTIONS", origin, fields: ["Access-Control-Request-Method: GET"] }), 100);
  expect(await preflight(ORIGIN)).toMatchObject({ status: 204 });
  expect(await preflight("https://elsewhere.example")).toMatchObject({ status: 403 });
  const answer = await ask(gateway, TARGETS[0] ?? "");
  expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  expect(answer.headers.get("access-control-expose-headers")).toContain("Age");
});

test("no answer may be used past the next opening or closing, however old the directory is", async () => {
  stopClock();
  // In Paris, in winter: the stores close at 18:00.
  const closing = Date.parse("2026-11-23T17:00:00Z");
  vi.setSystemTime(closing - 200_000);
  const gateway = await scene();
  for (const left of [90.5, 59.9, 30, 1, 0.4]) {
    later((closing - Date.now()) / 1000 - left);
    for (const target of [...TARGETS, "/locator/stores?open_now=true", "/locator/stores?near=48.8,2.3", "/locator/stores?q=acme"]) {
      const answer = await ask(gateway, target);
      const maxAge = Number(/max-age=(\d+)/.exec(answer.headers.get("cache-control") ?? "")?.[1]);
      expect(answer.headers.get("age")).toBeNull();
      expect({ target, left, seconds: maxAge }).toEqual({ target, left, seconds: Math.min(60, Math.floor(left)) });
    }
  }
  later(0.4);
  expect(((await (await ask(gateway, TARGETS[2] ?? "")).json()) as { open: unknown }).open).toMatchObject({ now: false });
});

test("neither what is hidden nor who asked where is in the log, the metrics or Redis, but for what hours are made of", async () => {
  const redis = await redisForTest();
  const secret = {
    ...PLACE,
    phone: "+33142000000",
    contacts: [{ name: "Jeanne Martin", email: "jeanne@acme.example", phone_numbers: ["+33142000000"] }],
  };
  const partoo = await startChangingPartoo([aStore(1, { ...secret, description_long: "Nobody may read this" })]);
  const gateway = await locatorFor(partoo, { redisUrl: redis.url, fields: "id, name" });
  for (const query of ["?near=48.123,2.654", "?q=secretville", "?bounds=2.111,48.111,2.999,48.999"])
    await ask(gateway, `/locator/stores${query}`);
  const chunk = await vi.waitUntil(async () => (await redis.keys()).find((name) => /:directory:.*:0$/.test(name)));
  const snapshot = gunzipSync((await asAdmin(redis, (client) => client.getBuffer(chunk))) ?? "").toString();
  expect(JSON.parse(snapshot)).toEqual({
    facts: { code: "S-1", status: "open", country: "FR", ...PLACE },
    listed: { id: aStore(1)["id"], name: "Acme 1" },
  });
  const texts = [
    snapshot,
    await everythingIn(redis),
    JSON.stringify(gateway.log),
    JSON.stringify(gateway.tally()),
    JSON.stringify(gateway.counts()),
  ];
  for (const value of ["48.123", "2.654", "secretville", "2.111", "Jeanne", "jeanne@", "+3314200", "Nobody may read"])
    for (const text of texts) expect(text).not.toContain(value);
});
