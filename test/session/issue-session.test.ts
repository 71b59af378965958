/** Who gets a session, of which kind, and what the others are told. */
import type { Challenge } from "altcha-lib/types";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/pbkdf2";
import { describe, expect, test } from "vitest";
import type { IssuedSession, SessionApplicant, SessionRequest } from "../../src/session/issue-session.ts";
import type { FrontendProof, ProofPolicy, Proofs } from "../../src/session/proofs.ts";
import type { SessionUse } from "../../src/session/session-claims.ts";
import { KEEP_USED_MS } from "../../src/session/proof.ts";
import { MAX_SESSION_REQUEST_BYTES, issueSession, readSessionRequest } from "../../src/session/issue-session.ts";
import { createProofs } from "../../src/session/proofs.ts";
import { createUsedOnce } from "../../src/session/used-once.ts";
import { answerKeys, answerText, signingKey, startIssuer } from "./issuer.ts";
import { NOW_SECONDS, scene, secretsOf } from "./support.ts";

const ORIGIN = "https://stores.acme.example";
const SECRETS = secretsOf("k1:A");
const NONE: ProofPolicy = { kind: "none" };
const ALTCHA: ProofPolicy = { kind: "altcha", cost: 1 };

function proofsOf(): Proofs {
  return createProofs({ secrets: () => SECRETS, used: createUsedOnce({ keepMs: KEEP_USED_MS }) });
}

const frontendWith = (proof: ProofPolicy): FrontendProof => ({ name: "store-locator", proof });

/** Asks for sessions of one frontend, as a page of the same site unless `applicant` says otherwise. */
function desk(frontend: FrontendProof, proofs = proofsOf()) {
  const { tokens } = scene();
  return {
    tokens,
    ask: (request: SessionRequest = {}, applicant: Partial<SessionApplicant> = {}): Promise<IssuedSession> =>
      issueSession({ tokens, proofs }, { frontend, origin: ORIGIN, site: "same-site", ...applicant }, request),
  };
}

async function solution(challenge: object | undefined): Promise<string> {
  const solved = await solveChallenge({ challenge: challenge as Challenge, deriveKey });
  return Buffer.from(JSON.stringify({ challenge, solution: solved })).toString("base64");
}

describe("without a proof", () => {
  test.each<[string, string | undefined, SessionRequest, SessionUse]>([
    ["a page of the same site gets a cookie", "same-site", {}, "cookie"],
    ["a page of our own origin gets a cookie", "same-origin", {}, "cookie"],
    ["a page of another site gets a bearer, since its browser would keep no cookie", "cross-site", {}, "bearer"],
    ["an app and an old browser get a bearer", undefined, {}, "bearer"],
    ["a page without cookies gets the bearer that it asks for", "same-site", { use: "bearer" }, "bearer"],
  ])("%s", async (_, site, request, use) => {
    const { ask, tokens } = desk(frontendWith(NONE));
    const issued = await ask(request, { site });
    expect(issued).toMatchObject({ outcome: "issued", use, session: { expiresAt: NOW_SECONDS + 900 } });
    if (issued.outcome !== "issued") return;
    expect(await tokens.verify(issued.token, { frontend: "store-locator", use, origin: ORIGIN })).toEqual({ session: issued.session });
  });

  test("one that is sent nevertheless is not looked at", async () => {
    expect(await desk(frontendWith(NONE)).ask({ proof: "anything" })).toMatchObject({ outcome: "issued" });
  });
});

describe("with altcha", () => {
  test("a challenge comes first, its solution buys a session, and only one", async () => {
    const { ask } = desk(frontendWith(ALTCHA));
    const asked = await ask();
    expect(asked).toMatchObject({
      outcome: "challenge-required",
      challenge: { parameters: { cost: 1, data: { frontend: "store-locator" } } },
    });
    if (asked.outcome !== "challenge-required") return;
    const proof = await solution(asked.challenge);
    expect(await ask({ proof })).toMatchObject({ outcome: "issued", use: "cookie" });
    expect(await ask({ proof })).toEqual({ outcome: "challenge-invalid", reason: "used" });
  });

  test("an empty proof is a wrong one", async () => {
    expect(await desk(frontendWith(ALTCHA)).ask({ proof: "" })).toEqual({ outcome: "challenge-invalid", reason: "form" });
  });

  test("no session while nothing more can be remembered", async () => {
    const full = createProofs({ secrets: () => SECRETS, used: createUsedOnce({ keepMs: KEEP_USED_MS, max: 0 }) });
    const { ask } = desk(frontendWith(ALTCHA), full);
    const asked = await ask();
    if (asked.outcome !== "challenge-required") return expect(asked.outcome).toBe("challenge-required");
    expect(await ask({ proof: await solution(asked.challenge) })).toEqual({
      outcome: "unavailable",
      reason: "full",
      retryAfterSeconds: 10,
    });
  });
});

describe("with a signed token of an issuer", () => {
  const key = signingKey("k1");
  const claims = { iss: "https://issuer.example", aud: "bff", exp: Math.floor(Date.now() / 1000) + 3600 };
  const policyAt = (jwks: URL): ProofPolicy => ({ kind: "jwt", jwks, issuer: claims.iss, audience: claims.aud });

  test("there is no challenge, and the token buys a session", async () => {
    const { url } = await startIssuer(answerKeys(key));
    const { ask } = desk(frontendWith(policyAt(url)));
    expect(await ask()).toEqual({ outcome: "challenge-required", challenge: undefined });
    const issued = await ask({ proof: key.token(claims) }, { origin: undefined, site: undefined });
    expect(issued).toMatchObject({ outcome: "issued", use: "bearer" });
    expect(await ask({ proof: key.token({ ...claims, aud: "other" }) })).toEqual({ outcome: "challenge-invalid", reason: "aud" });
  });

  test("no session while the issuer's keys can't be had", async () => {
    const { url } = await startIssuer(answerText("down", 503));
    expect(await desk(frontendWith(policyAt(url))).ask({ proof: key.token(claims) })).toEqual({
      outcome: "unavailable",
      reason: "keys",
      retryAfterSeconds: 5,
    });
  });

  test("two frontends, and a configuration that changed, ask for an issuer's keys once", async () => {
    const issuer = await startIssuer(answerKeys(key));
    const proofs = proofsOf();
    for (const frontend of [frontendWith(policyAt(issuer.url)), { ...frontendWith(policyAt(new URL(issuer.url))), name: "other" }]) {
      expect(await desk(frontend, proofs).ask({ proof: key.token(claims) })).toMatchObject({ outcome: "issued" });
    }
    expect(issuer.asked).toBe(1);
  });
});

describe("the content of the request", () => {
  test.each([
    ["nothing", "", {}],
    ["an empty object", "{}", {}],
    ["a proof", '{"proof":"x"}', { proof: "x" }],
    ["a wish for a bearer", '{"use":"bearer"}', { use: "bearer" }],
  ])("may be %s", (_, content, expected) => {
    expect(readSessionRequest(Buffer.from(content))).toEqual(expected);
  });

  test.each([
    ["no JSON", "proof=x"],
    ["a list", "[]"],
    ["null", "null"],
    ["text", '"x"'],
    ["a proof that is an object", '{"proof":{}}'],
    ["a wish for a cookie, which only a browser can grant", '{"use":"cookie"}'],
    ["another member", '{"proof":"x","frontend":"other"}'],
    ["__proto__", '{"__proto__":{"proof":"x"}}'],
    ["too much", `{"proof":"${"x".repeat(MAX_SESSION_REQUEST_BYTES)}"}`],
  ])("may not be %s", (_, content) => {
    expect(readSessionRequest(Buffer.from(content))).toBeUndefined();
  });
});
