import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { pino } from "pino";
import type { MissLimit } from "../../src/limits/misses.ts";
import type { Frontend } from "../../src/policy.ts";
import { createMissLimit } from "../../src/limits/misses.ts";
import { createRequestLimit } from "../../src/limits/requests.ts";
import { Problem } from "../../src/problem.ts";
import { parseRedisUrl } from "../../src/redis-url.ts";
import { openRedis } from "../../src/redis.ts";
import { freePort } from "../support/redis.ts";

/** As many addresses as a process remembers; a network of 48 bits alone holds 65,536 that count as one each. */
const REMEMBERED = 100_000;
const RATE = { count: 2, windowSeconds: 86_400 };
const FRONTEND = {
  name: "store-locator",
  limits: { requests: RATE, misses: RATE },
  key: { organization: { instances: 1 } },
} as unknown as Frontend;

type Admit = (address: string) => void | Promise<void>;

function ofMisses(limit: MissLimit): Admit {
  return (address) => limit.admit(FRONTEND, address);
}

function withoutRedis(): Admit {
  return ofMisses(createMissLimit(undefined));
}

async function whileRedisIsAway(): Promise<Admit> {
  const redis = openRedis(parseRedisUrl(`redis://127.0.0.1:${await freePort()}`), pino({ level: "silent" }));
  onTestFinished(() => redis.close());
  return ofMisses(createMissLimit(redis));
}

function ofRequests(): Admit {
  const limit = createRequestLimit();
  return (address) => limit.admit("store-locator", address, RATE);
}

async function isAdmitted(admit: Admit, address: string): Promise<boolean> {
  try {
    await admit(address);
    return true;
  } catch (fault) {
    if (fault instanceof Problem) return false;
    throw fault;
  }
}

describe.each([
  ["misses without Redis", withoutRedis],
  ["misses while Redis is away", whileRedisIsAway],
  ["requests", ofRequests],
])("a flood of addresses: %s", (_what, open) => {
  test("fills no more memory than its bound, admits newcomers, and frees nobody who goes on asking", async () => {
    const admit = await open();
    for (const address of ["goes on", "falls silent"]) {
      for (const expected of [true, true, false]) expect([address, await isAdmitted(admit, address)]).toEqual([address, expected]);
    }
    for (let nth = 0; nth < REMEMBERED; nth += 1) {
      if (!(await isAdmitted(admit, `flood-${nth}`))) expect.fail(`newcomer ${nth} was refused`);
      if (nth % 20_000 === 0) {
        expect(await isAdmitted(admit, "goes on")).toBe(false);
        await turn();
      }
    }
    expect(await isAdmitted(admit, "goes on")).toBe(false);
    // It is not known any more: what is remembered has a bound.
    expect(await isAdmitted(admit, "falls silent")).toBe(true);
  });
});
