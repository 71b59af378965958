/** ALTCHA: a solved challenge is worth one session, for one frontend, for two minutes. Solved here with the library's own solver. */
import type { Challenge } from "altcha-lib/types";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/pbkdf2";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SessionSecrets } from "../../src/session/session-secrets.ts";
import type { Proof, ProofVerdict } from "../../src/session/proof.ts";
import type { UsedOnce } from "../../src/session/used-once.ts";
import { createAltchaProof } from "../../src/session/altcha-proof.ts";
import { KEEP_USED_MS } from "../../src/session/proof.ts";
import { createUsedOnce } from "../../src/session/used-once.ts";
import { isReady, openInstance, redisForTest } from "../cache/rig.ts";
import { secretsOf } from "./support.ts";

/** Little work: what is tested here does not depend on it. */
const COST = 1;
const SECRETS = secretsOf("k1:A");
const ACCEPTED = { verdict: "accepted" };
const refused = (reason: string): object => ({ verdict: "refused", reason });

function proofWith({
  frontend = "shop",
  secrets = SECRETS,
  used = createUsedOnce({ keepMs: KEEP_USED_MS }),
}: { readonly frontend?: string; readonly secrets?: SessionSecrets; readonly used?: UsedOnce } = {}): Proof {
  return createAltchaProof({ frontend, secrets: () => secrets, used, cost: COST });
}

async function challengeOf(proof: Proof, now = Date.now()): Promise<Challenge> {
  return (await proof.challenge?.(now)) as Challenge;
}

const written = (payload: unknown): string => Buffer.from(JSON.stringify(payload)).toString("base64");

async function solved(challenge: Challenge): Promise<string> {
  return written({ challenge, solution: await solveChallenge({ challenge, deriveKey }) });
}

async function submit(proof: Proof, submission: string, now = Date.now()): Promise<ProofVerdict> {
  return proof.verify(submission, now);
}

const countAccepted = (verdicts: readonly ProofVerdict[]): number => verdicts.filter(({ verdict }) => verdict === "accepted").length;

describe("a challenge", () => {
  test("is small JSON that names the work, the frontend and its end, two minutes from now", async () => {
    const proof = createAltchaProof({ frontend: "shop", secrets: () => SECRETS, used: createUsedOnce({ keepMs: KEEP_USED_MS }) });
    const now = Date.now();
    expect(await challengeOf(proof, now)).toEqual({
      parameters: {
        algorithm: "PBKDF2/SHA-256",
        cost: 5000,
        data: { frontend: "shop", kid: "k1" },
        expiresAt: Math.floor(now / 1000) + 120,
        keyLength: 32,
        keyPrefix: "00",
        nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
        salt: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("solved is accepted, by every process with the secret", async () => {
    const challenge = await challengeOf(proofWith());
    expect(await submit(proofWith(), await solved(challenge))).toEqual(ACCEPTED);
  });

  test("survives that its secret does not sign any more, and not that it is dropped", async () => {
    const submission = await solved(await challengeOf(proofWith()));
    expect(await submit(proofWith({ secrets: secretsOf("k2:B") }), submission)).toEqual(refused("key"));
    expect(await submit(proofWith({ secrets: secretsOf("k2:B,k1:A") }), submission)).toEqual(ACCEPTED);
  });

  test("has an end", async () => {
    const proof = proofWith();
    const now = Date.now();
    const challenge = await challengeOf(proof, now);
    const submission = await solved(challenge);
    const end = (challenge.parameters.expiresAt ?? 0) * 1000;
    expect(await submit(proof, submission, end)).toEqual(refused("expired"));
    expect(await submit(proof, submission, end - 1)).toEqual(ACCEPTED);
  });
});

describe("refused", () => {
  test("another frontend's", async () => {
    const submission = await solved(await challengeOf(proofWith({ frontend: "other" })));
    expect(await submit(proofWith(), submission)).toEqual(refused("frontend"));
  });

  test("one of another secret under the same name", async () => {
    const submission = await solved(await challengeOf(proofWith({ secrets: secretsOf("k1:B") })));
    expect(await submit(proofWith(), submission)).toEqual(refused("solution"));
  });

  test.each([
    ["cost", { cost: 2 }],
    ["keyPrefix", { keyPrefix: "0" }],
    ["expiresAt", { expiresAt: 4_000_000_000 }],
    ["nonce", { nonce: "0".repeat(32) }],
    ["salt", { salt: "0".repeat(32) }],
    ["algorithm", { algorithm: "SHA-256" }],
    ["data", { data: { frontend: "shop", kid: "k1", more: 1 } }],
    ["a key signature", { keySignature: "0".repeat(64) }],
  ])("%s changed after it was signed, and solved as it is now", async (_, changed) => {
    const { signature, parameters } = await challengeOf(proofWith());
    const challenge = { parameters: { ...parameters, ...changed }, ...(signature === undefined ? {} : { signature }) };
    const solution = await solveChallenge({ challenge, deriveKey }).catch(() => ({ counter: 0, derivedKey: "00".repeat(32) }));
    expect(await submit(proofWith(), written({ challenge, solution }))).toEqual(refused("solution"));
  });

  test.each([
    ["no solution", undefined],
    ["null", null],
    ["a key that was not derived", { counter: 0, derivedKey: "00".repeat(32) }],
    ["a counter that is none", { counter: "0", derivedKey: "00".repeat(32) }],
    ["a counter beyond all", { counter: 2 ** 40, derivedKey: "00".repeat(32) }],
    ["no key", { counter: 0 }],
    ["an endless key", { counter: 0, derivedKey: "00".repeat(500) }],
  ])("a genuine challenge with %s", async (_, solution) => {
    const challenge = await challengeOf(proofWith());
    expect(await submit(proofWith(), written({ challenge, solution }))).toMatchObject({ verdict: "refused" });
  });

  test("a genuine challenge whose answer does not begin as asked", async () => {
    const challenge = await challengeOf(proofWith());
    const easier = { ...challenge, parameters: { ...challenge.parameters, keyPrefix: "0" } };
    let solution = await solveChallenge({ challenge: easier, deriveKey });
    while (solution?.derivedKey.startsWith("00"))
      solution = await solveChallenge({ challenge: easier, deriveKey, counterStart: solution.counter + 1 });
    expect(await submit(proofWith(), written({ challenge, solution }))).toEqual(refused("solution"));
  });

  test.each([
    ["nothing", ""],
    ["no base64", "{}"],
    ["no JSON", "AAAA"],
    ["null", written(null)],
    ["a list", written([])],
    ["no challenge", written({ solution: {} })],
    ["no signature", written({ challenge: { parameters: { nonce: "0".repeat(32) } }, solution: {} })],
    ["a signature that is a list", written({ challenge: { parameters: { nonce: "0".repeat(32) }, signature: ["0"] }, solution: {} })],
    ["a nonce that is no name of ours", written({ challenge: { parameters: { nonce: "*" }, signature: "0" }, solution: {} })],
    ["a thousand brackets", Buffer.from("[".repeat(1000)).toString("base64")],
  ])("%s", async (_, submission) => {
    expect(await submit(proofWith(), submission)).toEqual(refused("form"));
  });

  test("more than two kilobytes, the right solution among them", async () => {
    const challenge = await challengeOf(proofWith());
    const solution = await solveChallenge({ challenge, deriveKey });
    expect(await submit(proofWith(), written({ challenge, solution, more: "x".repeat(2048) }))).toEqual(refused("form"));
    expect(await submit(proofWith(), written({ challenge, solution, more: "x" }))).toEqual(ACCEPTED);
  });

  test("whatever else is sent, without an error", async () => {
    const proof = proofWith();
    const challenge = await challengeOf(proof);
    const anything = fc.oneof(fc.string(), fc.json(), fc.record({ challenge: fc.constant(challenge), solution: fc.anything() }));
    await fc.assert(
      fc.asyncProperty(anything, async (sent) => {
        const submission =
          typeof sent === "string" ? sent : written(JSON.parse(JSON.stringify(sent, (_, v: unknown) => (typeof v === "bigint" ? 0 : v))));
        expect(await submit(proof, submission)).toMatchObject({ verdict: "refused" });
        expect(await submit(proof, Buffer.from(submission).toString("base64"))).toMatchObject({ verdict: "refused" });
      }),
      { numRuns: 300 },
    );
  });
});

describe("one challenge, a hundred times at once", () => {
  test("solved buys one session without Redis, and none later", async () => {
    const proof = proofWith();
    const submission = await solved(await challengeOf(proof));
    expect(countAccepted(await Promise.all(Array.from({ length: 100 }, () => submit(proof, submission))))).toBe(1);
    expect(await submit(proof, submission)).toEqual(refused("used"));
  });

  test("solved buys one with Redis, at two processes", async () => {
    const redis = await redisForTest();
    const instances = [openInstance(redis.url), openInstance(redis.url)];
    await Promise.all(instances.map(isReady));
    const proofs = instances.map(({ breaker, connection: { prefix } }) =>
      proofWith({ used: createUsedOnce({ keepMs: KEEP_USED_MS, redis: { breaker, prefix: `${prefix}altcha:` } }) }),
    );
    const submission = await solved(await challengeOf(proofs[0] as Proof));
    const verdicts = await Promise.all(Array.from({ length: 100 }, (_, n) => submit(proofs[n % 2] as Proof, submission)));
    expect(countAccepted(verdicts)).toBe(1);
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["accepted", "refused"]));
  });

  test("buys one however it is solved: a challenge has many solutions", async () => {
    const proof = proofWith();
    const challenge = await challengeOf(proof);
    const submissions: string[] = [];
    for (let counterStart = 0; submissions.length < 10;) {
      const solution = await solveChallenge({ challenge, deriveKey, counterStart });
      counterStart = (solution?.counter ?? 0) + 1;
      submissions.push(written({ challenge, solution }));
    }
    expect(countAccepted(await Promise.all(submissions.map((submission) => submit(proof, submission))))).toBe(1);
  });

  test("buys none while nothing more can be remembered: unavailable, not accepted", async () => {
    const proof = proofWith({ used: createUsedOnce({ keepMs: KEEP_USED_MS, max: 0 }) });
    const submission = await solved(await challengeOf(proof));
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => submit(proof, submission)));
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["unavailable"]));
  });
});
