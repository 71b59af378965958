/** Sessions as browsers and apps meet them: over a socket, in front of a Partoo that counts its calls. */
import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { ServedScene } from "./served.ts";
import { FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { mint, solve, startServed } from "./served.ts";

const SECRET = randomBytes(32).toString("base64url");
const OTHER = "https://other.acme.example";

/** @param extra of the frontend `store-locator` @param more frontends, in whole */
const scene = (extra: string, more: Readonly<Record<string, string>> = {}): Promise<ServedScene> =>
  startServed({}, { frontends: { "store-locator": FRONTEND_YAML + extra, ...more }, env: { SESSION_SECRETS: `a:${SECRET}` } });

const SEARCH = "/store-locator/v2/business/search?city=Paris";
const ask = (gateway: TestGateway, headers: Record<string, string> = {}, target = SEARCH): Promise<Response> =>
  gateway.get(target, { headers: { origin: ORIGIN, ...headers } });

test("on-miss: a miss without a session is 401 and costs no call; with one it is stored, and everybody reads the same bytes", async () => {
  const { gateway, calls } = await scene("session: on-miss\n");
  const refused = await ask(gateway);
  expect([refused.status, ((await refused.json()) as { code: string }).code, refused.headers.get("cache-control")]).toEqual([
    401,
    "session-required",
    "no-store",
  ]);
  expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="store-locator"');
  expect(calls()).toBe(0);
  const { cookie, json: session } = await mint(gateway.url);
  expect(session).toEqual({ use: "cookie", expires_in: 900 });
  const first = await ask(gateway, { cookie });
  const [with_, without] = [await ask(gateway, { cookie }), await ask(gateway)];
  expect([first.status, with_.status, without.status, calls()]).toEqual([200, 200, 200, 1]);
  expect(await without.text()).toBe(await with_.text());
  expect(without.headers.get("etag")).toBe(with_.headers.get("etag"));
  for (const answer of [with_, without]) {
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("cache-control")).toMatch(/^public, /);
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
  }
});

test("required: nothing but the description is told without one, and nobody but the caller may store an answer", async () => {
  const { gateway, calls } = await scene("session: required\n");
  expect((await ask(gateway)).status).toBe(401);
  expect((await gateway.get("/store-locator/openapi.json")).status).toBe(200);
  const { json: minted } = await mint(gateway.url, { site: "cross-site" });
  const bearer = { authorization: `Bearer ${minted.token}` };
  const answer = await ask(gateway, bearer);
  expect([answer.status, answer.headers.get("cache-control")?.split(",")[0], calls()]).toEqual([200, "private", 1]);
  expect((await ask(gateway, { authorization: `Bearer ${minted.token}x` })).status).toBe(401);
  expect((await ask(gateway)).status).toBe(401);
});

test("a bearer is of its page's Origin and its frontend; a cookie and a bearer at once are neither", async () => {
  const many = `key: locator-read\norigins: [${ORIGIN}, ${OTHER}]\nsession: required\n`;
  const { gateway } = await scene("session: required\n", { many, second: `${FRONTEND_YAML}session: required\n` });
  const { json: minted } = await mint(gateway.url, { site: "cross-site", frontend: "many" });
  const bearer = { authorization: `Bearer ${minted.token}` };
  const codeOf = async (answer: Response): Promise<unknown> =>
    answer.status === 200 ? 200 : ((await answer.json()) as { code: string }).code;
  const target = "/many/v2/business/search?city=Paris";
  expect(await codeOf(await ask(gateway, bearer, target))).toBe(200);
  expect(await codeOf(await ask(gateway, { ...bearer, origin: OTHER }, target))).toBe("session-invalid");
  expect(await codeOf(await ask(gateway, bearer))).toBe("session-invalid");
  const { cookie } = await mint(gateway.url, { frontend: "second" });
  expect(await codeOf(await ask(gateway, { cookie }))).toBe("session-required");
  expect(await codeOf(await ask(gateway, { cookie, ...bearer }, "/second/v2/business/search?city=Paris"))).toBe("session-invalid");
});

test("ALTCHA: a challenge is asked for, its solution is good once", async () => {
  const { gateway } = await scene("session: on-miss\nproof: { altcha: { cost: 100 } }\n");
  const { status, json: asked } = await mint(gateway.url);
  expect([status, asked.code]).toEqual([403, "challenge-required"]);
  const proof = solve(asked.challenge!);
  const both = await Promise.all([mint(gateway.url, { proof }), mint(gateway.url, { proof })]);
  expect(both.map(({ status: own }) => own).toSorted((one, other) => one - other)).toEqual([200, 403]);
  expect((await mint(gateway.url, { proof: "AAAA" })).json.code).toBe("challenge-invalid");
});

test.each([
  ["a form's content", { "content-type": "text/plain", origin: ORIGIN }, "{}", 400, "request-malformed"],
  ["too much", { "content-type": "application/json", origin: ORIGIN }, `{"proof":"${"x".repeat(11_000)}"}`, 413, "body-too-large"],
  ["another member", { "content-type": "application/json", origin: ORIGIN }, '{"admin":true}', 400, "request-malformed"],
  ["a foreign page", { "content-type": "application/json", origin: "https://elsewhere.example" }, "{}", 403, "origin-not-allowed"],
])("minting with %s is refused", async (_what, headers, body, status, code) => {
  const { gateway } = await scene("session: on-miss\n");
  const answer = await fetch(`${gateway.url}/store-locator/session`, { method: "POST", headers, body });
  expect([answer.status, ((await answer.json()) as { code: string }).code, answer.headers.get("set-cookie")]).toEqual([status, code, null]);
});

test("one address mints 60 sessions a minute; a frontend without sessions mints none", async () => {
  const { gateway } = await scene("session: on-miss\n", { plain: FRONTEND_YAML });
  const answers = await Promise.all(Array.from({ length: 61 }, () => mint(gateway.url)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(60);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
  const none = await fetch(`${gateway.url}/plain/session`, { method: "POST", headers: { origin: ORIGIN } });
  expect(none.status).toBe(405);
  const read = await gateway.get("/store-locator/session");
  expect([read.status, read.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
});

test("neither a token nor a cookie nor an id of a session is in the log", async () => {
  const { gateway } = await scene("session: on-miss\n");
  const { cookie } = await mint(gateway.url);
  await ask(gateway, { cookie });
  await ask(gateway, { cookie: `${cookie}x` }, "/store-locator/v2/business/search?city=Lyon");
  const text = JSON.stringify(gateway.log);
  const token = cookie.slice(cookie.indexOf("=") + 1);
  const { sid } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { sid: string };
  for (const value of [token, token.split(".")[2]!, sid, SECRET, createHash("sha256").update(token).digest("base64url")])
    expect(text).not.toContain(value);
  expect(gateway.log.find(({ code }) => code === "session-invalid")).toMatchObject({ status: 401, reason: expect.any(String) });
});

test("a page on the proxy's own origin, which sends its Origin to mint and none to read, may read with a bearer", async () => {
  const { gateway } = await startServed({ "store-locator": "session: required\n" });
  const { json: minted } = await mint(gateway.url, { site: "cross-site" });
  const read = (site: string): Promise<Response> =>
    fetch(`${gateway.url}/store-locator/v2/business/search?city=Paris`, {
      headers: { authorization: `Bearer ${minted.token}`, "sec-fetch-site": site, "sec-fetch-mode": "cors" },
    });
  expect((await read("same-origin")).status).toBe(200);
  expect((await read("same-site")).status).toBe(403);
});
