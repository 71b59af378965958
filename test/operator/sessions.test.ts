/** What an operator sees of sessions: how many were minted, what was refused by code, and why. */
import { expect, test } from "vitest";
import type { Listener } from "./operator.ts";
import { gatewayFor, startPartoo } from "../cache/partoo.ts";
import { ORIGIN } from "../support/proxy.ts";
import { listenerOf } from "./operator.ts";

const SITE = `key: locator-read\norigins: [${ORIGIN}]\n`;
const FRONTENDS = {
  paying: `${SITE}session: on-miss\nproof: altcha\n`,
  closed: `${SITE}session: required\n`,
  plain: SITE,
};
const JSON_TYPE = { "content-type": "application/json" };

async function afterTraffic(): Promise<Listener> {
  const gateway = await gatewayFor(await startPartoo(), { frontends: FRONTENDS });
  const mint = (frontend: string, body = "{}"): Promise<Response> =>
    gateway.get(`/${frontend}/session`, { method: "POST", body, headers: { origin: ORIGIN, ...JSON_TYPE } });
  await mint("paying");
  await mint("paying", '{"proof":"secret-7"}');
  await gateway.get("/paying/v2/business/search?city=Secretville");
  await gateway.get("/paying/v2/business/search?city=Secretville", { headers: { origin: ORIGIN, authorization: "Bearer secret-9" } });
  const { token } = (await (await mint("closed")).json()) as { readonly token: string };
  await mint("closed");
  await gateway.get("/closed/v2/business/search?city=Secretville");
  await gateway.get("/closed/v2/business/search?zip=secret-75001", { headers: { origin: ORIGIN, authorization: `Bearer ${token}` } });
  await mint("plain");
  return listenerOf(gateway);
}

test("/metrics tells how many sessions were minted, and what was refused by code", async () => {
  const lines = await (await afterTraffic()).metric("exchanges_total");
  expect(lines.filter((line) => /session|challenge/.test(line)).toSorted()).toEqual([
    '{frontend="closed",route="",status="401",code="session-required"} 1',
    '{frontend="closed",route="/session",status="200",code=""} 2',
    '{frontend="paying",route="/business/search",status="401",code="session-invalid"} 1',
    '{frontend="paying",route="/business/search",status="401",code="session-required"} 1',
    '{frontend="paying",route="/session",status="403",code="challenge-invalid"} 1',
    '{frontend="paying",route="/session",status="403",code="challenge-required"} 1',
  ]);
});

test("the page lists them, each refusal with its explanation, and asking for a challenge is none", async () => {
  const { url } = await afterTraffic();
  const page = await (await fetch(url)).text();
  expect(page).toContain("/session");
  expect(page).not.toMatch(/secret/i);
  const links = [...page.matchAll(/href="(\/explain\?[^"]+)" aria-label="Explain ([^"]+)"/g)].map(
    ([, link = "", name = ""]) => [name, link.replaceAll("&amp;", "&")] as const,
  );
  const verdicts: string[] = [];
  for (const [name, link] of links) {
    const text = await (await fetch(url + link)).text();
    verdicts.push(`${name}: ${/class="verdict">\s*(?:<[^>]+>)*\s*([^<]+)/.exec(text)?.[1]?.trim()}`);
    if (name.startsWith("session-")) expect(text).toContain("frontends/");
    if (name === "session-required for GET /paying/v2/business/search?city={city}") expect(text).toContain("401 session-required then");
  }
  expect(verdicts.toSorted()).toEqual([
    "challenge-invalid for POST /paying/session: allowed",
    "method-not-allowed for POST /plain/session: refused: method-not-allowed",
    "parameter-unknown for GET /closed/v2/business/search?(unknown): refused: parameter-unknown",
    "session-invalid for GET /paying/v2/business/search?city={city}: allowed",
    "session-required for GET /closed/v2/business/search?city={city}: refused: session-required",
    "session-required for GET /paying/v2/business/search?city={city}: allowed",
  ]);
});

test("explain asks for a session in its form where a frontend has some", async () => {
  const { url } = await afterTraffic();
  expect(await (await fetch(`${url}/explain`)).text()).toContain('name="session"');
  const plain = await listenerOf(await gatewayFor(await startPartoo(), { frontends: { plain: SITE } }));
  expect(await (await fetch(`${plain.url}/explain`)).text()).not.toContain('name="session"');
});

test("the limit of sessions has a name of its own", async () => {
  const gateway = await gatewayFor(await startPartoo(), { frontends: FRONTENDS });
  const answers = await Promise.all(
    Array.from({ length: 61 }, () => gateway.get("/closed/session", { method: "POST", headers: { origin: ORIGIN } })),
  );
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get("ratelimit-policy")).toBe('"sessions";q=60;w=60');
});
