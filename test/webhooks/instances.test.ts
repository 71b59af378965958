/** A webhook reaches one process; the others learn of it through Redis. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { business, gatewayFor, nameShown, pageOf, startPartoo, store } from "../cache/partoo.ts";
import { redisForTest } from "../cache/rig.ts";
import { until } from "../support/cli.ts";
import { HOOK, OPEN_QUOTA, signer, webhook } from "./scene.ts";

test("an edit told to one process is shown by the other, and asked for once at most", { timeout: 20_000 }, async () => {
  const { url: redisUrl } = await redisForTest();
  const key = signer();
  const partoo = await startPartoo();
  const locator = { organization: `${OPEN_QUOTA}, webhooks: { public_key: "${key.publicKey}" }` };
  const [one, other] = [await gatewayFor(partoo, { locator, redisUrl }), await gatewayFor(partoo, { locator, redisUrl })];
  // Both know what Redis has purged; what is stored before that is stale from then on.
  await sleep(700);
  await other.get(pageOf(1));
  // What the other one has stored is in Redis when this one finds it there.
  await until(async () => (await one.get(pageOf(1))).headers.get("cache-status")?.includes("hit") === true);
  const edited = store(1, { name: "Edited", modified: 1_790_000_001 });
  partoo.stores = [edited];
  const before = partoo.calls().length;
  const body = webhook("business_updated", business(edited));
  const told = await fetch(one.url + HOOK, {
    method: "POST",
    body: new Uint8Array(body),
    headers: { "x-partoo-signature-v1": key.sign(body) },
  });
  expect(told.status).toBe(200);
  expect(await nameShown(one, 1)).toBe("Edited");
  expect(partoo.calls().length).toBe(before);
  await until(async () => (await nameShown(other, 1)) === "Edited");
  expect(partoo.calls().length - before).toBeLessThanOrEqual(1);
});
