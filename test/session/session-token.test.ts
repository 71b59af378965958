/** Sessions as they are meant: minted, verified, remembered, rotated, expired. */
import { describe, expect, test } from "vitest";
import { MAX_TOKEN_LENGTH } from "../../src/session/session-token.ts";
import { BEARER, COOKIE, NOW_SECONDS, needsCheck, scene, secretsOf, tokenByHand } from "./support.ts";

function partsOf(token: string): { header: unknown; claims: Record<string, unknown> } {
  const [header = "", claims = ""] = token.split(".");
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: read(header), claims: read(claims) as Record<string, unknown> };
}

describe("a token", () => {
  test("says for which frontend it is, how it travels and until when, and nothing of a visitor", async () => {
    const { tokens } = scene();
    const { token, session } = await tokens.mint(COOKIE);
    expect(partsOf(token)).toEqual({
      header: { alg: "HS256", kid: "k1", typ: "bff-session+jwt" },
      claims: { aud: "store-locator", iat: NOW_SECONDS, exp: NOW_SECONDS + 900, sid: session.id, use: "cookie" },
    });
    expect(session).toEqual({ id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/), expiresAt: NOW_SECONDS + 900 });
  });

  test("shows a digest of the origin it is bound to, not the origin, and is small", async () => {
    const { token } = await scene("a-name-of-thirty-two-characters0:A").tokens.mint({ ...BEARER, frontend: "f".repeat(63) });
    expect(partsOf(token).claims["origin_hash"]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).not.toContain("acme");
    expect(token.length).toBeLessThan(MAX_TOKEN_LENGTH / 2);
  });

  test("is another one each time", async () => {
    const { tokens } = scene();
    const minted = await Promise.all(Array.from({ length: 200 }, () => tokens.mint(COOKIE)));
    expect(new Set(minted.map(({ session }) => session.id)).size).toBe(200);
  });

  test("made by hand after the same rules is accepted: nothing but the secret makes it genuine", async () => {
    const { tokens } = scene();
    expect(await tokens.verify(tokenByHand({}), COOKIE)).toEqual({
      session: { id: "0123456789abcdefghijkA", expiresAt: NOW_SECONDS + 900 },
    });
  });
});

describe("a session is accepted", () => {
  test.each([
    ["as a cookie", COOKIE],
    ["as a bearer of a page", BEARER],
    ["as a bearer of an app", { ...BEARER, origin: undefined }],
  ])("%s, by every process with the secret", async (_, scope) => {
    const { token, session } = await scene().tokens.mint(scope);
    expect(await scene().tokens.verify(token, scope)).toEqual({ session });
  });

  test("for 900 seconds and not one longer, remembered or not", async () => {
    const { tokens, clock } = scene();
    const [used, unused] = [await tokens.mint(COOKIE), await tokens.mint(COOKIE)];
    clock.ms += 899_999;
    expect(await tokens.verify(used.token, COOKIE)).toEqual({ session: used.session });
    clock.ms += 1;
    expect(tokens.verify(used.token, COOKIE)).toEqual({ fault: "expired" });
    expect(await tokens.verify(unused.token, COOKIE)).toEqual({ fault: "expired" });
    clock.ms += 60_000;
    expect(await tokens.verify(unused.token, COOKIE)).toEqual({ fault: "expired" });
  });

  test("from a process whose clock is five seconds ahead, not more", async () => {
    const { tokens } = scene();
    const ahead = (seconds: number): string => tokenByHand({ claims: { iat: NOW_SECONDS + seconds } });
    expect(await tokens.verify(ahead(5), COOKIE)).toHaveProperty("session");
    expect(await tokens.verify(ahead(6), COOKIE)).toEqual({ fault: "not-yet-valid" });
  });
});

describe("what was verified", () => {
  test("is not verified again, and what was not is not remembered", async () => {
    const { tokens } = scene();
    const { token, session } = await tokens.mint(COOKIE);
    const forged = tokenByHand({ secret: "another" });
    expect([needsCheck(tokens.verify(token, COOKIE)), needsCheck(tokens.verify(forged, COOKIE))]).toEqual([true, true]);
    await tokens.verify(token, COOKIE);
    await tokens.verify(forged, COOKIE);
    expect(tokens.verify(token, COOKIE)).toEqual({ session });
    expect(needsCheck(tokens.verify(forged, COOKIE))).toBe(true);
  });

  test("still has to be presented where it is valid", async () => {
    const { tokens } = scene();
    const { token } = await tokens.mint(BEARER);
    await tokens.verify(token, BEARER);
    expect(tokens.verify(token, { ...BEARER, frontend: "other" })).toEqual({ fault: "frontend" });
    expect(tokens.verify(token, COOKIE)).toEqual({ fault: "use" });
    expect(tokens.verify(token, { ...BEARER, origin: undefined })).toEqual({ fault: "origin" });
  });

  test("is ten thousand tokens at most: the one not seen for longest is checked once more", async () => {
    const { tokens } = scene();
    const first = (await tokens.mint(COOKIE)).token;
    await tokens.verify(first, COOKIE);
    for (let n = 0; n < 10_000; n += 1) {
      await tokens.verify(tokenByHand({ claims: { sid: `0123456789abcdef${String(n).padStart(6, "0")}` } }), COOKIE);
    }
    const again = tokens.verify(first, COOKIE);
    expect(needsCheck(again)).toBe(true);
    expect(await again).toHaveProperty("session");
  });
});

describe("rotation", () => {
  test("adding, switching and dropping a secret never ends a session before its time, until it is dropped", async () => {
    const current = scene("k1:A");
    const old = (await current.tokens.mint(COOKIE)).token;
    expect(await current.tokens.verify(old, COOKIE)).toHaveProperty("session");

    current.running = secretsOf("k1:A,k2:B");
    expect(partsOf((await current.tokens.mint(COOKIE)).token).header).toHaveProperty("kid", "k1");
    expect(await current.tokens.verify(old, COOKIE)).toHaveProperty("session");

    current.running = secretsOf("k2:B,k1:A");
    const fresh = (await current.tokens.mint(COOKIE)).token;
    expect(partsOf(fresh).header).toHaveProperty("kid", "k2");
    expect(await current.tokens.verify(old, COOKIE)).toHaveProperty("session");

    current.running = secretsOf("k2:B");
    expect(current.tokens.verify(old, COOKIE)).toEqual({ fault: "header" });
    expect(await current.tokens.verify(fresh, COOKIE)).toHaveProperty("session");
  });

  test("a process that was not told yet verifies what one with the next secret signs, once it has both", async () => {
    const signedByNext = (await scene("k2:B,k1:A").tokens.mint(COOKIE)).token;
    expect(await scene("k1:A,k2:B").tokens.verify(signedByNext, COOKIE)).toHaveProperty("session");
    expect(scene("k1:A").tokens.verify(signedByNext, COOKIE)).toEqual({ fault: "header" });
  });

  test("what an earlier set of secrets verified is forgotten, even what it verifies meanwhile", async () => {
    const current = scene("k1:A");
    const { token } = await current.tokens.mint(COOKIE);
    const underWay = current.tokens.verify(token, COOKIE);
    current.running = secretsOf("k1:B");
    expect(await underWay).toHaveProperty("session");
    expect(needsCheck(current.tokens.verify(token, COOKIE))).toBe(true);
    expect(await current.tokens.verify(token, COOKIE)).toEqual({ fault: "signature" });
  });
});
