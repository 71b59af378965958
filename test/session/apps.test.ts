/** Apps: no Origin, no cookie, a token of an issuer as the proof, and the list of stores kept by its ETag. Over sockets, in front of the sandbox. */
import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { ALL_FIELDS } from "../directory/support.ts";
import { EVERYTHING } from "../sandbox/support.ts";
import { until } from "../support/cli.ts";
import { startGateway } from "../support/gateway.ts";
import { ORIGIN } from "../support/proxy.ts";
import type { Issuer } from "./issuer.ts";
import { answerKeys, answerText, signingKey, startIssuer } from "./issuer.ts";

const BFF = `version: 1
organizations: { acme: { quota: 10000/min, reserve: 0%, instances: 1 } }
keys:
  locator-read:
    organization: acme
    permissions: []
    allow:
      GET /business/search: { query: { city: {} }, fields: [${ALL_FIELDS}], cache: 10m }
      GET /business/{business_id}: { fields: [${ALL_FIELDS}], cache: 10m }
`;
/** As Firebase App Check makes them. */
const [ISSUER, AUDIENCE, APP] = ["https://firebaseappcheck.googleapis.com/123456789", "projects/123456789", "1:123456789:ios:abc"] as const;
const key = signingKey("k1", "RS256");

function proofOf(claims: object = {}, signing = key): string {
  const now = Math.floor(Date.now() / 1000);
  return signing.token({ iss: ISSUER, aud: [AUDIENCE, "projects/acme"], sub: APP, iat: now, exp: now + 3600, ...claims });
}

async function scene() {
  const sandbox = await startSandbox({ stores: 40, limitPerMinute: 10_000 });
  onTestFinished(() => sandbox.close());
  const issuer = await startIssuer(answerKeys(key));
  const jwt = `{ jwt: { issuer: "${ISSUER}", audience: ${AUDIENCE}, jwks: "${issuer.url.href}", subjects: ["${APP}"] } }`;
  const gateway = await startGateway({
    upstream: sandbox.url,
    bff: BFF,
    frontends: {
      "mobile-app": `key: locator-read\napps: true\norigins: ["capacitor://localhost"]\nstores: true\nsession: required\nproof: ${jwt}\n`,
      plain: `key: locator-read\norigins: ["${ORIGIN}"]\nstores: true\n`,
    },
    env: { PARTOO_KEY_LOCATOR_READ: EVERYTHING, SESSION_SECRETS: `a:${randomBytes(32).toString("base64url")}` },
  });
  onTestFinished(() => gateway.close());
  await until(async () => (await gateway.get("/plain/stores/all")).status === 200);
  return { sandbox, issuer, gateway };
}

interface Minted {
  readonly status: number;
  readonly headers: Headers;
  readonly json: { readonly use?: string; readonly token?: string; readonly expires_in?: number; readonly code?: string };
}

async function mint(gateway: TestGateway, content?: object, headers: Readonly<Record<string, string>> = {}): Promise<Minted> {
  const answer = await fetch(`${gateway.url}/mobile-app/session`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(content ?? {}),
  });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Minted["json"] };
}

/** As an app asks: without an Origin. */
function read(gateway: TestGateway, headers: Readonly<Record<string, string>>, target = "/mobile-app/stores/all"): Promise<Response> {
  return fetch(gateway.url + target, { headers });
}

async function codeOf(answer: Response): Promise<unknown> {
  return [answer.status, ((await answer.json()) as { code: string }).code];
}

test("an app shows its token once, then reads all stores, and 304 as long as they are what it has", async () => {
  const { gateway } = await scene();
  expect(await codeOf(await read(gateway, {}))).toEqual([401, "session-required"]);
  const asked = await mint(gateway);
  expect([asked.status, asked.json.code, "challenge" in asked.json]).toEqual([403, "challenge-required", false]);
  const { json: minted, headers } = await mint(gateway, { proof: proofOf() });
  expect(minted).toEqual({ use: "bearer", token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), expires_in: 900 });
  expect([headers.get("set-cookie"), headers.get("cache-control")]).toEqual([null, "no-store"]);
  const authorization = `Bearer ${minted.token}`;
  const first = await read(gateway, { authorization });
  const etag = first.headers.get("etag")!;
  const plain = await gateway.get("/plain/stores/all");
  expect([first.status, await first.text()]).toEqual([200, await plain.text()]);
  expect(first.headers.get("cache-control")).toMatch(/^private, /);
  const again = await read(gateway, { authorization, "if-none-match": etag });
  expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
});

test("the ETag is the same for the next session, and for frontends that show the same", async () => {
  const { gateway } = await scene();
  const tags = await Promise.all(
    [0, 1].map(async () => {
      const { json: minted } = await mint(gateway, { proof: proofOf() });
      return (await read(gateway, { authorization: `Bearer ${minted.token}` })).headers.get("etag");
    }),
  );
  const plain = await gateway.get("/plain/stores/all");
  expect(tags).toEqual([plain.headers.get("etag"), plain.headers.get("etag")]);
});

test("its bearer is of no Origin: no page can use it, nor can it use a page's", async () => {
  const { gateway } = await scene();
  const origin = "capacitor://localhost";
  const { json: minted } = await mint(gateway, { proof: proofOf() });
  const { json: ofPage } = await mint(gateway, { proof: proofOf() }, { origin, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" });
  const [app, page] = [`Bearer ${minted.token}`, `Bearer ${ofPage.token}`];
  expect([(await read(gateway, { authorization: app })).status, (await read(gateway, { authorization: page, origin })).status]).toEqual([
    200, 200,
  ]);
  expect(await codeOf(await read(gateway, { authorization: app, origin }))).toEqual([401, "session-invalid"]);
  expect(await codeOf(await read(gateway, { authorization: page }))).toEqual([401, "session-invalid"]);
});

test.each([
  ["of another app", () => proofOf({ sub: "1:123456789:web:other" })],
  ["for another project", () => proofOf({ aud: ["projects/987654321"] })],
  ["that has ended", () => proofOf({ exp: Math.floor(Date.now() / 1000) - 60 })],
  ["signed by somebody else", () => proofOf({}, signingKey("k1", "RS256"))],
  ["that is none", () => "app-check"],
])("a token %s is no proof", async (_what, proof) => {
  const { gateway } = await scene();
  const { status, json } = await mint(gateway, { proof: proof() });
  expect([status, json.code, json.token]).toEqual([403, "challenge-invalid", undefined]);
});

test.each([
  ["answers with an error", (issuer: Issuer) => void (issuer.answer = answerText("", 503))],
  ["has no keys", (issuer: Issuer) => void (issuer.answer = answerKeys())],
  ["is away", (issuer: Issuer) => issuer.stop()],
])("while the issuer %s nobody gets a session", async (_what, goWrong) => {
  const { gateway, issuer } = await scene();
  await goWrong(issuer);
  const { status, headers, json } = await mint(gateway, { proof: proofOf() });
  expect([status, json.code, json.token]).toEqual([503, "challenge-unavailable", undefined]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(await codeOf(await read(gateway, {}))).toEqual([401, "session-required"]);
});

test("with the issuer gone after its keys were read apps go on, and a new key opens nothing", async () => {
  const { gateway, issuer } = await scene();
  const { json: minted } = await mint(gateway, { proof: proofOf() });
  await issuer.stop();
  expect((await read(gateway, { authorization: `Bearer ${minted.token}` })).status).toBe(200);
  expect((await mint(gateway, { proof: proofOf() })).status).toBe(200);
  const { status, json } = await mint(gateway, { proof: proofOf({}, signingKey("k2", "RS256")) });
  expect([status, json.code, json.token]).toEqual([403, "challenge-invalid", undefined]);
});
