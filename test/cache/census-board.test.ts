import { expect, onTestFinished, test } from "vitest";
import type { CensusBoard } from "../../src/cache/census-board.ts";
import type { RedisServer } from "../support/redis.ts";
import { createCensusBoard } from "../../src/cache/census-board.ts";
import { until } from "../support/cli.ts";
import { isReady, openInstance, redisForTest } from "./rig.ts";

async function boardOn(redis: RedisServer): Promise<{ readonly board: CensusBoard; readonly isBack: () => Promise<void> }> {
  const instance = openInstance(redis.url);
  await isReady(instance);
  const { breaker, connection } = instance;
  const board = createCensusBoard({ breaker, prefix: connection.prefix });
  onTestFinished(() => board.close());
  const answers = async (): Promise<boolean> =>
    breaker
      .run((client) => client.ping())
      .then(
        () => true,
        () => false,
      );
  return { board, isBack: () => until(answers) };
}

test("one process has the lease, and has it again whenever it asks", async () => {
  const redis = await redisForTest();
  const [one, other] = [await boardOn(redis), await boardOn(redis)];
  expect([await one.board.takeLease("stores"), await one.board.takeLease("stores")]).toEqual([true, true]);
  expect(await other.board.takeLease("stores")).toBe(false);
  await one.board.dropLease("stores");
  expect(await other.board.takeLease("stores")).toBe(true);
});

test("whoever took it while Redis was away has lost it when another one took it since", async () => {
  const redis = await redisForTest();
  const [one, other] = [await boardOn(redis), await boardOn(redis)];
  await redis.kill();
  expect(await one.board.takeLease("stores")).toBe(true);
  await redis.restart();
  await Promise.all([one.isBack(), other.isBack()]);
  expect(await other.board.takeLease("stores")).toBe(true);
  expect(await one.board.takeLease("stores")).toBe(false);
  await one.board.dropLease("stores");
  expect(await one.board.takeLease("stores")).toBe(false);
});
