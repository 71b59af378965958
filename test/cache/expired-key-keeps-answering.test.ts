/** The key expires: every address once stored is still answered until its stale time ends, then not; the operator is told once. */
import { expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { gatewayFor, later, pageOf, SEARCH, startPartoo, stopClock, store } from "./partoo.ts";

/** Ten minutes fresh, a day stale: the defaults. */
const FRESH = 600;
const STALE = 86_400;
const STORES = Array.from({ length: 20 }, (_, nth) => store(nth));
/** A list, and each store by id and by code. */
const TARGETS = [SEARCH, ...STORES.flatMap((_, nth) => [pageOf(nth), pageOf(`c-FR-${nth}`)])];

const statuses = async (gateway: TestGateway): Promise<ReadonlySet<number>> =>
  new Set((await Promise.all(TARGETS.map((target) => gateway.get(target)))).map(({ status }) => status));

test("every address is answered until its end, with one alarm; a key that works mends it without a restart", async () => {
  stopClock();
  const partoo = await startPartoo(STORES);
  const gateway = await gatewayFor(partoo);
  expect(await statuses(gateway)).toEqual(new Set([200]));
  partoo.fails(() => storableJson({ error: { json: "Unauthorized" } }, { status: 401 }));
  for (const seconds of [FRESH, FRESH, STALE - FRESH - 1]) {
    later(seconds);
    expect(await statuses(gateway)).toEqual(new Set([200]));
  }
  later(1);
  expect(await statuses(gateway)).toEqual(new Set([502]));
  expect(gateway.log.filter(({ alarm }) => alarm !== undefined)).toMatchObject([{ level: "error", alarm: "key-refused" }]);
  expect(JSON.stringify(gateway.log)).not.toContain(CANARY_KEY);
  partoo.works();
  expect(await statuses(gateway)).toEqual(new Set([200]));
});
