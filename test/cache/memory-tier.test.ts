import { describe, expect, test } from "vitest";
import { createMemoryTier } from "../../src/cache/memory-tier.ts";
import { sample } from "./sample.ts";

const MIB = 1024 * 1024;
const ofBytes = (bytes: number) => sample({ body: Buffer.alloc(bytes), tags: [] });

describe("bounded in bytes", () => {
  test("an entry counts 512 bytes, two for each character of key and tags, and its bytes", () => {
    const memory = createMemoryTier(MIB);
    memory.set("1234567890", sample({ body: Buffer.alloc(1000), tags: ["12345", "678"], codings: { br: Buffer.alloc(100) } }));
    expect(memory.size()).toEqual({ bytes: 512 + 20 + 16 + 1000 + 100, count: 1 });
  });

  test("what was not asked for the longest goes first", () => {
    const memory = createMemoryTier(35_000);
    for (const key of ["a", "b", "c"]) memory.set(key, ofBytes(10_000));
    memory.get("a");
    memory.set("d", ofBytes(10_000));
    expect(["a", "b", "c", "d"].filter((key) => memory.get(key) !== undefined)).toEqual(["a", "c", "d"]);
    expect(memory.size().bytes).toBeLessThanOrEqual(35_000);
  });

  test("an entry larger than the tier is not kept, drives nothing out, and does not leave its predecessor", () => {
    const memory = createMemoryTier(35_000);
    memory.set("a", ofBytes(1000));
    memory.set("b", ofBytes(1000));
    memory.set("b", ofBytes(40_000));
    expect(memory.get("b")).toBeUndefined();
    expect(memory.get("a")).toBeDefined();
  });

  test("a replaced entry is counted once", () => {
    const memory = createMemoryTier(MIB);
    for (let nth = 0; nth < 10; nth += 1) memory.set("a", ofBytes(1000 + nth));
    expect(memory.size()).toEqual({ bytes: 512 + 2 + 1009, count: 1 });
    memory.delete("a");
    expect(memory.size()).toEqual({ bytes: 0, count: 0 });
  });
});

describe("codings", () => {
  test("one that is attached is counted, and the entry that a reader holds stays as it was", () => {
    const memory = createMemoryTier(MIB);
    const entry = ofBytes(1000);
    memory.set("a", entry);
    memory.attach("a", entry.hash, "gzip", Buffer.alloc(300));
    memory.attach("a", entry.hash, "br", Buffer.alloc(200));
    expect(memory.size().bytes).toBe(512 + 2 + 1000 + 300 + 200);
    expect(memory.get("a")?.codings).toEqual({ gzip: Buffer.alloc(300), br: Buffer.alloc(200) });
    expect(entry.codings).toEqual({});
  });

  test("one of an older body never gets to the entry that has taken its place", () => {
    const memory = createMemoryTier(MIB);
    memory.set("a", sample({ hash: "new" }));
    memory.attach("a", "old", "gzip", Buffer.alloc(300));
    expect(memory.get("a")?.codings).toEqual({});
  });

  test("one for an entry that has gone is dropped", () => {
    const memory = createMemoryTier(MIB);
    memory.attach("a", "old", "gzip", Buffer.alloc(300));
    expect(memory.size()).toEqual({ bytes: 0, count: 0 });
  });

  test("one that grows the entry beyond the tier takes the entry with it, not the tier", () => {
    const memory = createMemoryTier(3000);
    const entry = ofBytes(1000);
    memory.set("a", entry);
    memory.attach("a", entry.hash, "br", Buffer.alloc(4000));
    expect(memory.size()).toEqual({ bytes: 0, count: 0 });
  });
});

test("all entries can be gone through and deleted on the way", () => {
  const memory = createMemoryTier(MIB);
  for (const key of ["a", "b", "c"]) memory.set(key, ofBytes(10));
  for (const [key] of memory.entries()) memory.delete(key);
  expect(memory.size().count).toBe(0);
});
