/** A shared cache in front (nginx proxy_cache) keeps what everybody may read, and nothing that belongs to a session. */
import { describe, expect, test } from "vitest";
import type { Minted } from "./served.ts";
import { CACHE_FIELD, startCdn } from "../support/nginx.ts";
import { ORIGIN } from "../support/proxy.ts";
import { mint, startServed } from "./served.ts";

const OTHER = "https://other.acme.example";
const SEARCH = "/store-locator/v2/business/search?city=Paris";
const UNKNOWN = "/store-locator/v2/business/5d9f3a1c7ab86e4c02b5d1aa";

async function scene(session: string, origins = [ORIGIN]) {
  const served = await startServed({ "store-locator": `session: ${session}\n` }, { origins });
  const cdn = await startCdn(served.gateway.url);
  const ask = async (fields: Readonly<Record<string, string>> = {}, target = SEARCH, method = "GET") => {
    const answer = await fetch(cdn.url + target, { method, headers: { origin: ORIGIN, ...fields } });
    return { status: answer.status, from: answer.headers.get(CACHE_FIELD), headers: answer.headers, text: await answer.text() };
  };
  return { ...served, cdn, ask };
}

const bearerOf = ({ json }: Minted): { readonly authorization: string } => ({ authorization: `Bearer ${json.token}` });

describe("on-miss", () => {
  test("what a session's request stored is served without one, and without asking the proxy", async () => {
    const { cdn, ask, gateway, calls } = await scene("on-miss");
    const { cookie } = await mint(cdn.url);
    const first = await ask({ cookie });
    expect([first.status, first.from, first.headers.get("set-cookie")]).toEqual([200, "MISS", null]);
    const before = gateway.log.length;
    const [without, forged] = [await ask(), await ask({ cookie: `${cookie}x` })];
    expect([without.from, without.text, forged.from, forged.text]).toEqual(["HIT", first.text, "HIT", first.text]);
    expect([gateway.log.length, calls()]).toEqual([before, 1]);
    expect(cdn.stored().join()).not.toContain(cookie.slice(cookie.indexOf("=") + 1));
  });

  test("the same with a bearer, which an answer must allow in so many words (RFC 9111 §3.5)", async () => {
    const { cdn, ask } = await scene("on-miss");
    const bearer = bearerOf(await mint(cdn.url, { site: "cross-site" }));
    const first = await ask(bearer);
    expect([first.status, first.headers.get("cache-control")]).toEqual([200, expect.stringMatching(/^public, max-age=\d+$/)]);
    expect((await ask()).from).toBe("HIT");
  });

  test("a 401 is never stored, whether nothing was presented or a forgery: the next one with a session gets its answer", async () => {
    const { cdn, ask } = await scene("on-miss");
    for (const fields of [{}, {}, { cookie: "__Host-Http-bff-store-locator=a.b.c" }, { authorization: "Bearer a.b.c" }]) {
      const refused = await ask(fields);
      expect([refused.status, refused.from, refused.headers.get("cache-control")]).toEqual([401, "MISS", "no-store"]);
    }
    expect(cdn.stored()).toEqual([]);
    const { cookie } = await mint(cdn.url);
    expect((await ask({ cookie })).status).toBe(200);
  });

  test("a session's cookie or bearer is never stored, even where POST is: each one gets its own", async () => {
    const { cdn } = await scene("on-miss");
    const cookies = [await mint(cdn.url), await mint(cdn.url)].map(({ cookie }) => cookie);
    const bearers = [await mint(cdn.url, { site: "cross-site" }), await mint(cdn.url, { site: "cross-site" })].map(
      ({ json }) => json.token,
    );
    expect(new Set([...cookies, ...bearers]).size).toBe(4);
    expect(cdn.stored()).toEqual([]);
  });
});

describe("required", () => {
  test("nothing is stored: neither the answer, nor that there is none, nor a 401; the description is", async () => {
    const { cdn, ask, gateway } = await scene("required");
    const { cookie } = await mint(cdn.url);
    for (const target of [SEARCH, SEARCH, UNKNOWN]) {
      const answer = await ask({ cookie }, target);
      expect([answer.from, answer.headers.get("cache-control")]).toEqual(["MISS", expect.stringMatching(/^(private, |no-store$)/)]);
    }
    expect([(await ask()).status, (await ask({}, "/store-locator/session")).status]).toEqual([401, 405]);
    expect(cdn.stored()).toEqual([]);
    await ask({}, "/store-locator/openapi.json");
    expect((await ask({}, "/store-locator/openapi.json")).from).toBe("HIT");
    expect(gateway.log.filter(({ status }) => status === 500)).toEqual([]);
  });
});

test("several origins: each is stored for itself, and none is answered with another's Access-Control-Allow-Origin", async () => {
  const { cdn, ask } = await scene("on-miss", [ORIGIN, OTHER]);
  const { cookie } = await mint(cdn.url);
  const allowed = async (origin: string, fields = {}): Promise<readonly (string | null)[]> => {
    const { from, headers } = await ask({ origin, ...fields });
    return [from, headers.get("access-control-allow-origin")];
  };
  expect(await allowed(ORIGIN, { cookie })).toEqual(["MISS", ORIGIN]);
  expect(await allowed(OTHER)).toEqual(["MISS", OTHER]);
  expect(await allowed(ORIGIN)).toEqual(["HIT", ORIGIN]);
  expect(await allowed(OTHER)).toEqual(["HIT", OTHER]);
  const foreign = await ask({ origin: "https://elsewhere.example" });
  expect([foreign.status, foreign.headers.get("access-control-allow-origin")]).toEqual([403, null]);
});
