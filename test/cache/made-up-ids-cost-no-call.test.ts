/** Ten thousand requests for made-up ids from a hundred addresses cost no call after a complete sweep, and the frontend's share at most before. */
import { expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { until } from "../support/cli.ts";
import { from } from "../support/gateway.ts";
import { ORIGIN } from "../support/proxy.ts";
import { gatewayFor, isSwept, pageOf, startPartoo, store } from "./partoo.ts";

const ADDRESSES = 100;
const EACH = 100;

const frontend = (misses: string, more = ""): Readonly<Record<string, string>> => ({
  "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 100000/min, misses: ${misses} }\n${more}`,
});

/** Ids and codes, each once. @returns how often there was which status */
async function guess(gateway: TestGateway): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>();
  for (let round = 0; round < EACH; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: ADDRESSES }, (_, nth) => {
        const name = nth % 2 === 0 ? 1000 + round * ADDRESSES + nth : `c-made-up-${round}-${nth}`;
        return gateway.get(pageOf(name), from(`203.0.113.${nth}`));
      }),
    );
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return statuses;
}

test("after a complete sweep: none, whatever misses are left", async () => {
  const partoo = await startPartoo(Array.from({ length: 150 }, (_, nth) => store(nth)));
  const gateway = await gatewayFor(partoo, { locator: { sweep: true }, frontends: frontend("1/h") });
  await until(() => isSwept(gateway));
  expect(await guess(gateway)).toEqual(new Map([[404, 10_000]]));
  expect([partoo.calls(), partoo.sweeps().length]).toEqual([[], 2]);
});

test("before: the frontend's share at most, and Partoo never refuses", async () => {
  const sandbox = await startSandbox({ stores: 10, limitPerMinute: 100 });
  onTestFinished(() => sandbox.close());
  const gateway = await gatewayFor(sandbox, {
    env: { PARTOO_KEY_LOCATOR_READ: "sandbox-locator-read" },
    frontends: frontend("100000/min", "share: 40%\n"),
    locator: { organization: "quota: 100/min, reserve: 0%" },
  });
  const statuses = await guess(gateway);
  expect(new Set(statuses.keys())).toEqual(new Set([404, 503]));
  expect(statuses.get(404)).toBe(40);
  expect(sandbox.counters()).toMatchObject({ calls: 40, limited: 0 });
});
