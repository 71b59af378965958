/** No forged session gets an answer that needs one, a call to Partoo, or a line in the log that repeats it. */
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { beforeAll, afterAll, describe, expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { BFF_YAML, FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, mint, pipeline, startServed } from "./served.ts";
import { SECRET_A, SECRET_B, tokenByHand } from "./support.ts";

const OTHER = "https://other.acme.example";
const SESSION_SECRETS = `k1:${SECRET_A.toString("base64url")}`;
const MODES = ["required", "on-miss"] as const;
const NOW = Math.floor(Date.now() / 1000);
const SID = "0123456789abcdefghijkA";

const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const publicPem = publicKey.export({ type: "spki", format: "pem" });

type Use = "cookie" | "bearer";
/** What a genuine token of this use and frontend says, but for what is changed. */
type Forge = (changes: Parameters<typeof tokenByHand>[0]) => string;

function forger(use: Use, frontend: string): Forge {
  const hash = createHash("sha256").update(ORIGIN).digest("base64url");
  const own = { aud: frontend, iat: NOW, exp: NOW + 900, sid: SID, use, ...(use === "bearer" ? { origin_hash: hash } : {}) };
  return ({ claims, ...others }) => tokenByHand({ ...others, claims: { ...own, ...claims } });
}

const FORGERIES: readonly (readonly [what: string, make: (forge: Forge) => string])[] = [
  ["alg none without a signature", (forge) => `${encoded({ alg: "none", kid: "k1", typ: "bff-session+jwt" })}.${forge({}).split(".")[1]}.`],
  [
    "alg none with a genuine signature",
    (forge) => forge({}).replace(/^[^.]+/, encoded({ alg: "none", kid: "k1", typ: "bff-session+jwt" })),
  ],
  ["alg none, signed", (forge) => forge({ header: { alg: "none" } })],
  ["RS256 in name, an HMAC with a public key in fact", (forge) => forge({ header: { alg: "RS256" }, secret: publicPem })],
  ["HS256, an HMAC with a public key", (forge) => forge({ secret: publicPem })],
  ["RS256 with a key of one's own", (forge) => signedByRsa(forge({ header: { alg: "RS256" } }))],
  ["HS512 with the genuine secret", (forge) => forge({ header: { alg: "HS512" }, digest: "sha512" })],
  ["no exp", (forge) => forge({ claims: { exp: undefined } })],
  ["typ JWT", (forge) => forge({ header: { typ: "JWT" } })],
  ["no typ", (forge) => forge({ header: { typ: undefined } })],
  ["another aud", (forge) => forge({ claims: { aud: "https://partoo.example" } })],
  ["several aud", (forge) => forge({ claims: { aud: [...MODES] } })],
  ["of another frontend", (forge) => forge({ claims: { aud: "second" } })],
  ["expired", (forge) => forge({ claims: { iat: NOW - 901, exp: NOW - 1 } })],
  ["iat in a minute", (forge) => forge({ claims: { iat: NOW + 60 } })],
  ["nbf in a minute", (forge) => forge({ claims: { nbf: NOW + 60 } })],
  ["an unknown kid", (forge) => forge({ header: { kid: "k2" } })],
  ["another secret", (forge) => forge({ secret: SECRET_B })],
  ["truncated by a character", (forge) => forge({}).slice(0, -1)],
  ["truncated to two parts", (forge) => forge({}).split(".").slice(0, 2).join(".")],
  ["changed after signing", (forge) => forge({}).replace(/\.[^.]+\./, `.${encoded({ aud: "required", exp: NOW + 9e5, sid: SID })}.`)],
  ["oversized, signed", (forge) => forge({ claims: { more: "x".repeat(2000) } })],
  ["7 kB", () => "a".repeat(7000)],
  ["a use of the other kind", (forge) => forge({ claims: { use: "admin" } })],
  ["of another version, without use", (forge) => forge({ claims: { use: undefined } })],
];

function signedByRsa(token: string): string {
  const signed = token.split(".").slice(0, 2).join(".");
  return `${signed}.${createSign("sha256").update(signed).sign(privateKey, "base64url")}`;
}

const fieldOf = (use: Use, frontend: string, token: string): string =>
  use === "cookie" ? `Cookie: __Host-Http-bff-${frontend}=${token}` : `Authorization: Bearer ${token}`;

let asked = 0;
/** A search that nobody has asked for: only a session gets it. */
const fresh = (frontend: string): string => `/${frontend}/v2/business/search?city=Nowhere-${(asked += 1)}`;

let upstream: RecordingUpstream;
let gateway: TestGateway;
beforeAll(async () => {
  upstream = await startRecordingUpstream(() => EMPTY_PAGE);
  const frontend = (session: string): string => `${FRONTEND_YAML.replace(`[${ORIGIN}]`, `[${ORIGIN}, ${OTHER}]`)}session: ${session}\n`;
  const frontends = { required: frontend("required"), "on-miss": frontend("on-miss"), second: frontend("required") };
  gateway = await startGateway({ upstream: upstream.url, bff: BFF_YAML, frontends, env: { SESSION_SECRETS } });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** Of a search that only a session gets. */
async function statusWith(frontend: string, field: string): Promise<number> {
  return (await sendRaw(gateway.port, request(fresh(frontend), { fields: [field] }))).status;
}

/** Sends it, and holds that it got nothing. */
async function expectRefused(frontend: string, fields: readonly string[], { origin = ORIGIN, what = "" } = {}): Promise<void> {
  const before = upstream.requests.length;
  const answer = await sendRaw(gateway.port, request(fresh(frontend), { fields, origin }));
  const { code } = JSON.parse(answer.body) as { readonly code: string };
  expect([answer.status, code], what).toEqual([401, "session-invalid"]);
  expect(answer.headers).toMatchObject({
    "cache-control": "no-store",
    "www-authenticate": `Bearer realm="${frontend}", error="invalid_token"`,
  });
  expect(answer.headers).not.toHaveProperty("set-cookie");
  expect(upstream.requests.length).toBe(before);
  for (const part of fields.flatMap((field) => field.split(/[.= ]/)).filter(({ length }) => length > 20)) {
    expect(answer.text).not.toContain(part);
    expect(JSON.stringify(gateway.log)).not.toContain(part);
  }
}

describe.each(MODES)("%s", (frontend) => {
  test.each(["cookie", "bearer"] as const)("the %s that the forgeries are made of is genuine, before and after them", async (use) => {
    const genuine = fieldOf(use, frontend, forger(use, frontend)({}));
    expect(await statusWith(frontend, genuine)).toBe(200);
    await Promise.all(
      FORGERIES.map(([what, make]) => expectRefused(frontend, [fieldOf(use, frontend, make(forger(use, frontend)))], { what })),
    );
    expect(await statusWith(frontend, genuine)).toBe(200);
  });

  test("a bearer of another page, of an app, or in the place of a cookie, and a cookie in the place of a bearer", async () => {
    const cookie = forger("cookie", frontend)({});
    const bearer = forger("bearer", frontend)({});
    await expectRefused(frontend, [fieldOf("bearer", frontend, bearer)], { origin: OTHER });
    const ofApp = createHash("sha256").update("app").digest("base64url");
    await expectRefused(frontend, [fieldOf("bearer", frontend, forger("bearer", frontend)({ claims: { origin_hash: ofApp } }))]);
    await expectRefused(frontend, [fieldOf("cookie", frontend, bearer)]);
    await expectRefused(frontend, [fieldOf("bearer", frontend, cookie)]);
    expect(await statusWith(frontend, fieldOf("bearer", frontend, bearer))).toBe(200);
  });

  test("two at once, each of them genuine: a cookie and a bearer, or two cookies", async () => {
    const [one, other] = [forger("cookie", frontend)({}), forger("cookie", frontend)({ claims: { sid: "AAAAAAAAAAAAAAAAAAAAAA" } })];
    const bearer = fieldOf("bearer", frontend, forger("bearer", frontend)({}));
    await expectRefused(frontend, [fieldOf("cookie", frontend, one), bearer]);
    await expectRefused(frontend, [fieldOf("cookie", frontend, one), fieldOf("cookie", frontend, other)]);
    await expectRefused(frontend, [`${fieldOf("cookie", frontend, one)}; ${fieldOf("cookie", frontend, other).slice(8)}`]);
    await expectRefused(frontend, [`${fieldOf("cookie", frontend, one)}; ${fieldOf("cookie", frontend, one).slice(8)}`]);
    expect([await statusWith(frontend, fieldOf("cookie", frontend, one)), await statusWith(frontend, bearer)]).toEqual([200, 200]);
  });

  test("ten thousand random ones, some of them with a genuine header and genuine claims", async () => {
    const [header = "", claims = ""] = forger("cookie", frontend)({}).split(".");
    const before = upstream.requests.length;
    const random = (nth: number): string => {
      const first = nth % 2 === 0 ? header : randomBytes(40).toString("base64url");
      return `${first}.${nth % 4 < 2 ? claims : randomBytes(90).toString("base64url")}.${randomBytes(32).toString("base64url")}`;
    };
    const requests = Array.from({ length: 10_000 }, (_, nth) =>
      request(fresh(frontend), { fields: [fieldOf(nth % 3 === 0 ? "bearer" : "cookie", frontend, random(nth))] }),
    );
    const parts = [0, 1, 2, 3].map((part) => requests.filter((_, nth) => nth % 4 === part));
    const statuses = (await Promise.all(parts.map((part) => pipeline(gateway.port, part)))).flat();
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect([statuses.length, upstream.requests.length]).toEqual([10_000, before]);
    const genuine = fieldOf("cookie", frontend, forger("cookie", frontend)({}));
    expect(await statusWith(frontend, genuine)).toBe(200);
  });
});

test("on one connection each request is read for itself: with a session, without, with a forgery, and again", async () => {
  const genuine = fieldOf("cookie", "required", forger("cookie", "required")({}));
  const fields = [[genuine], [], [`${genuine}x`], [genuine], []];
  const requests = Array.from({ length: 100 }, (_, nth) => request(fresh("required"), { fields: fields[nth % fields.length] ?? [] }));
  const expected = Array.from({ length: 20 }, () => [200, 401, 401, 200, 401]).flat();
  expect(await pipeline(gateway.port, requests)).toEqual(expected);
});

test("no session travels to Partoo, genuine or forged", async () => {
  const tokens = [forger("cookie", "on-miss")({}), forger("bearer", "on-miss")({})];
  for (const [nth, use] of (["cookie", "bearer"] as const).entries())
    expect(await statusWith("on-miss", fieldOf(use, "on-miss", tokens[nth]!))).toBe(200);
  const sent = upstream.requests.map(({ head }) => head).join("");
  for (const name of ["cookie", "authorization", "origin"]) expect(sent.toLowerCase()).not.toContain(`\r\n${name}:`);
  for (const part of tokens.flatMap((token) => token.split("."))) expect(sent).not.toContain(part);
});

test("on-miss: a forged session does not keep a stored answer from whoever presents it", async () => {
  const target = fresh("on-miss");
  const genuine = fieldOf("cookie", "on-miss", forger("cookie", "on-miss")({}));
  const stored = await sendRaw(gateway.port, request(target, { fields: [genuine] }));
  const forged = await sendRaw(gateway.port, request(target, { fields: [`${genuine}x`] }));
  expect([stored.status, forged.status, forged.body]).toEqual([200, 200, stored.body]);
});

test("rotation between two processes: added, switched, dropped; what a dropped secret signed is none", async () => {
  const [a, b] = [`a:${SECRET_A.toString("base64url")}`, `b:${SECRET_B.toString("base64url")}`];
  const { gateway: old, another } = await startServed({ "store-locator": "session: required\n" }, { env: { SESSION_SECRETS: a } });
  const statusAt = async (at: TestGateway, cookie: string): Promise<number> =>
    (await at.get(undefined, { headers: { origin: ORIGIN, cookie } })).status;
  const first = await mint(old.url);

  const added = await another({ env: { SESSION_SECRETS: `${a},${b}` } });
  expect([await statusAt(added, first.cookie), await statusAt(old, (await mint(added.url)).cookie)]).toEqual([200, 200]);

  const switched = await another({ env: { SESSION_SECRETS: `${b},${a}` } });
  const second = await mint(switched.url);
  expect([await statusAt(switched, first.cookie), await statusAt(added, second.cookie), await statusAt(old, second.cookie)]).toEqual([
    200, 200, 401,
  ]);

  const dropped = await another({ env: { SESSION_SECRETS: b } });
  expect([await statusAt(dropped, first.cookie), await statusAt(dropped, second.cookie)]).toEqual([401, 200]);

  // The name is no secret: whoever takes it over for another one has not learned the first.
  const renamed = await another({ env: { SESSION_SECRETS: b.replace("b:", "a:") } });
  expect(await statusAt(renamed, first.cookie)).toBe(401);
});
