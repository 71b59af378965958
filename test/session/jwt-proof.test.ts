/** Tokens of an issuer we trust: what is accepted, every forgery, and an issuer that can't be reached. */
import { createHmac, createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Proof } from "../../src/session/proof.ts";
import type { JwtOptions } from "../../src/session/jwt-proof.ts";
import { createJwks } from "../../src/session/jwks.ts";
import { createJwtProof } from "../../src/session/jwt-proof.ts";
import { FIREBASE_APP_CHECK, OIDC_DISCOVERY_PATH } from "../../src/session/presets.ts";
import { answerKeys, answerText, signingKey, startIssuer } from "./issuer.ts";
import { NOW, NOW_SECONDS } from "./support.ts";

const ISSUER = "https://login.acme.example";
const CLAIMS = { iss: ISSUER, aud: "partoo-bff", sub: "app-1", iat: NOW_SECONDS, exp: NOW_SECONDS + 3600 };
const ACCEPTED = { verdict: "accepted" };
const refused = (reason: string): object => ({ verdict: "refused", reason });
const key = signingKey("k1");
const rsa = signingKey("k2", "RS256");

async function proofWith(options: Partial<JwtOptions> = {}, keys = [key, rsa]): Promise<Proof> {
  const { url } = await startIssuer(answerKeys(...keys));
  return createJwtProof({ issuer: ISSUER, audience: "partoo-bff", findKey: createJwks({ url }), ...options });
}

describe("accepted", () => {
  test.each(["RS256", "PS256", "ES256", "EdDSA"] as const)("signed with %s", async (alg) => {
    const signing = signingKey("any", alg);
    expect(await (await proofWith({}, [signing])).verify(signing.token(CLAIMS), NOW)).toEqual(ACCEPTED);
  });

  test("for one audience of several, as in App Check", async () => {
    const project = FIREBASE_APP_CHECK.audiencePrefix + "123456789";
    const issuer = `${FIREBASE_APP_CHECK.issuerPrefix}123456789`;
    const proof = await proofWith({ issuer, audience: project, subjects: new Set(["1:123456789:android:abc"]) }, [rsa]);
    const claims = { ...CLAIMS, iss: "https://firebaseappcheck.googleapis.com/123456789", aud: ["projects/123456789", "projects/acme"] };
    expect(await proof.verify(rsa.token({ ...claims, sub: "1:123456789:android:abc" }), NOW)).toEqual(ACCEPTED);
    expect(await proof.verify(rsa.token({ ...claims, sub: "1:123456789:ios:def" }), NOW)).toEqual(refused("sub"));
  });

  test("more than once: an app shows the same token for an hour", async () => {
    const proof = await proofWith();
    const token = key.token(CLAIMS);
    expect([await proof.verify(token, NOW), await proof.verify(token, NOW)]).toEqual([ACCEPTED, ACCEPTED]);
  });

  test("with clocks that differ by thirty seconds, or as configured", async () => {
    const late = key.token({ ...CLAIMS, exp: NOW_SECONDS - 29 });
    expect(await (await proofWith()).verify(late, NOW)).toEqual(ACCEPTED);
    expect(await (await proofWith({ clockToleranceSeconds: 0 })).verify(late, NOW)).toEqual(refused("exp"));
    expect(await (await proofWith()).verify(key.token({ ...CLAIMS, exp: NOW_SECONDS - 30 }), NOW)).toEqual(refused("exp"));
  });
});

test("the presets are addresses of https", () => {
  expect(FIREBASE_APP_CHECK.jwks).toBe("https://firebaseappcheck.googleapis.com/v1/jwks");
  expect(new URL(OIDC_DISCOVERY_PATH, ISSUER).href).toBe("https://login.acme.example/.well-known/openid-configuration");
});

describe("refused", () => {
  const other = signingKey("k1");
  const [header = "", claims = "", signature = ""] = key.token(CLAIMS).split(".");
  const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const rsaPem = createPublicKey({ key: rsa.jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  const hmac = (kid: string, secret: string | Buffer): string => {
    const signed = `${encoded({ alg: "HS256", kid })}.${claims}`;
    return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  };

  test.each([
    ["alg none", `${encoded({ alg: "none", kid: "k1" })}.${claims}.`, "form"],
    ["alg none with a signature", `${encoded({ alg: "none", kid: "k1" })}.${claims}.${signature}`, "header"],
    ["HS256 with the issuer's public key", hmac("k2", rsaPem), "header"],
    ["HS256 with nothing", hmac("k1", ""), "header"],
    ["RS512, which nobody promised", rsa.token(CLAIMS, { alg: "RS512" }), "header"],
    ["no kid", key.token(CLAIMS, { kid: undefined }), "header"],
    ["a kid of another kind", key.token(CLAIMS, { kid: 1 }), "header"],
    ["an unknown kid", key.token(CLAIMS, { kid: "k9" }), "key"],
    ["a kid of another algorithm", key.token(CLAIMS, { kid: "k2" }), "key"],
    ["another key of the same name", other.token(CLAIMS), "signature"],
    ["a key of its own in the header", other.token(CLAIMS, { jwk: other.jwk }), "signature"],
    ["crit", key.token(CLAIMS, { crit: ["x"], x: 1 }), "signature"],
    ["claims changed after signing", `${header}.${encoded({ ...CLAIMS, sub: "app-2" })}.${signature}`, "signature"],
    ["a truncated signature", `${header}.${claims}.${signature.slice(0, -4)}`, "signature"],
    ["no exp", key.token({ ...CLAIMS, exp: undefined }), "exp"],
    ["exp as text", key.token({ ...CLAIMS, exp: "2000000000" }), "exp"],
    ["expired", key.token({ ...CLAIMS, exp: NOW_SECONDS - 60 }), "exp"],
    ["nbf in a minute", key.token({ ...CLAIMS, nbf: NOW_SECONDS + 60 }), "nbf"],
    ["another issuer", key.token({ ...CLAIMS, iss: "https://evil.example" }), "iss"],
    ["the issuer with a slash", key.token({ ...CLAIMS, iss: `${ISSUER}/` }), "iss"],
    ["no issuer", key.token({ ...CLAIMS, iss: undefined }), "iss"],
    ["another audience", key.token({ ...CLAIMS, aud: "somebody-else" }), "aud"],
    ["no audience", key.token({ ...CLAIMS, aud: undefined }), "aud"],
    ["two parts", `${header}.${claims}`, "form"],
    ["nothing", "", "form"],
    ["a header that is no JSON", `AAAA.${claims}.${signature}`, "header"],
    ["more than 8 kB", key.token({ ...CLAIMS, more: "x".repeat(8192) }), "form"],
  ])("%s", async (_, token, reason) => {
    expect(await (await proofWith()).verify(token, NOW)).toEqual(refused(reason));
  });

  test.each([
    ["another subject", "app-2"],
    ["no subject", undefined],
  ])("%s, where subjects are listed", async (_, sub) => {
    const proof = await proofWith({ subjects: new Set(["app-1"]) });
    expect(await proof.verify(key.token({ ...CLAIMS, sub }), NOW)).toEqual(refused("sub"));
    expect(await proof.verify(key.token(CLAIMS), NOW)).toEqual(ACCEPTED);
  });

  test("a key of 1024 bits", async () => {
    const weak = { ...rsa, jwk: { ...rsa.jwk, n: Buffer.alloc(128, 0xff).toString("base64url") } };
    expect(await (await proofWith({}, [weak])).verify(rsa.token(CLAIMS), NOW)).toEqual(refused("signature"));
  });

  test("what can't be right costs the issuer no request", async () => {
    const issuer = await startIssuer(answerKeys(key));
    const proof = createJwtProof({ issuer: ISSUER, audience: "partoo-bff", findKey: createJwks({ url: issuer.url }) });
    for (const token of ["", "a.b.c", hmac("k1", "x"), key.token(CLAIMS, { kid: undefined }), "x".repeat(10_000)])
      await proof.verify(token, NOW);
    expect(issuer.asked).toBe(0);
  });
});

describe("an issuer whose keys can't be had", () => {
  test("means no session, for the genuine as for the forged, and when to try again", async () => {
    const { url } = await startIssuer(answerText("down", 503));
    const proof = createJwtProof({ issuer: ISSUER, audience: "partoo-bff", findKey: createJwks({ url }) });
    for (const token of [key.token(CLAIMS), signingKey("k1").token(CLAIMS)]) {
      expect(await proof.verify(token, NOW)).toEqual({ verdict: "unavailable", reason: "keys", retryAfterSeconds: 5 });
    }
  });

  test("has no say once its keys are known", async () => {
    const issuer = await startIssuer(answerKeys(key));
    const proof = createJwtProof({ issuer: ISSUER, audience: "partoo-bff", findKey: createJwks({ url: issuer.url }) });
    expect(await proof.verify(key.token(CLAIMS), NOW)).toEqual(ACCEPTED);
    await issuer.stop();
    expect(await proof.verify(key.token(CLAIMS), NOW)).toEqual(ACCEPTED);
  });
});
