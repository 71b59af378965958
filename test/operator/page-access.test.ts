/** Who sees the operator's page, and whose forms act: signing in, sessions, and what other sites can't do. */
import { describe, expect, test } from "vitest";
import type { Listener } from "./operator.ts";
import { createSessions } from "../../src/operator/page/sessions.ts";
import { gatewayFor, startPartoo } from "../cache/partoo.ts";
import { launchBrowser } from "../support/browser.ts";
import { TOKEN, listenerOf } from "./operator.ts";
import { openPage, startScene } from "./scene.ts";

async function start(options: { readonly token?: string } = { token: TOKEN }) {
  const gateway = await gatewayFor(await startPartoo());
  return { gateway, listener: await listenerOf(gateway, options) };
}

type Fields = Readonly<Record<string, string>>;

/** A form as the page sends it, but for these header fields; an empty one is left out. */
function send({ url }: Listener, path: string, form: Fields, fields: Fields = {}): Promise<Response> {
  const headers = new Headers({
    origin: url,
    "sec-fetch-site": "same-origin",
    "content-type": "application/x-www-form-urlencoded",
    ...fields,
  });
  for (const [name, value] of Object.entries(fields)) if (value === "") headers.delete(name);
  return fetch(url + path, { method: "POST", redirect: "manual", headers, body: new URLSearchParams(form).toString() });
}

async function signIn(listener: Listener, fields: Fields = {}): Promise<string> {
  const answer = await send(listener, "/login", { token: TOKEN }, fields);
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"]);
  return answer.headers.get("set-cookie") ?? "";
}

const cookieOf = (setCookie: string): Fields => ({ cookie: setCookie.split(";")[0] ?? "" });
const wordIn = (text: string): string => /name="word" value="([^"]+)"/.exec(text)?.[1] ?? "";

/** The page's form word for a session. */
async function wordOf({ url }: Listener, cookie: Fields = {}): Promise<string> {
  const answer = await fetch(url, { headers: cookie });
  expect(answer.status).toBe(200);
  return wordIn(await answer.text());
}

describe("with a token", () => {
  test.each(["/", "/explain?target=/v2/business/search", "/?token=operator-canary-5d1c07e2"])(
    "GET %s is a form to sign in",
    async (path) => {
      const { listener } = await start();
      const answer = await fetch(listener.url + path);
      expect([answer.status, answer.headers.get("set-cookie")]).toEqual([401, null]);
      const text = await answer.text();
      expect(text).toContain('name="token"');
      expect(text).not.toContain("store-locator");
    },
  );

  test("the token opens a session: a cookie that holds no token, for an hour, for this site's own requests", async () => {
    const { listener } = await start();
    const cookie = await signIn(listener);
    expect(cookie).toMatch(/^partoo-bff-operator=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(await signIn(listener)).not.toBe(cookie);
    expect((await fetch(listener.url, { headers: cookieOf(cookie) })).status).toBe(200);
    expect((await fetch(listener.url, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
  });

  test("behind https the cookie is Secure", async () => {
    const { listener } = await start();
    expect(await signIn(listener, { origin: listener.url.replace("http:", "https:") })).toMatch(/; Secure/);
  });

  test.each([
    ["another", "operator-canary-5d1c07e3"],
    ["its beginning", "operator-canary"],
    ["none", ""],
  ])("%s is refused, and a line in the log", async (_name, token) => {
    const { gateway, listener } = await start();
    const answer = await send(listener, "/login", { token });
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([401, null]);
    expect(gateway.log.at(-1)).toMatchObject({ level: "warn", code: "operator-token" });
    expect(JSON.stringify(gateway.log)).not.toContain("canary");
  });

  test("ten attempts a minute: then even the right token waits, and who is signed in stays so", async () => {
    const { listener } = await start();
    const cookie = cookieOf(await signIn(listener));
    for (let attempt = 2; attempt <= 10; attempt += 1) expect((await send(listener, "/login", { token: "wrong" })).status).toBe(401);
    const answer = await send(listener, "/login", { token: TOKEN });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(50);
    expect((await fetch(listener.url, { headers: cookie })).status).toBe(200);
  });

  test("a session belongs to its process, opens no /api/, and ends by signing out", async () => {
    const { gateway, listener } = await start();
    const cookie = cookieOf(await signIn(listener));
    const other = await listenerOf(gateway, { token: TOKEN });
    expect((await fetch(other.url, { headers: cookie })).status).toBe(401);
    expect((await fetch(`${listener.url}/api/counters`, { headers: cookie })).status).toBe(401);
    const out = await send(listener, "/logout", {}, cookie);
    expect([out.status, out.headers.get("set-cookie")]).toEqual([303, expect.stringContaining("Max-Age=0")]);
    expect((await fetch(listener.url, { headers: cookie })).status).toBe(401);
    const names = gateway.log.map(({ action }) => action).filter((action) => action !== undefined);
    expect(names).toEqual(["login", "logout"]);
  });

  test("signing in by a browser leads to the page, and no address ever holds the token", async () => {
    const browser = await launchBrowser();
    try {
      const { listener, gateway } = await startScene({ token: TOKEN });
      const page = await openPage(browser, listener);
      const addresses: string[] = [];
      page.on("request", (request) => addresses.push(request.url()));
      await page.keyboard.type("operator-canary-0000");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Token").fill(TOKEN);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "This instance" }).waitFor();
      await page.getByLabel("Purge by tag").fill("key:locator-read");
      await page.keyboard.press("Enter");
      await page.getByText("by session").waitFor();
      expect(gateway.log).toContainEqual(expect.objectContaining({ operator: "session", action: "purge", tag: "key:locator-read" }));
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("Token").waitFor();
      expect(addresses.join("\n")).not.toContain("canary");
    } finally {
      await browser.close();
    }
  });
});

test("a session ends after an hour, whatever was asked meanwhile", () => {
  let now = 1000;
  const sessions = createSessions({ now: () => now });
  const [cookie = ""] = sessions.open(false).split(";");
  const head = { method: "GET", target: "/", httpVersion: "1.1", rawHeaders: [], headers: { cookie } };
  now = 3_600_000;
  expect(sessions.find(head)).toBeDefined();
  now = 3_601_001;
  expect(sessions.find(head)).toBeUndefined();
});

describe.each([["token" as const], ["loopback" as const]])("forms of an operator by %s", (kind) => {
  const FORGED: readonly (readonly [string, number, Fields, Fields])[] = [
    ["another site's page", 403, { origin: "https://evil.example", "sec-fetch-site": "cross-site" }, {}],
    ["another port's page", 403, { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }, {}],
    ["a page that hides its origin", 403, { origin: "null" }, {}],
    ["no page", 403, { origin: "", "sec-fetch-site": "" }, {}],
    ["a page that does not know the word", 403, {}, { word: "guessed" }],
    ["a page without the word", 403, {}, { word: "" }],
    ["text", 400, { "content-type": "text/plain" }, {}],
  ];
  test.each(FORGED)("%s: %d, and nothing is done", async (_name, status, fields, form) => {
    const { gateway, listener } = await start(kind === "token" ? { token: TOKEN } : {});
    const cookie = kind === "token" ? cookieOf(await signIn(listener)) : {};
    const word = await wordOf(listener, cookie);
    for (const path of ["/purge", "/reload"]) {
      const answer = await send(listener, path, { all: "true", word, ...form }, { ...cookie, ...fields });
      expect(answer.status).toBe(status);
    }
    expect(gateway.counts().purges).toBe(0);
    expect((await send(listener, "/purge", { all: "true", word }, cookie)).status).toBe(303);
    expect(gateway.counts().purges).toBe(1);
  });
});

test("a form of one session does not act in another, nor without one", async () => {
  const { gateway, listener } = await start();
  const [one, other] = [cookieOf(await signIn(listener)), cookieOf(await signIn(listener))];
  const word = await wordOf(listener, one);
  expect((await send(listener, "/purge", { all: "true", word }, other)).status).toBe(403);
  expect((await send(listener, "/purge", { all: "true", word })).status).toBe(401);
  expect(gateway.counts().purges).toBe(0);
});

test("a rebound name sees no page; a link from another site is told to come from here", async () => {
  const { listener } = await start({});
  const { sendRaw } = await import("../support/raw-client.ts");
  const get = (fields: string): ReturnType<typeof sendRaw> =>
    sendRaw(listener.port, `GET / HTTP/1.1\r\n${fields}\r\nConnection: close\r\n\r\n`);
  expect(await get("Host: evil.example")).toMatchObject({ status: 421 });
  const linked = await get(`Host: 127.0.0.1:${listener.port}\r\nSec-Fetch-Site: cross-site`);
  expect(linked.status).toBe(403);
  expect(linked.body).toContain('<a href="/">Go to the operator page</a>');
  expect(linked.body).not.toContain("store-locator");
});

test("every document: never stored, framed, sniffed or told on; scripts and styles by their hash only", async () => {
  const { listener } = await start();
  for (const path of ["/", "/explain"]) {
    const { headers } = await fetch(listener.url + path);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
    });
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-[\w+/=]{44}'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  }
});

test("what stands in an address is escaped", async () => {
  const { listener } = await start({});
  const evil = encodeURIComponent("\"><script>alert(1)</script>'&");
  const query = ["frontend", "method", "target", "origin", "server", "site", "mode", "dest"].map((name) => `${name}=${evil}`).join("&");
  const text = await (await fetch(`${listener.url}/explain?${query}`)).text();
  expect(text).toContain("&lt;script&gt;alert(1)");
  expect(text).not.toContain("<script>alert");
  expect(text).not.toMatch(/value=""&gt;|value="">/);
});

describe("POST /api/reload", () => {
  const post = ({ url }: Listener, fields: Fields): Promise<Response> =>
    fetch(`${url}/api/reload`, { method: "POST", headers: fields, body: "{}" });
  const json = { "content-type": "application/json" };

  test("tells what came of it, and is one line in the log", async () => {
    const { gateway, listener, reloader, spoil } = await startScene({ token: TOKEN });
    const bearer = { ...json, authorization: `Bearer ${TOKEN}` };
    expect(await (await post(listener, bearer)).json()).toMatchObject({ taken: false, result: "unchanged", faults: [] });
    spoil();
    const refused = (await (await post(listener, bearer)).json()) as { faults: string[] };
    expect(refused).toMatchObject({ taken: false, result: "refused", policy: gateway.instance.policy().version });
    expect(refused.faults).toHaveLength(2);
    expect(reloader.counts).toEqual({ taken: 0, refused: 1 });
    expect(gateway.log.at(-1)).toMatchObject({ operator: "token", action: "reload", result: "refused" });
    expect((await post(listener, json)).status).toBe(401);
    expect((await post(listener, { authorization: `Bearer ${TOKEN}`, "content-type": "text/plain" })).status).toBe(400);
  });

  test("404 where nothing can be reloaded", async () => {
    const { listener } = await start({});
    expect((await post(listener, json)).status).toBe(404);
  });
});
