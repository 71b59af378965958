/** Another policy while stores are asked for, or read: what is withdrawn is gone with the next answer, and nobody is sent away. */
import { expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { redisForTest } from "../cache/rig.ts";
import { until } from "../support/cli.ts";
import { listOf, locatorFor, policyOf, startChangingPartoo } from "./partoo.ts";
import { aStore } from "./support.ts";

const many = (count: number) =>
  Array.from({ length: count }, (_, nth) => aStore(nth, { city: "Paris", phone: null, website_url: `https://${nth}.example` }));

/** Asks on and on. @returns ends it, with every status that was seen and every body */
function asking(gateway: TestGateway, target: string) {
  const stop = new AbortController();
  const statuses = new Set<number>();
  const bodies: string[] = [];
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const answer = await gateway.get(target);
      statuses.add(answer.status);
      bodies.push(await answer.text());
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
    return { statuses: [...statuses], bodies };
  };
}

test.each([
  ["in this process", false],
  ["with Redis", true],
])("a withdrawn field is gone with the next answer, and each answer is whole: %s", async (_where, hasRedis) => {
  const partoo = await startChangingPartoo(many(1500));
  const redisUrl = hasRedis ? { redisUrl: (await redisForTest()).url } : {};
  const gateway = await locatorFor(partoo, { fields: "id, name, city", ...redisUrl });
  const ends = [
    asking(gateway, "/locator/stores?limit=1"),
    asking(gateway, "/locator/stores/all"),
    asking(gateway, `/locator/stores/${String(aStore(7)["id"])}`),
  ];
  expect(await (await gateway.get("/locator/stores?limit=1")).text()).toContain("Paris");
  // Three times at once: the second comes while the first is being taken over.
  for (const fields of ["id, name", "id, name, website_url", "id, website_url"]) gateway.follow(policyOf({ fields }));
  const after = await (await gateway.get("/locator/stores?limit=1")).text();
  expect([after.includes("Paris"), after.includes("Acme")]).toEqual([false, false]);
  expect((await listOf(gateway)).count).toBe(1500);
  await until(async () => (await gateway.get("/locator/stores?limit=1")).text().then((text) => text.includes("0.example")));
  for (const end of ends) expect((await end()).statuses).toEqual([200]);
});

test("another policy while all stores are read for the first time leaves none of them out", async () => {
  const partoo = await startChangingPartoo(many(250));
  const counts = new Set<number>();
  partoo.onPage = (query) => {
    if (query.get("page") !== "2") return;
    partoo.onPage = () => undefined;
    gateway.follow(policyOf({ fields: "id, name, website_url" }));
  };
  const gateway = await locatorFor(partoo, { stores: false, fields: "id, name" });
  gateway.follow(policyOf({ fields: "id, name" }));
  await until(async () => {
    const answer = await gateway.get("/locator/stores?limit=1");
    if (answer.status === 200) counts.add(((await answer.json()) as { count: number }).count);
    return counts.size > 0;
  });
  await until(async () => (await (await gateway.get("/locator/stores?limit=1")).text()).includes("0.example"));
  counts.add((await listOf(gateway)).count);
  expect([...counts]).toEqual([250]);
});

test("a directory that is offered now is read once; one that is not is 404", async () => {
  const partoo = await startChangingPartoo(many(150));
  const gateway = await locatorFor(partoo, { stores: false });
  await until(() => gateway.log.some(({ msg }) => msg === "all stores are held"));
  const before = partoo.sweeps();
  expect((await gateway.get("/locator/stores")).status).toBe(404);
  gateway.follow(policyOf({}));
  expect((await gateway.get("/locator/stores")).status).toBe(503);
  await until(async () => (await gateway.get("/locator/stores")).status === 200);
  expect(partoo.sweeps() - before).toBe(2);
  gateway.follow(policyOf({ stores: false }));
  expect((await gateway.get("/locator/stores")).status).toBe(404);
});

test("what the key's search forces decides at once who is shown", async () => {
  const stores = [aStore(1), aStore(2, { status: "temporarily_closed" })];
  const partoo = await startChangingPartoo(stores);
  const gateway = await locatorFor(partoo);
  expect((await listOf(gateway)).count).toBe(2);
  gateway.follow(policyOf({ force: "open" }));
  expect((await listOf(gateway)).count).toBe(1);
  gateway.follow(policyOf({}));
  await until(async () => (await listOf(gateway)).count === 2);
});
