import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Seen, Site } from "../support/browser.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import type { ServerProcess } from "../support/cli.ts";
import { callIn, fetchIn, launchBrowser, startSite } from "../support/browser.ts";
import { startServerProcess, until } from "../support/cli.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

/** Hosts under localhost: the first two are one site, the third is another (the proxy is bff.acme.localhost). */
const [WWW, SHOP, FOREIGN] = ["www.acme.localhost", "shop.acme.localhost", "www.evil.localhost"] as const;
const LIMITS = "limits: { requests: 100000/min, misses: 100000/min }\n";

let upstream: RecordingUpstream;
let site: Site;
let server: ServerProcess;
let browser: Browser;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  site = await startSite();
  server = await startServerProcess({
    upstream: upstream.url,
    frontends: {
      "store-locator": `key: locator-read\norigins: [https://stores.acme.example]\n${LIMITS}`,
      narrow: "key: locator-read\norigins: [https://stores.acme.example]\nlimits: { requests: 100000/min, misses: 1/min }\n",
    },
    env: { DEV_ORIGINS: `${site.origin(WWW)}, http://elsewhere.test` },
  });
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
  upstream.answer(() =>
    json({ page: 1, max_page: 1, count: 1, businesses: [{ id: "a", name: "Acme Opéra", contacts: [{ name: "Jeanne" }] }] }),
  );
});

/** A fresh profile on a page of this host. */
async function openPage(host: string): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(`${site.origin(host)}/`);
  return page;
}

/** Addresses differ, so that no answer comes from the browser's own cache. */
let asked = 0;
function search(frontend = "store-locator"): string {
  asked += 1;
  return `http://bff.acme.localhost:${server.port}/${frontend}/v2/business/search?page=${asked}`;
}

/** How many lines the log has, once everything up to now is in it. */
async function linesSoFar(): Promise<number> {
  const marker = (await fetch(`${server.url}/marker`)).headers.get("x-request-id");
  await until(() => server.log().some((line) => line["request_id"] === marker));
  return server.log().length;
}

function status(seen: Seen): number | string {
  return "error" in seen ? seen.error : seen.status;
}

describe("a page of a listed origin", () => {
  test("reads status, body and every exposed field", async () => {
    const seen = await fetchIn(await openPage(WWW), search());
    expect(seen).toMatchObject({ status: 200, type: "cors" });
    if ("error" in seen) return;
    expect(JSON.parse(seen.body)).toEqual({ page: 1, max_page: 1, count: 1, businesses: [{ id: "a", name: "Acme Opéra" }] });
    expect(seen.fields).toMatchObject({
      etag: expect.stringMatching(/^"/),
      "x-request-id": expect.any(String),
      "cache-status": "partoo-bff; fwd=miss",
    });
    expect(Object.keys(seen.fields)).not.toContain("content-security-policy");
  });

  test("needs no preflight for a plain GET", async () => {
    const seen = await fetchIn(await openPage(WWW), search());
    expect(status(seen)).toBe(200);
    await linesSoFar();
    expect(server.log().filter(({ decision }) => decision === "preflight")).toEqual([]);
  });

  test("passes its preflight with If-None-Match, and is told 304 by its own tag", async () => {
    const page = await openPage(WWW);
    const url = search();
    const first = await fetchIn(page, url, { cache: "no-store" });
    const etag = "error" in first ? "" : (first.fields["etag"] ?? "");
    expect(etag).not.toBe("");
    const again = await fetchIn(page, url, { cache: "no-store", headers: { "if-none-match": etag } });
    expect(status(again)).toBe(304);
    await until(() => server.log().some(({ decision }) => decision === "preflight"));
  });

  test("can read why it was refused, and how long to wait after 429", async () => {
    const page = await openPage(WWW);
    expect(await fetchIn(page, `${search()}&org_id=1`)).toMatchObject({ status: 400, body: expect.stringContaining("parameter-unknown") });
    await fetchIn(page, search("narrow"));
    const refused = await fetchIn(page, search("narrow"));
    expect(refused).toMatchObject({
      status: 429,
      fields: {
        "retry-after": expect.stringMatching(/^\d+$/),
        ratelimit: expect.stringMatching(/^"misses";r=0;t=\d+$/),
        "ratelimit-policy": '"misses";q=1;w=60',
      },
      body: expect.stringContaining("rate-limited"),
    });
    expect(upstream.requests).toHaveLength(1);
  });

  test("can't read an answer for which it asked with credentials", async () => {
    expect(await fetchIn(await openPage(WWW), search(), { credentials: "include" })).toEqual({ error: "TypeError" });
  });

  test("can't write", async () => {
    const page = await openPage(WWW);
    expect(await fetchIn(page, search(), { method: "DELETE" })).toEqual({ error: "TypeError" });
    expect(await fetchIn(page, search(), { method: "POST", body: "a=1" })).toMatchObject({ status: 405 });
    expect(upstream.requests).toEqual([]);
  });
});

describe.each([
  ["of the same site that is not listed", SHOP],
  ["of another site", FOREIGN],
])("a page %s", (_what, host) => {
  test("reads nothing, and its request reaches no Partoo", async () => {
    const page = await openPage(host);
    expect(await fetchIn(page, search())).toEqual({ error: "TypeError" });
    expect(await fetchIn(page, search(), { headers: { "if-none-match": '"x"' } })).toEqual({ error: "TypeError" });
    expect(upstream.requests).toEqual([]);
  });

  test("gets an opaque nothing with mode no-cors, and its request reaches no Partoo", async () => {
    expect(await fetchIn(await openPage(host), search(), { mode: "no-cors" })).toMatchObject({ status: 0, type: "opaque", body: "" });
    expect(upstream.requests).toEqual([]);
  });

  test("with an opaque origin (a sandboxed frame) reads nothing either", async () => {
    const page = await openPage(host);
    const seen = await callIn(page, "readFromSandboxedFrame", search());
    expect(seen).toBe("refused");
    expect(upstream.requests).toEqual([]);
  });
});

/** Ways in which a document itself loads an address: functions of page-script.js with what comes before and after the address. */
const LOADERS: readonly (readonly [name: string, before: readonly string[], after: readonly string[]])[] = [
  ["loadElement", ["img"], []],
  ["loadElement", ["img"], ["anonymous"]],
  ["loadElement", ["script"], []],
  ["loadElement", ["iframe"], []],
  ["loadElement", ["video"], []],
  ["loadStylesheet", [], []],
  ["submitForm", [], []],
  ["navigate", [], []],
];

describe.each([
  [WWW, { "fetch-metadata-refused": 8 }],
  // With crossorigin an image says where it comes from, and that is refused first.
  [FOREIGN, { "fetch-metadata-refused": 7, "origin-not-allowed": 1 }],
])("on a page of %s", (host, refusals) => {
  test("images, scripts, styles, frames, forms and navigations are refused by what the browser says of them, and reach no Partoo", async () => {
    const before = await linesSoFar();
    for (const [name, first, last] of LOADERS) await callIn(await openPage(host), name, ...first, search(), ...last);
    const codes = (): Record<string, number> => {
      const lines = server.log().slice(before);
      return Object.fromEntries(Object.keys(refusals).map((code) => [code, lines.filter((line) => line["code"] === code).length]));
    };
    await until(() => Object.values(codes()).reduce((sum, count) => sum + count, 0) >= LOADERS.length);
    expect(codes()).toEqual(refusals);
    expect(upstream.requests).toEqual([]);
  });
});
