/** Sessions in a real browser: pages of the proxy's own site and of another, and the client of examples/ in them. */
import type { Browser, BrowserContext, Frame, Page, Request } from "playwright-core";
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { ServerProcess } from "../support/cli.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import type { Seen, Site } from "../support/browser.ts";
import { callIn, fetchIn, launchBrowser, startSite } from "../support/browser.ts";
import { startServerProcess, until } from "../support/cli.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";
import { freePort } from "../support/redis.ts";

/** The proxy is bff.acme.localhost: the first two are of its site. Listed are the first and the third. */
const [WWW, SHOP, ELSEWHERE, EVIL] = [
  "www.acme.localhost",
  "shop.acme.localhost",
  "www.elsewhere.localhost",
  "www.evil.localhost",
] as const;
const COMMON = "key: locator-read\norigins: [https://stores.acme.example]\nlimits: { requests: 100000/min, misses: 100000/min }\n";
/** What a page has to allow for the client, and no more. */
const POLICY = "script-src 'self'";
/** The browser's own words for an answer that asks for a session or a proof. */
const ASKED_FOR = /^Failed to load resource: the server responded with a status of 40[13] /;

let upstream: RecordingUpstream;
let site: Site;
let port: number;
let server: ServerProcess;
let browser: Browser;
/** On the consoles of listed pages, but for what is asked for. */
const complaints: string[] = [];

function start(kid = "a"): Promise<ServerProcess> {
  return startServerProcess({
    upstream: upstream.url,
    frontends: {
      open: COMMON,
      one: `${COMMON}session: required\n`,
      two: `${COMMON}session: required\n`,
      missing: `${COMMON}session: on-miss\n`,
      puzzle: `${COMMON}session: required\nproof: { altcha: { cost: 100 } }\n`,
    },
    env: {
      PORT: String(port),
      DEV_ORIGINS: `${site.origin(WWW)}, ${site.origin(ELSEWHERE)}`,
      SESSION_SECRETS: `${kid}:${randomBytes(32).toString("base64url")}`,
    },
  });
}

beforeAll(async () => {
  upstream = await startRecordingUpstream(() => storableJson({ page: 1, max_page: 1, count: 0, businesses: [] }));
  site = await startSite(POLICY);
  port = await freePort();
  server = await start();
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await server.stop();
  await site.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
  complaints.length = 0;
});
afterEach(() => {
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
});

interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Answers of the proxy: `GET one 200`. Preflights are not among them. */
  readonly answers: string[];
  /** The Authorization fields that were sent. */
  readonly bearers: string[];
}

async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return context;
}

async function visit(host: string, context?: BrowserContext): Promise<Visit> {
  const own = context ?? (await newContext());
  const page = await own.newPage();
  const answers: string[] = [];
  const bearers: string[] = [];
  const isForeign = host === SHOP || host === EVIL;
  page.on("console", (message) => {
    const isComplaint = ["error", "warning"].includes(message.type()) && !ASKED_FOR.test(message.text());
    if (isComplaint && !isForeign) complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => void complaints.push(message));
  page.on("response", (answer) => {
    const { host: asked, pathname } = new URL(answer.url());
    if (asked === `bff.acme.localhost:${port}`)
      answers.push(
        [answer.request().method(), pathname.endsWith("/session") ? "session" : pathname.split("/")[1], answer.status()].join(" "),
      );
  });
  page.on("request", (request) => {
    const { authorization } = request.headers();
    if (authorization !== undefined) bearers.push(authorization);
  });
  await page.goto(`${site.origin(host)}/`);
  return { page, context: own, answers, bearers };
}

function proxy(path: string): string {
  return `http://bff.acme.localhost:${port}/${path}`;
}

/** Addresses differ, so that each is a call. */
let asked = 0;
function search(frontend: string): string {
  asked += 1;
  return proxy(`${frontend}/v2/business/search?page=1&query=${asked}`);
}

/** Through the client. @returns the status, or the name of an error */
async function ask(page: Page | Frame, frontend: string, url = search(frontend), options: object = {}): Promise<number | string> {
  return statusOf((await callIn(page, "readAsClient", proxy(frontend), url, {}, options)) as Seen);
}

function statusOf(seen: Seen): number | string {
  return "error" in seen ? seen.error : seen.status;
}

/** By hand. */
function mint(page: Page, frontend: string, content: object = {}): Promise<Seen> {
  const init = { method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body: JSON.stringify(content) };
  return fetchIn(page, proxy(`${frontend}/session`), init);
}

async function cookieNames(context: BrowserContext): Promise<readonly string[]> {
  return (await context.cookies()).map(({ name }) => name).toSorted();
}

/** What the log has of the time in which this is done. */
async function linesOf(action: () => Promise<unknown>): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const upToNow = async (): Promise<number> => {
    const marker = (await fetch(`${server.url}/marker`)).headers.get("x-request-id");
    await until(() => server.log().some((line) => line["request_id"] === marker));
    return server.log().length;
  };
  const before = await upToNow();
  await action();
  const after = await upToNow();
  return server.log().slice(before, after - 1);
}

describe("a page of the proxy's site", () => {
  test("gets a cookie that no script sees, and uses it again when it is loaded anew", async () => {
    const { page, context, answers, bearers } = await visit(WWW);
    expect(await ask(page, "one")).toBe(200);
    expect(answers).toEqual(["GET one 401", "GET one 401", "POST session 200", "GET one 200"]);
    expect(await context.cookies()).toMatchObject([
      {
        name: "__Host-Http-bff-one",
        domain: "bff.acme.localhost",
        path: "/",
        httpOnly: true,
        secure: true,
        sameSite: "Strict",
      },
    ]);
    expect(await ask(page, "one")).toBe(200);
    await page.reload();
    expect(await ask(page, "one")).toBe(200);
    expect(answers.slice(4)).toEqual(["GET one 200", "GET one 401", "GET one 200"]);
    expect(bearers).toEqual([]);
    expect(await page.evaluate("JSON.stringify([document.cookie, localStorage, sessionStorage])")).toBe('["",{},{}]');
    const { page: onItsHost } = await visit("bff.acme.localhost", context);
    expect(await onItsHost.evaluate("document.cookie")).toBe("");
    await onItsHost.evaluate("document.cookie = '__Host-Http-bff-one=forged; Secure; Path=/'");
    expect(await ask(page, "one")).toBe(200);
  });

  test("mints once for all that it asks at once", async () => {
    const { page, answers } = await visit(WWW);
    expect(await Promise.all([1, 2, 3, 4, 5].map(() => ask(page, "one")))).toEqual([200, 200, 200, 200, 200]);
    expect(answers.filter((answer) => answer.startsWith("POST"))).toEqual(["POST session 200"]);
  });

  test("asks for a session only where it needs one", async () => {
    const { page, context, answers } = await visit(WWW);
    expect(await ask(page, "open")).toBe(200);
    expect(answers).toEqual(["GET open 200"]);
    const url = search("missing");
    expect(await ask(page, "missing", url)).toBe(200);
    expect(answers.slice(1)).toEqual(["GET missing 401", "GET missing 401", "POST session 200", "GET missing 200"]);
    expect(upstream.requests).toHaveLength(2);
    const other = await visit(ELSEWHERE);
    expect(await ask(other.page, "missing", url)).toBe(200);
    expect(other.answers).toEqual(["GET missing 200"]);
    expect(await cookieNames(context)).toEqual(["__Host-Http-bff-missing"]);
  });

  test("in a frame of another site, where its cookie is not kept, goes on with a token", async () => {
    const { page, context, answers, bearers } = await visit(EVIL);
    await callIn(page, "loadElement", "iframe", `${site.origin(WWW)}/`);
    await until(() => page.frames().some((frame) => frame.url() === `${site.origin(WWW)}/`));
    const frame = page.frames().find((candidate) => candidate.url() === `${site.origin(WWW)}/`)!;
    await frame.waitForLoadState();
    expect(await ask(frame, "one")).toBe(200);
    expect(await ask(frame, "one")).toBe(200);
    expect(answers.filter((answer) => answer.startsWith("POST"))).toEqual(["POST session 200", "POST session 200"]);
    expect(answers.at(-1)).toBe("GET one 200");
    expect(new Set(bearers).size).toBe(1);
    expect(await context.cookies()).toEqual([]);
  });
});

describe("a page of another site", () => {
  test("gets a token and no cookie, whatever it asks for, and keeps the token in memory", async () => {
    const { page, context, answers, bearers } = await visit(ELSEWHERE);
    expect(await ask(page, "one")).toBe(200);
    expect(answers).toEqual(["GET one 401", "GET one 401", "POST session 200", "GET one 200"]);
    expect(await ask(page, "one")).toBe(200);
    expect(bearers).toEqual([bearers[0], bearers[0]]);
    expect(bearers[0]).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate("JSON.stringify([document.cookie, localStorage, sessionStorage])")).toBe('["",{},{}]');
    expect(await mint(page, "one", { use: "cookie" })).toMatchObject({ status: 400 });
    await until(() => complaints.length === 1);
    expect(complaints.pop()).toContain("400 (Bad Request)");
    expect(await context.cookies()).toEqual([]);
  });

  test("is no way for another page to use that token, nor for another frontend", async () => {
    const { page } = await visit(ELSEWHERE);
    const minted = await mint(page, "one");
    const { token } = JSON.parse("error" in minted ? "{}" : minted.body) as { token: string };
    const init = { headers: { authorization: `Bearer ${token}` } };
    expect(statusOf(await fetchIn(page, search("one"), init))).toBe(200);
    expect(await fetchIn(page, search("two"), init)).toMatchObject({ status: 401, body: expect.stringContaining("session-invalid") });
    const { page: other } = await visit(WWW);
    expect(await fetchIn(other, search("one"), init)).toMatchObject({ status: 401, body: expect.stringContaining("session-invalid") });
  });
});

test("two frontends in one browser don't disturb each other, and neither's session is the other's", async () => {
  const { page, context, answers } = await visit(WWW);
  expect(await ask(page, "one")).toBe(200);
  const withCookie = { credentials: "include" };
  const refused = await fetchIn(page, search("two"), withCookie);
  expect(refused).toMatchObject({ status: 401, body: expect.stringContaining("session-required") });
  expect(await ask(page, "two")).toBe(200);
  expect(await cookieNames(context)).toEqual(["__Host-Http-bff-one", "__Host-Http-bff-two"]);
  for (const frontend of ["one", "two"]) expect(statusOf(await fetchIn(page, search(frontend), withCookie))).toBe(200);
  await context.clearCookies({ name: "__Host-Http-bff-one" });
  expect(statusOf(await fetchIn(page, search("two"), withCookie))).toBe(200);
  expect(answers.filter((answer) => answer.startsWith("POST"))).toHaveLength(2);
  const elsewhere = await visit(ELSEWHERE);
  expect([await ask(elsewhere.page, "one"), await ask(elsewhere.page, "two")]).toEqual([200, 200]);
  expect(elsewhere.bearers).toHaveLength(2);
  expect(new Set(elsewhere.bearers).size).toBe(2);
});

test("the client sends its token to its frontend and nowhere else", async () => {
  const { page, bearers } = await visit(ELSEWHERE);
  expect(await ask(page, "one")).toBe(200);
  bearers.length = 0;
  expect(await ask(page, "one", search("open"))).toBe(200);
  expect(await ask(page, "one", proxy("one/../two/v2/business/search?page=1"))).toBe(401);
  expect(await ask(page, "one", `${site.origin(ELSEWHERE)}/`)).toBe(200);
  expect(bearers).toEqual([]);
});

describe("a page that is not listed", () => {
  test.each([
    ["of the same site, whose browser sends the visitor's cookie along", SHOP],
    ["of another site", EVIL],
  ])("%s: neither reads nor mints", async (_what, host) => {
    const context = await newContext();
    const { page: listed } = await visit(WWW, context);
    expect(await ask(listed, "one")).toBe(200);
    upstream.requests.length = 0;
    const { page } = await visit(host, context);
    const lines = await linesOf(async () => {
      expect(await fetchIn(page, search("one"), { credentials: "include" })).toEqual({ error: "TypeError" });
      expect(await fetchIn(page, search("one"), { credentials: "include", mode: "no-cors" })).toMatchObject({ type: "opaque", body: "" });
      expect(await mint(page, "two")).toEqual({ error: "TypeError" });
      expect(await ask(page, "two")).toBe("TypeError");
    });
    expect(lines.map(({ method, status, code }) => [method, status, code])).toEqual([
      ["GET", 403, "origin-not-allowed"],
      ["GET", 403, "fetch-metadata-refused"],
      ["OPTIONS", 403, "origin-not-allowed"],
      ["GET", 403, "origin-not-allowed"],
    ]);
    expect(await cookieNames(context)).toEqual(["__Host-Http-bff-one"]);
    expect(upstream.requests).toEqual([]);
  });
});

test.each([
  [WWW, { "fetch-metadata-refused": 4 }],
  [EVIL, { "fetch-metadata-refused": 2, "origin-not-allowed": 2 }],
])("images, forms and navigations of a page of %s mint nothing, and read nothing with the visitor's cookie", async (host, refusals) => {
  const context = await newContext();
  expect(await ask((await visit(WWW, context)).page, "one")).toBe(200);
  upstream.requests.length = 0;
  const lines = await linesOf(async () => {
    for (const [name, ...args] of [
      ["loadElement", "img", search("one")],
      ["navigate", search("one")],
      ["submitForm", proxy("two/session"), "post"],
      ["submitForm", proxy("one/session"), "post"],
    ] as const) {
      const { page } = await visit(host, context);
      const isOurs = { predicate: (request: Request) => request.url().startsWith(proxy("")) };
      const ended = Promise.race([page.waitForEvent("requestfinished", isOurs), page.waitForEvent("requestfailed", isOurs)]);
      await callIn(page, name, ...args);
      await ended;
    }
  });
  const codes = Object.groupBy(lines, ({ code }) => String(code));
  expect(Object.fromEntries(Object.entries(codes).map(([code, list]) => [code, list?.length]))).toEqual(refusals);
  expect(await cookieNames(context)).toEqual(["__Host-Http-bff-one"]);
  expect(upstream.requests).toEqual([]);
});

test("preflights: one to mint with JSON, one for each address that is asked with a token, none for what is asked with a cookie", async () => {
  const { page: sameSite } = await visit(WWW);
  const { page: crossSite } = await visit(ELSEWHERE);
  const requests = async (page: Page): Promise<readonly unknown[]> => {
    const lines = await linesOf(async () => [await ask(page, "one"), await ask(page, "one")]);
    return lines.map(({ method, status }) => `${String(method)} ${String(status)}`);
  };
  const minting = ["GET 401", "GET 401", "OPTIONS 204", "POST 200"];
  expect(await requests(sameSite)).toEqual([...minting, "GET 200", "GET 200"]);
  expect(await requests(crossSite)).toEqual([...minting, "OPTIONS 204", "GET 200", "OPTIONS 204", "GET 200"]);
});

describe("ALTCHA", () => {
  test.each([
    ["a cookie", WWW, ["__Host-Http-bff-puzzle"]],
    ["a token", ELSEWHERE, []],
  ])("is solved in a worker, once for all that is asked, for %s", async (_what, host, cookies) => {
    const { page, context, answers } = await visit(host);
    const workers: string[] = [];
    page.on("worker", (worker) => workers.push(worker.url()));
    expect(await Promise.all([1, 2, 3].map(() => ask(page, "puzzle")))).toEqual([200, 200, 200]);
    expect(workers).toEqual([`${site.origin(host)}/bff-client.js`]);
    expect(answers.filter((answer) => answer.startsWith("POST"))).toEqual(["POST session 403", "POST session 200"]);
    expect(await cookieNames(context)).toEqual(cookies);
    await until(() => page.workers().length === 0);
  });

  test("is solved in the page where no worker may be", async () => {
    const { page, answers } = await visit(WWW);
    await page.evaluate("globalThis.Worker = class { constructor() { throw new TypeError('none here'); } }");
    expect(await ask(page, "puzzle")).toBe(200);
    expect(answers.at(-1)).toBe("GET puzzle 200");
  });
});

describe("a session that has ended", () => {
  test("cookie gone: one new one, and nobody notices", async () => {
    const { page, context, answers } = await visit(WWW);
    expect(await ask(page, "one")).toBe(200);
    await context.clearCookies();
    answers.length = 0;
    expect(await Promise.all([1, 2, 3].map(() => ask(page, "one")))).toEqual([200, 200, 200]);
    expect(answers.filter((answer) => answer.startsWith("POST"))).toEqual(["POST session 200"]);
    expect(await cookieNames(context)).toEqual(["__Host-Http-bff-one"]);
  });

  test("secrets dropped: the same for cookies and tokens", async () => {
    const pages = [await visit(WWW), await visit(ELSEWHERE)];
    for (const { page } of pages) expect(await ask(page, "one")).toBe(200);
    await server.stop();
    server = await start("b");
    for (const { page, answers } of pages) {
      answers.length = 0;
      expect(await Promise.all([1, 2, 3].map(() => ask(page, "one")))).toEqual([200, 200, 200]);
      expect(answers.filter((answer) => answer.startsWith("POST"))).toEqual(["POST session 200"]);
    }
  });
});

describe("Retry-After", () => {
  /** The next answer of the proxy is this one; then it answers by itself. */
  async function refuseOnce(page: Page, status: number, retryAfter: string): Promise<void> {
    const headers = { "access-control-allow-origin": site.origin(WWW), "access-control-expose-headers": "retry-after" };
    await page.route(/\/v2\//, (route) => route.fulfill({ status, headers: { ...headers, "retry-after": retryAfter } }), { times: 1 });
  }
  /** The browser's words for what was made up here. */
  afterEach(() => void complaints.splice(0, 1));

  test.each([429, 503])("of a %i is waited for, then it is asked once more", async (status) => {
    const { page, answers } = await visit(WWW);
    await refuseOnce(page, status, "1");
    expect(await ask(page, "open")).toBe(200);
    expect(answers).toEqual([`GET open ${status}`, "GET open 200"]);
  });

  test.each(["2", "Sun, 22 Nov 2026 10:00:00 GMT"])("of %s is too long or no number: the page's own affair", async (retryAfter) => {
    const { page, answers } = await visit(WWW);
    await refuseOnce(page, 429, retryAfter);
    expect(await ask(page, "open", search("open"), { longestWaitSeconds: 1 })).toBe(429);
    expect(answers).toEqual(["GET open 429"]);
  });

  test("is waited for no longer than the page wants its answer", async () => {
    const { page, answers } = await visit(WWW);
    await refuseOnce(page, 429, "30");
    const given = callIn(page, "readUntilGivenUp", proxy("open"), search("open"));
    await until(() => answers.length === 1);
    await page.evaluate("giveUp()");
    expect(await given).toEqual({ error: "AbortError" });
    expect(answers).toEqual(["GET open 429"]);
  });
});
