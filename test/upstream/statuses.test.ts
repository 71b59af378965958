import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecordingUpstream, Script } from "../support/recording-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { openScene } from "./scene.ts";

const SECRET_TEXT = "internal.partoo.example says no";
const PAGE = { page: 1, max_page: 1, count: 0, businesses: [] };

const scene = openScene();

let elsewhere: RecordingUpstream;
beforeAll(async () => {
  elsewhere = await startRecordingUpstream();
});
afterAll(() => elsewhere.close());

async function answerTo(script: Script): Promise<{ status: number; code: string | undefined; retryAfter: string | null; text: string }> {
  scene.upstream.answer(script);
  const answer = await scene.gateway.get();
  const text = await answer.text();
  const { code } = JSON.parse(text) as { code?: string };
  return { status: answer.status, code, retryAfter: answer.headers.get("retry-after"), text };
}

/** The one line of an exchange; lines about keys stand beside it. */
function exchangeLine(): Readonly<Record<string, unknown>> | undefined {
  return scene.gateway.log.find((line) => "request_id" in line);
}

describe("429", () => {
  test.each([
    ["seconds", { "retry-after": "17" }, "17"],
    ["nothing", {}, "60"],
    ["words", { "retry-after": "soon" }, "60"],
    ["a date of the past", { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }, "1"],
    ["a year", { "retry-after": "31536000" }, "300"],
  ])("with Retry-After of %s: quota-exhausted with a wait within bounds, and no second call", async (_what, headers, wait) => {
    const answer = await answerTo(() => json({ error: { json: "Too many requests" } }, { status: 429, headers }));
    expect(answer).toMatchObject({ status: 503, code: "quota-exhausted", retryAfter: wait });
    expect(scene.upstream.requests).toHaveLength(1);
  });

  test("with a date to come: about the seconds until then", async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    const { retryAfter } = await answerTo(() => json("{}", { status: 429, headers: { "retry-after": date } }));
    expect(["28", "29", "30"]).toContain(retryAfter);
  });
});

describe("redirects are never followed", () => {
  test.each([301, 302, 303, 307, 308])("%d to another host: upstream-failed, and the key goes nowhere else", async (status) => {
    const answer = await answerTo(() => json("", { status, headers: { location: `${elsewhere.url}/business/search` } }));
    expect(answer).toMatchObject({ status: 502, code: "upstream-failed" });
    expect(answer.text).not.toContain(String(elsewhere.port));
    expect([scene.upstream.requests.length, elsewhere.requests.length, elsewhere.connections]).toEqual([1, 0, 0]);
  });

  test.each([300, 304, 305])("%d: upstream-failed", async (status) => {
    expect(await answerTo(() => `HTTP/1.1 ${status} Whatever\r\ncontent-length: 0\r\n\r\n`)).toMatchObject({ code: "upstream-failed" });
  });
});

describe("other statuses", () => {
  test.each([
    [201, 200, undefined],
    [400, 502, "upstream-refused"],
    [401, 502, "upstream-refused"],
    [402, 502, "upstream-failed"],
    [403, 502, "upstream-refused"],
    [404, 404, "not-found"],
    [405, 502, "upstream-failed"],
    [410, 502, "upstream-failed"],
    [415, 502, "upstream-refused"],
    [418, 502, "upstream-failed"],
    [422, 502, "upstream-refused"],
    [500, 502, "upstream-failed"],
    [504, 502, "upstream-failed"],
    [599, 502, "upstream-failed"],
    [600, 502, "upstream-failed"],
    [999, 502, "upstream-failed"],
  ])("%d is answered %d", async (status, outward, code) => {
    expect(await answerTo(() => json(PAGE, { status }))).toMatchObject({ status: outward, code });
  });

  test("204 has no JSON: upstream-failed", async () => {
    expect(await answerTo(() => "HTTP/1.1 204 No Content\r\n\r\n")).toMatchObject({ status: 502, code: "upstream-failed" });
  });

  test("103 before the answer is passed over", async () => {
    const answer = await answerTo(() => `HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n${json(PAGE)}`);
    expect(answer.status).toBe(200);
  });

  test("100 that nobody asked for is survived: upstream-failed after one request, and the next one is answered", async () => {
    expect(await answerTo(() => `HTTP/1.1 100 Continue\r\n\r\n${json(PAGE)}`)).toMatchObject({ status: 502, code: "upstream-failed" });
    expect(scene.upstream.requests).toHaveLength(1);
    expect(await answerTo(() => json(PAGE))).toMatchObject({ status: 200 });
  });

  test("101 that nobody asked for: upstream-failed", async () => {
    const switching = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    expect(await answerTo(() => switching)).toMatchObject({ status: 502, code: "upstream-failed" });
  });
});

describe("what Partoo says of a refusal is understood in both spellings, logged in our words, and never relayed", () => {
  test.each([
    [400, { error: { json: { city: [SECRET_TEXT], per_page: SECRET_TEXT } } }, "status 400: json, fields city per_page"],
    [400, { errors: { json: { city: [SECRET_TEXT] } } }, "status 400: json, fields city"],
    [400, { error: { json: { [SECRET_TEXT]: 1, city: 1 } } }, "status 400: json, fields city, 1 unnamed"],
    [400, { errors: { json: { [SECRET_TEXT]: 1 } } }, "status 400: json, 1 unnamed"],
    [422, { error: { json: SECRET_TEXT } }, "status 422: json"],
    [401, { error: { authentication: SECRET_TEXT } }, "status 401: authentication"],
    [401, { errors: { authentication: SECRET_TEXT } }, "status 401: authentication"],
    [403, { error: { authorization: SECRET_TEXT } }, "status 403: authorization"],
    [415, { errors: { json: SECRET_TEXT } }, "status 415: json"],
    [400, { message: SECRET_TEXT }, "status 400"],
    [400, SECRET_TEXT, "status 400"],
    [400, "", "status 400"],
  ])("%d %j", async (status, body, reason) => {
    const answer = await answerTo(() => json(body, { status }));
    expect(answer).toMatchObject({ status: 502, code: "upstream-refused" });
    expect(exchangeLine()).toMatchObject({ code: "upstream-refused", reason });
    expect(answer.text + JSON.stringify(scene.gateway.log)).not.toContain("partoo.example");
  });

  test.each([400, 415, 422])("%d raises an alarm that names the route and the fields, once however many ask", async (status) => {
    for (let nth = 0; nth < 3; nth += 1) await answerTo(() => json({ error: { json: { city: SECRET_TEXT } } }, { status }));
    expect(scene.gateway.log.filter((line) => "alarm" in line)).toMatchObject([
      {
        level: "error",
        alarm: "request-refused",
        key: "locator-read",
        route: "/business/search",
        upstream_status: status,
        reason: `status ${status}: json, fields city`,
      },
    ]);
    expect(JSON.stringify(scene.gateway.log)).not.toMatch(/partoo\.example|Nowhere/);
  });

  test.each([404, 408, 429, 500])("%d raises none", async (status) => {
    await answerTo(() => json({ error: { json: { city: SECRET_TEXT } } }, { status }));
    expect(scene.gateway.log.filter((line) => "alarm" in line)).toEqual([]);
  });

  test("a key that stands where the name of a field belongs is not logged", async () => {
    const letters = "onlyLettersInThisKeyOfOurs";
    const other = await startGateway({ upstream: scene.upstream.url, env: { PARTOO_KEY_LOCATOR_READ: letters } });
    scene.upstream.answer(() => json({ error: { json: { [letters]: "unknown" } } }, { status: 400 }));
    const text = await (await other.get()).text();
    expect(text + JSON.stringify(other.log)).not.toContain(letters);
    await other.close();
  });

  test("an error body of 7 MiB is not read for the log", async () => {
    const body = `{"error":{"json":{"city":"${"x".repeat(7 * 1024 * 1024)}"}}}`;
    await answerTo(() => json(body, { status: 400 }));
    expect(exchangeLine()).toMatchObject({ reason: "status 400" });
  });

  test("the key is in none of it", async () => {
    await answerTo(() => json({ error: { json: { [CANARY_KEY]: CANARY_KEY } } }, { status: 400 }));
    expect(JSON.stringify(scene.gateway.log)).not.toContain(CANARY_KEY);
  });
});
