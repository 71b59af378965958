/** A webhook reaches one process; the others learn of it through Redis. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { Partoo, Store } from "../cache/partoo.ts";
import { business, gatewayFor, nameShown, pageOf, SEARCH, startPartoo, store } from "../cache/partoo.ts";
import { chaosProxy, redisForTest } from "../cache/rig.ts";
import { until } from "../support/cli.ts";
import { HOOK, OPEN_QUOTA, signer, webhook } from "./scene.ts";

const key = signer();
const locator = { organization: `${OPEN_QUOTA}, webhooks: { public_key: "${key.publicKey}" }` };
const start = (partoo: Partoo, redisUrl: string): Promise<TestGateway> => gatewayFor(partoo, { locator, redisUrl });

async function tell({ url }: TestGateway, type: string, about: Store): Promise<number> {
  const body = webhook(type, business(about));
  const headers = { "x-partoo-signature-v1": key.sign(body) };
  return (await fetch(url + HOOK, { method: "POST", body: new Uint8Array(body), headers })).status;
}

/** Both know what Redis has purged; what is stored before that is stale from then on. */
async function startPair(partoo: Partoo): Promise<readonly [TestGateway, TestGateway]> {
  const { url } = await redisForTest();
  const pair = [await start(partoo, url), await start(partoo, url)] as const;
  await sleep(700);
  await pair[1].get(pageOf(1));
  // What the other one has stored is in Redis when this one finds it there.
  await until(async () => (await pair[0].get(pageOf(1))).headers.get("cache-status")?.includes("hit") === true);
  return pair;
}

test("an edit told to one process is shown by the other, and asked for once at most", async () => {
  const partoo = await startPartoo();
  const [one, other] = await startPair(partoo);
  const edited = store(1, { name: "Edited", modified: 1_790_000_001 });
  partoo.stores = [edited];
  const before = partoo.calls().length;
  expect(await tell(one, "business_updated", edited)).toBe(200);
  expect(await nameShown(one, 1)).toBe("Edited");
  expect(partoo.calls().length).toBe(before);
  await until(async () => (await nameShown(other, 1)) === "Edited");
  expect(partoo.calls().length - before).toBeLessThanOrEqual(1);
});

test("two edits of one store told to two processes at once: both show the newer one, whichever comes first", async () => {
  const partoo = await startPartoo();
  const pair = await startPair(partoo);
  for (let round = 1; round <= 10; round += 1) {
    const [older, newer] = [2 * round, 2 * round + 1].map((nth) => store(1, { name: `Edit ${nth}`, modified: 1_790_000_000 + nth }));
    if (older === undefined || newer === undefined) throw new Error("a test of two edits needs two");
    partoo.stores = [newer];
    const [first, second] = round % 2 === 0 ? [older, newer] : [newer, older];
    expect(await Promise.all([tell(pair[0], "business_updated", first), tell(pair[1], "business_updated", second)])).toEqual([200, 200]);
    await until(async () => {
      const names = await Promise.all(pair.map((gateway) => nameShown(gateway, 1)));
      return names.every((name) => name === newer.name);
    });
    expect(await nameShown(pair[0], 1)).toBe(newer.name);
  }
});

test("a process that starts shows nothing of Redis before it knows what was purged there", async () => {
  const redis = await redisForTest();
  const stores = Array.from({ length: 50 }, (_, nth) => store(nth));
  const partoo = await startPartoo(stores);
  const one = await start(partoo, redis.url);
  await until(async () => (await redis.keys()).includes("partoo-bff:purge:generation"));
  await one.get(SEARCH);
  await until(async () => (await redis.keys()).length > 100);
  partoo.stores = [];
  for (const gone of stores) expect(await tell(one, "business_deleted", gone)).toBe(200);
  const chaos = await chaosProxy(redis);
  chaos.delayMs = 200;
  const starting = await start(partoo, chaos.url);
  const shown = await Promise.all(stores.map(async (_, nth) => (await sleep(nth * 30), (await starting.get(pageOf(nth))).status)));
  expect(shown.filter((status) => status !== 404)).toEqual([]);
});
