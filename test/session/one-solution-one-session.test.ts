/** A solved challenge buys one session, however often and wherever it is shown. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { Minted } from "./served.ts";
import { redisForTest } from "../cache/rig.ts";
import { SECRET_A } from "./support.ts";
import { from, mint, solve, startServed } from "./served.ts";

const ALTCHA = {
  "store-locator": "session: on-miss\nproof: { altcha: { cost: 100 } }\n",
  second: "session: on-miss\nproof: { altcha: { cost: 100 } }\n",
};
const env = { SESSION_SECRETS: `k1:${SECRET_A.toString("base64url")}` };

async function challengeOf(gateway: TestGateway): Promise<NonNullable<Minted["json"]["challenge"]>> {
  const { status, json } = await mint(gateway.url);
  expect([status, json.code]).toEqual([403, "challenge-required"]);
  return json.challenge!;
}

/** A hundred at once, in turn to each of these processes, from a hundred addresses. @returns status and code of each, with how many */
async function submissions(gateways: readonly TestGateway[], proof: string): Promise<Record<string, number>> {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, nth) => mint(gateways[nth % gateways.length]!.url, { proof, fields: from(`203.0.113.${nth}`) })),
  );
  const counts: Record<string, number> = {};
  for (const { status, json } of answers) {
    const what = [status, json.code].join(" ").trim();
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

const ONE_WINS = { "200": 1, "403 challenge-invalid": 99 };

describe("a hundred submissions of one solution at once", () => {
  test("without Redis, one process: exactly one wins", async () => {
    const { gateway } = await startServed(ALTCHA, { env });
    const proof = solve(await challengeOf(gateway));
    expect(await submissions([gateway], proof)).toEqual(ONE_WINS);
    expect(await submissions([gateway], proof)).toEqual({ "403 challenge-invalid": 100 });
  });

  test("with Redis, two processes: exactly one wins, whichever made the challenge", async () => {
    const { url: redisUrl } = await redisForTest();
    const { gateway, another } = await startServed(ALTCHA, { env, redisUrl });
    const both = [gateway, await another()];
    for (const maker of both) expect(await submissions(both, solve(await challengeOf(maker)))).toEqual(ONE_WINS);
  });

  test("Redis is killed after one has won: its process gives no second one, and the others one at most", async () => {
    const redis = await redisForTest();
    const { gateway, another } = await startServed(ALTCHA, { env, redisUrl: redis.url });
    const other = await another();
    const proof = solve(await challengeOf(gateway));
    expect(await submissions([gateway], proof)).toEqual(ONE_WINS);
    await redis.kill();
    expect(await submissions([gateway], proof)).toEqual({ "403 challenge-invalid": 100 });
    expect(await submissions([other], proof)).toEqual(ONE_WINS);
    expect(await submissions([gateway, other], proof)).toEqual({ "403 challenge-invalid": 100 });
    await redis.restart();
    expect(await submissions([gateway, other], proof)).toEqual({ "403 challenge-invalid": 100 });
  });

  test("Redis is killed while they are under way: each process gives one at most, and every one is answered", async () => {
    const redis = await redisForTest();
    const { gateway, another } = await startServed(ALTCHA, { env, redisUrl: redis.url });
    const both = [gateway, await another()];
    const proof = solve(await challengeOf(gateway));
    const under = submissions(both, proof);
    await sleep(5);
    await redis.kill();
    const { "200": won = 0, ...refused } = await under;
    expect([1, 2]).toContain(won);
    expect(refused).toEqual({ "403 challenge-invalid": 100 - won });
    expect(await submissions(both, proof)).not.toHaveProperty("503 challenge-unavailable");
  });
});

describe("what is no solution of a challenge of ours", () => {
  type Parts = { challenge: { parameters: Record<string, unknown>; signature: string }; solution: Record<string, unknown> };
  const changed = (proof: string, change: (parts: Parts) => void): string => {
    const parts = JSON.parse(Buffer.from(proof, "base64").toString()) as Parts;
    change(parts);
    return Buffer.from(JSON.stringify(parts)).toString("base64");
  };

  test.each<readonly [string, (parts: Parts) => void]>([
    ["an easier challenge: no prefix", ({ challenge }) => (challenge.parameters["keyPrefix"] = "")],
    ["an easier challenge: one iteration", ({ challenge }) => (challenge.parameters["cost"] = 1)],
    ["an easier challenge: no key", ({ challenge }) => (challenge.parameters["keyLength"] = 0)],
    ["a challenge that lasts", ({ challenge }) => (challenge.parameters["expiresAt"] = 4_000_000_000)],
    ["a challenge without an end", ({ challenge }) => delete challenge.parameters["expiresAt"]],
    ["another nonce, not used yet", ({ challenge }) => (challenge.parameters["nonce"] = "0".repeat(32))],
    ["the nonce in capitals", ({ challenge }) => (challenge.parameters["nonce"] = String(challenge.parameters["nonce"]).toUpperCase())],
    ["another algorithm", ({ challenge }) => (challenge.parameters["algorithm"] = "SHA-256")],
    ["another frontend", ({ challenge }) => (challenge.parameters["data"] = { frontend: "second", kid: "k1" })],
    ["a kid that nobody has", ({ challenge }) => (challenge.parameters["data"] = { frontend: "store-locator", kid: "__proto__" })],
    ["no signature", ({ challenge }) => (challenge.signature = "")],
    ["a signature of one's own", ({ challenge }) => (challenge.signature = "0".repeat(64))],
    ["another counter", ({ solution }) => (solution["counter"] = Number(solution["counter"]) + 1)],
    ["a derived key of one's own", ({ solution }) => (solution["derivedKey"] = `00${"ab".repeat(31)}`)],
    ["no solution", (parts) => (parts.solution = {})],
  ])("%s", async (_what, change) => {
    const { gateway } = await startServed(ALTCHA, { env });
    const proof = solve(await challengeOf(gateway));
    expect((await mint(gateway.url, { proof: changed(proof, change) })).json.code).toBe("challenge-invalid");
    expect((await mint(gateway.url, { proof })).status).toBe(200);
  });

  test("a solution for another frontend", async () => {
    const { gateway } = await startServed(ALTCHA, { env });
    const proof = solve(await challengeOf(gateway));
    expect((await mint(gateway.url, { frontend: "second", proof })).json.code).toBe("challenge-invalid");
  });
});
