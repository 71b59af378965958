/** A store edited in the sandbox is what the first request after the webhook's 200 shows, at the cost of one call at most. */
import { expect, onTestFinished, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { TestGateway } from "../support/gateway.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { EVERYTHING, rawStores, write } from "../sandbox/support.ts";
import { until } from "../support/cli.ts";
import { HOOK, OPEN_QUOTA } from "../webhooks/scene.ts";
import { gatewayFor, isSwept, nameShown, pageOf } from "./partoo.ts";
import { redisForTest } from "./rig.ts";

interface Options {
  readonly sweep?: boolean;
  readonly redisUrl?: string;
}

interface Scene {
  readonly gateway: TestGateway;
  /** Another process of the same deployment. */
  readonly startOther: () => Promise<TestGateway>;
  readonly id: string;
  readonly code: string;
  /** Edits the store, and waits until its webhook was answered with 200. */
  readonly edit: (name: string) => Promise<void>;
  /** Calls of both processes since the edit. */
  readonly calls: () => number;
}

async function scene({ sweep = false, ...redis }: Options = {}): Promise<Scene> {
  const sandbox = await startSandbox({ stores: 40, limitPerMinute: 10_000 });
  onTestFinished(() => sandbox.close());
  const locator = { organization: `${OPEN_QUOTA}, webhooks: { public_key: "${sandbox.publicKey}" }`, sweep };
  const start = (): Promise<TestGateway> => gatewayFor(sandbox, { locator, env: { PARTOO_KEY_LOCATOR_READ: EVERYTHING }, ...redis });
  const gateway = await start();
  await subscribe(sandbox, gateway);
  const { id, code } = rawStores(sandbox)[3]!;
  let before = 0;
  return {
    gateway,
    startOther: start,
    id,
    code,
    async edit(name) {
      const { webhooks } = gateway.counts();
      await write(sandbox, "POST", `/business/${id}`, { name });
      before = callsTo(sandbox);
      await until(() => gateway.counts().webhooks === webhooks + 1);
    },
    calls: () => callsTo(sandbox) - before,
  };
}

async function subscribe(sandbox: RunningSandbox, { url }: TestGateway): Promise<void> {
  const items = [{ url: url + HOOK, event_type: "business_updated" }];
  expect((await write(sandbox, "POST", "/webhooks", { items })).status).toBe(201);
}

const callsTo = (sandbox: RunningSandbox): number => sandbox.counters().calls;

test("when it is held: by id and by code, without a call, each time it is edited", async () => {
  const { gateway, id, code, edit, calls } = await scene();
  await gateway.get(pageOf(id));
  for (const name of ["Acme Été", "Acme Hiver"]) {
    await edit(name);
    expect([await nameShown(gateway, id), await nameShown(gateway, `c-${code}`), calls()]).toEqual([name, name, 0]);
  }
});

test("when all stores are held: without a call", async () => {
  const { gateway, id, edit, calls } = await scene({ sweep: true });
  await until(() => isSwept(gateway));
  await edit("Acme Été");
  expect([await nameShown(gateway, id), calls()]).toEqual(["Acme Été", 0]);
});

test("when it is not held: by one call, which the webhook itself did not make", async () => {
  const { gateway, id, edit, calls } = await scene();
  await edit("Acme Été");
  expect(calls()).toBe(0);
  expect([await nameShown(gateway, id), calls()]).toEqual(["Acme Été", 1]);
});

test("when another process has stored it in Redis: by one call at most", async () => {
  const redis = await redisForTest();
  const { gateway, startOther, id, edit, calls } = await scene({ redisUrl: redis.url });
  await (await startOther()).get(pageOf(id));
  await until(async () => (await redis.keys()).filter((key) => key.includes(":response:")).length === 2);
  await edit("Acme Été");
  expect(await nameShown(gateway, id)).toBe("Acme Été");
  expect(calls()).toBeLessThanOrEqual(1);
});
