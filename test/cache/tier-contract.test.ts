/** What holds for every tier. */
import type { StoredResponse } from "../../src/cache/entry.ts";
import { describe, expect, test } from "vitest";
import { createMemoryTier } from "../../src/cache/memory-tier.ts";
import { openInstance, isReady, redisForTest } from "./rig.ts";
import { KEY, sample } from "./sample.ts";

interface Tier {
  get(key: string): Promise<StoredResponse | undefined>;
  set(key: string, entry: StoredResponse): Promise<unknown>;
  delete(key: string): Promise<void>;
}

function memory(): Promise<Tier> {
  const tier = createMemoryTier(3 * 1024 * 1024);
  return Promise.resolve({
    get: (key) => Promise.resolve(tier.get(key)),
    set: (key, entry) => Promise.resolve(tier.set(key, entry)),
    delete: (key) => Promise.resolve(tier.delete(key)),
  });
}

async function redis(): Promise<Tier> {
  const instance = openInstance((await redisForTest()).url);
  await isReady(instance);
  return instance.tier;
}

describe.each([
  { name: "memory", open: memory },
  { name: "Redis", open: redis },
])("a tier in $name", ({ open }) => {
  test("gives back what was stored, byte for byte", async () => {
    const tier = await open();
    const entries = {
      plain: sample(),
      coded: sample({ codings: { gzip: Buffer.from([31, 139, 0]), br: Buffer.from([0, 255]) } }),
      missing: sample({ found: false, body: Buffer.from('{"code":"not-found"}') }),
      business: sample({ metadata: { id: "5f1", code: "Paris 1", modified: 1_795_320_140.648 } }),
      alias: sample({ alias: KEY, body: Buffer.alloc(0), hash: "" }),
      large: sample({ body: Buffer.alloc(2_000_000, "x") }),
      "é ☕ \u0000": sample({ body: Buffer.alloc(0) }),
    };
    for (const [key, entry] of Object.entries(entries)) await tier.set(key, entry);
    for (const [key, entry] of Object.entries(entries)) expect(await tier.get(key)).toEqual(entry);
  });

  test("has nothing under a key that was never stored", async () => {
    const tier = await open();
    await tier.set(KEY, sample());
    expect(await tier.get(`${KEY} `)).toBeUndefined();
  });

  test("keeps the last of two", async () => {
    const tier = await open();
    await tier.set(KEY, sample({ hash: "first" }));
    await tier.set(KEY, sample({ hash: "second" }));
    expect((await tier.get(KEY))?.hash).toBe("second");
  });

  test("forgets what is deleted, and nothing else", async () => {
    const tier = await open();
    await tier.set("a", sample());
    await tier.set("b", sample());
    await tier.delete("a");
    await tier.delete("never there");
    expect([await tier.get("a"), await tier.get("b")]).toMatchObject([undefined, { found: true }]);
  });

  test("does not keep what is larger than it takes", async () => {
    const tier = await open();
    await tier.set(KEY, sample({ body: Buffer.alloc(5 * 1024 * 1024) }));
    expect(await tier.get(KEY)).toBeUndefined();
  });

  test("what it gives does not hold on to memory it does not need", async () => {
    const tier = await open();
    await tier.set(KEY, sample({ body: Buffer.alloc(1500, "x") }));
    expect((await tier.get(KEY))?.body.buffer.byteLength).toBeLessThanOrEqual(3000);
  });
});
