import type { Redis } from "ioredis";
import { ReplyError } from "ioredis";
import { describe, expect, test } from "vitest";
import { RedisAway, createBreaker } from "../../src/cache/breaker.ts";
import { createRedisTier } from "../../src/cache/redis-tier.ts";

/** As much of a connection as a breaker looks at, with what was done to it. */
function connection(status = "ready") {
  const clock = { ms: 5000 };
  const client = { status, disconnected: [] as boolean[], disconnect: (again: boolean) => void client.disconnected.push(again) };
  const breaker = createBreaker(client as unknown as Redis, () => clock.ms);
  return { clock, client, breaker };
}

const works = (): Promise<string> => Promise.resolve("PONG");
const timesOut = (): Promise<never> => Promise.reject(new Error("Command timed out"));
const breaks = (): Promise<never> => Promise.reject(new Error("Connection is closed."));
const refuses = (word: string) => (): Promise<never> => Promise.reject(new ReplyError(`${word} not now`) as Error);

describe("a breaker", () => {
  test("ends a connection whose reply belongs to another command, and the second tier misses", async () => {
    const { client, breaker } = connection();
    const answersAnother = Object.assign(client, { getrangeBuffer: () => Promise.resolve([1, 60_000]) });
    const faults: string[] = [];
    const tier = createRedisTier({ breaker, prefix: "", onFault: (fault) => faults.push(fault) });
    expect(await tier.get("key")).toBeUndefined();
    expect([faults, answersAnother.disconnected]).toEqual([["read-away"], [true]]);
  });

  test("asks nothing of a connection that is not ready", async () => {
    const { breaker } = connection("reconnecting");
    let asked = 0;
    await expect(breaker.run(() => Promise.resolve((asked += 1)))).rejects.toThrow(RedisAway);
    expect(asked).toBe(0);
  });

  test("opens for one second after a fault, lets one command try, and closes when that works", async () => {
    const { breaker, clock } = connection();
    await expect(breaker.run(breaks)).rejects.toThrow(RedisAway);
    clock.ms += 999;
    await expect(breaker.run(works)).rejects.toThrow(RedisAway);
    clock.ms += 1;
    const probe = Promise.withResolvers<string>();
    const first = breaker.run(() => probe.promise);
    await expect(breaker.run(works)).rejects.toThrow(RedisAway);
    probe.resolve("PONG");
    expect(await first).toBe("PONG");
    expect(await breaker.run(works)).toBe("PONG");
  });

  test("stays open for another second when the try fails", async () => {
    const { breaker, clock } = connection();
    await expect(breaker.run(breaks)).rejects.toThrow(RedisAway);
    clock.ms += 1000;
    await expect(breaker.run(breaks)).rejects.toThrow(RedisAway);
    clock.ms += 500;
    await expect(breaker.run(works)).rejects.toThrow(RedisAway);
    clock.ms += 500;
    expect(await breaker.run(works)).toBe("PONG");
  });

  test.each(["READONLY", "OOM", "MISCONF", "WRONGTYPE", "NOSCRIPT", "BUSY"])(
    "passes %s on and stays closed: who refuses is there",
    async (word) => {
      const { breaker } = connection();
      await expect(breaker.run(refuses(word))).rejects.toThrow(`${word} not now`);
      expect(await breaker.run(works)).toBe("PONG");
    },
  );

  test("closes when the try is refused", async () => {
    const { breaker, clock } = connection();
    await expect(breaker.run(timesOut)).rejects.toThrow(RedisAway);
    clock.ms += 1000;
    await expect(breaker.run(refuses("OOM"))).rejects.toThrow("OOM not now");
    expect(await breaker.run(works)).toBe("PONG");
  });

  test("opens the connection anew after a timeout, at most every two seconds", async () => {
    const { breaker, clock, client } = connection();
    await Promise.allSettled([breaker.run(timesOut), breaker.run(timesOut)]);
    expect(client.disconnected).toEqual([true]);
    clock.ms += 1000;
    await expect(breaker.run(timesOut)).rejects.toThrow(RedisAway);
    expect(client.disconnected).toEqual([true]);
    clock.ms += 1000;
    await expect(breaker.run(timesOut)).rejects.toThrow(RedisAway);
    expect(client.disconnected).toEqual([true, true]);
  });

  test("leaves a connection that broke to mend itself", async () => {
    const { breaker, client } = connection();
    await expect(breaker.run(breaks)).rejects.toThrow(RedisAway);
    expect(client.disconnected).toEqual([]);
  });
});
