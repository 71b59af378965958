/** No forged session is accepted, and most cost no signature check. */
import { createHmac, createPublicKey, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BEARER, COOKIE, NOW_SECONDS, SECRET_A, SECRET_B, needsCheck, scene, tokenByHand } from "./support.ts";

const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const HEADER = { alg: "HS256", kid: "k1", typ: "bff-session+jwt" };
const CLAIMS = { aud: "store-locator", iat: NOW_SECONDS, exp: NOW_SECONDS + 900, sid: "0123456789abcdefghijkA", use: "cookie" };

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsaPublicPem = createPublicKey(rsa.privateKey).export({ type: "spki", format: "pem" });

function signedByRsa(): string {
  const signed = `${encoded({ ...HEADER, alg: "RS256" })}.${encoded(CLAIMS)}`;
  return `${signed}.${createSign("sha256").update(signed).sign(rsa.privateKey, "base64url")}`;
}

/** The genuine token of which the forgeries below are changed copies. */
const genuine = tokenByHand({});
const [headerPart = "", claimsPart = "", signaturePart = ""] = genuine.split(".");

test("the token that the forgeries are made of is genuine", async () => {
  expect(await scene().tokens.verify(genuine, COOKIE)).toHaveProperty("session");
});

describe("refused without a signature check", () => {
  test.each([
    ["alg none without a signature", `${encoded({ ...HEADER, alg: "none" })}.${claimsPart}.`, "form"],
    ["alg none with the signature of another", `${encoded({ ...HEADER, alg: "none" })}.${claimsPart}.${signaturePart}`, "header"],
    ["alg NONE, signed", tokenByHand({ header: { alg: "NONE" } }), "header"],
    ["HS512, signed with the secret", tokenByHand({ header: { alg: "HS512" }, digest: "sha512" }), "form"],
    ["HS384 in name only", tokenByHand({ header: { alg: "HS384" } }), "header"],
    ["RS256, signed with a key of one's own", signedByRsa(), "form"],
    ["RS256 in name, an HMAC with the public key in fact", tokenByHand({ header: { alg: "RS256" }, secret: rsaPublicPem }), "header"],
    ["no alg", tokenByHand({ header: { alg: undefined } }), "header"],
    ["an unknown kid", tokenByHand({ header: { kid: "k9" } }), "header"],
    ["no kid", tokenByHand({ header: { kid: undefined } }), "header"],
    ["a kid that is a path", tokenByHand({ header: { kid: "../../dev/null" }, secret: "" }), "header"],
    ["kid __proto__", tokenByHand({ header: { kid: "__proto__" } }), "header"],
    ["typ JWT", tokenByHand({ header: { typ: "JWT" } }), "header"],
    ["no typ", tokenByHand({ header: { typ: undefined } }), "header"],
    ["typ in other letters", tokenByHand({ header: { typ: "BFF-session+jwt" } }), "header"],
    [
      "a key of its own in the header",
      tokenByHand({ header: { jwk: { kty: "oct", k: SECRET_B.toString("base64url") } }, secret: SECRET_B }),
      "header",
    ],
    ["jku", tokenByHand({ header: { jku: "https://evil.example/jwks" } }), "header"],
    ["crit", tokenByHand({ header: { crit: ["exp"] } }), "header"],
    ["b64 false", tokenByHand({ header: { b64: false, crit: ["b64"] } }), "header"],
    [
      "another order of the header's members",
      genuine.replace(headerPart, encoded({ typ: HEADER.typ, kid: HEADER.kid, alg: HEADER.alg })),
      "header",
    ],
    ["nothing", "", "form"],
    ["one part", headerPart, "form"],
    ["two parts", `${headerPart}.${claimsPart}`, "form"],
    ["four parts", `${genuine}.${signaturePart}`, "form"],
    ["five parts, as an encrypted one", `${headerPart}....${signaturePart}`, "form"],
    ["an empty payload", `${headerPart}..${signaturePart}`, "form"],
    ["no signature", `${headerPart}.${claimsPart}.`, "form"],
    ["padding", `${genuine}=`, "form"],
    ["base64 instead of base64url", `${headerPart}.${claimsPart}.${"+".repeat(43)}`, "form"],
    ["a space before it", ` ${genuine}`, "form"],
    ["a line feed behind it", `${genuine}\n`, "form"],
    ["in quotes", `"${genuine}"`, "form"],
    ["the JSON form", JSON.stringify({ payload: claimsPart, protected: headerPart, signature: signaturePart }), "form"],
    ["more than a kilobyte, signed", tokenByHand({ claims: { more: "x".repeat(800) } }), "too-long"],
    ["a megabyte", "a".repeat(1024 * 1024), "too-long"],
    ["a megabyte of dots", ".".repeat(1024 * 1024), "too-long"],
  ])("%s", (_, token, fault) => {
    expect(scene().tokens.verify(token, COOKIE)).toEqual({ fault });
  });

  test("every truncation of a genuine token", () => {
    const { tokens } = scene();
    for (let length = 0; length < genuine.length; length += 1) {
      expect(needsCheck(tokens.verify(genuine.slice(0, length), COOKIE))).toBe(false);
    }
  });

  test("another spelling of the same signature: unused bits of its last character", () => {
    const { tokens } = scene();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(genuine.at(-1) ?? "");
    for (const unused of [1, 2, 3])
      expect(tokens.verify(genuine.slice(0, -1) + alphabet[last + unused], COOKIE)).toEqual({ fault: "form" });
  });
});

describe("refused by its signature or its claims", () => {
  test.each([
    ["another secret", tokenByHand({ secret: SECRET_B }), "signature"],
    ["an empty secret", tokenByHand({ secret: "" }), "signature"],
    ["the name of the secret as the secret", tokenByHand({ secret: "k1" }), "signature"],
    ["the public key of something as the secret", tokenByHand({ secret: rsaPublicPem }), "signature"],
    ["claims changed after signing", `${headerPart}.${encoded({ ...CLAIMS, exp: NOW_SECONDS + 9000 })}.${signaturePart}`, "signature"],
    ["a signature of noughts", `${headerPart}.${claimsPart}.${"A".repeat(43)}`, "signature"],
    ["no exp", tokenByHand({ claims: { exp: undefined } }), "claims"],
    ["exp as text", tokenByHand({ claims: { exp: "1900000000" } }), "claims"],
    ["exp null", tokenByHand({ claims: { exp: null } }), "claims"],
    ["exp beyond all numbers", tokenByHand({ claims: { exp: 1e300 } }), "claims"],
    ["no iat", tokenByHand({ claims: { iat: undefined } }), "claims"],
    ["no aud", tokenByHand({ claims: { aud: undefined } }), "claims"],
    ["several aud", tokenByHand({ claims: { aud: ["store-locator", "other"] } }), "claims"],
    ["no sid", tokenByHand({ claims: { sid: undefined } }), "claims"],
    ["a sid of any length", tokenByHand({ claims: { sid: "x".repeat(300) } }), "claims"],
    ["no use", tokenByHand({ claims: { use: undefined } }), "claims"],
    ["a use that nobody knows", tokenByHand({ claims: { use: "admin" } }), "claims"],
    ["a bearer without the digest of an origin", tokenByHand({ claims: { use: "bearer" } }), "claims"],
    ["expired", tokenByHand({ claims: { iat: NOW_SECONDS - 900, exp: NOW_SECONDS } }), "expired"],
    ["expired long ago", tokenByHand({ claims: { iat: 1, exp: 901 } }), "expired"],
    ["nbf in a minute", tokenByHand({ claims: { nbf: NOW_SECONDS + 60 } }), "not-yet-valid"],
    ["iat in a minute", tokenByHand({ claims: { iat: NOW_SECONDS + 60 } }), "not-yet-valid"],
    ["another frontend's", tokenByHand({ claims: { aud: "other" } }), "frontend"],
    ["the frontend's name in other letters", tokenByHand({ claims: { aud: "Store-Locator" } }), "frontend"],
    ["a bearer in a cookie", tokenByHand({ claims: { use: "bearer", origin_hash: "x" } }), "use"],
  ])("%s", async (_, token, fault) => {
    expect(await scene().tokens.verify(token, COOKIE)).toEqual({ fault });
  });

  test("claims that are no object", async () => {
    for (const claims of ["[]", "null", '"text"', "1", "{", ""]) {
      const signed = `${headerPart}.${Buffer.from(claims || " ").toString("base64url")}`;
      const token = `${signed}.${createHmac("sha256", SECRET_A).update(signed).digest("base64url")}`;
      expect(await scene().tokens.verify(token, COOKIE), claims).toHaveProperty("fault");
    }
  });

  test.each([
    ["another listed page", "https://www.acme.example"],
    ["the same host without TLS", "http://stores.acme.example"],
    ["a page with the port spelled out", "https://stores.acme.example:443"],
    ["an app", undefined],
    ["a frame without an origin", "null"],
    ["a page whose origin spells an app", "app"],
  ])("a bearer of one page, presented by %s", async (_, origin) => {
    const { tokens } = scene();
    const { token } = await tokens.mint(BEARER);
    expect(await tokens.verify(token, { ...BEARER, origin })).toEqual({ fault: "origin" });
  });

  test("a bearer of an app, presented by a page", async () => {
    const { tokens } = scene();
    const { token } = await tokens.mint({ ...BEARER, origin: undefined });
    expect(await tokens.verify(token, BEARER)).toEqual({ fault: "origin" });
  });

  test("a bit of a genuine token turned anywhere", async () => {
    const { tokens } = scene();
    for (let at = 0; at < genuine.length; at += 1) {
      const turned = genuine.slice(0, at) + String.fromCharCode(genuine.charCodeAt(at) ^ 1) + genuine.slice(at + 1);
      expect(await tokens.verify(turned, COOKIE), `character ${at}`).toHaveProperty("fault");
    }
  });
});

test("ten thousand random ones, half of them with a genuine header and all of them of the right form", async () => {
  const { tokens } = scene();
  let accepted = 0;
  for (let n = 0; n < 10_000; n += 1) {
    const header = n % 2 === 0 ? headerPart : randomBytes(40).toString("base64url");
    const token = `${header}.${n % 4 < 2 ? claimsPart : randomBytes(90).toString("base64url")}.${randomBytes(32).toString("base64url")}`;
    const verdict = await tokens.verify(token, COOKIE);
    if ("session" in verdict) accepted += 1;
  }
  expect(accepted).toBe(0);
});

test("whatever text is presented is refused without an error", async () => {
  const { tokens } = scene();
  const near = fc.array(fc.oneof(fc.constantFrom(headerPart, claimsPart, signaturePart, ".", "..", "="), fc.string()), { maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        near.map((parts) => parts.join("")),
        fc.string({ unit: "binary", maxLength: 2000 }),
      ),
      async (text) => {
        fc.pre(text !== genuine);
        expect(await tokens.verify(text, COOKIE)).toHaveProperty("fault");
      },
    ),
    { numRuns: 500 },
  );
});
