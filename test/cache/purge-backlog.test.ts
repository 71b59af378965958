import { describe, expect, test } from "vitest";
import { createPurgeBacklog } from "../../src/cache/purge-backlog.ts";

describe("purges that wait for Redis", () => {
  test("each tag once, hard before soft, and a hard one covers a soft one", () => {
    const backlog = createPurgeBacklog();
    backlog.add({ tags: ["a", "b"], hard: false });
    backlog.add({ tags: ["b", "c"], hard: true });
    backlog.add({ tags: ["a", "c"], hard: false });
    expect(backlog.all()).toEqual([
      { tags: ["b", "c"], hard: true },
      { tags: ["a"], hard: false },
    ]);
    expect([backlog.take(), backlog.take(), backlog.take()]).toEqual([
      { tags: ["b", "c"], hard: true },
      { tags: ["a"], hard: false },
      undefined,
    ]);
  });

  test("are handed over in messages of at most 500 tags", () => {
    const backlog = createPurgeBacklog();
    backlog.add({ tags: Array.from({ length: 1100 }, (_, nth) => `business:${nth}`), hard: false });
    expect([1, 2, 3, 4].map(() => backlog.take()?.tags.length)).toEqual([500, 500, 100, undefined]);
  });

  test("a purge by hand stays one: behind the hard, before the soft, and it covers a soft one", () => {
    const backlog = createPurgeBacklog();
    backlog.add({ tags: ["a", "b"], hard: false });
    backlog.add({ tags: ["b", "c"], hard: false, awaited: true });
    backlog.add({ tags: ["c"], hard: true });
    backlog.add({ tags: ["b"], hard: false });
    expect([backlog.take(), backlog.take(), backlog.take(), backlog.take()]).toEqual([
      { tags: ["c"], hard: true },
      { tags: ["b"], hard: false, awaited: true },
      { tags: ["a"], hard: false },
      undefined,
    ]);
  });

  test("too many names become everything", () => {
    const backlog = createPurgeBacklog(3);
    backlog.add({ tags: ["a", "b", "c"], hard: false });
    backlog.add({ tags: ["d"], hard: false });
    backlog.add({ tags: ["x"], hard: true });
    expect(backlog.all()).toEqual([
      { tags: ["x"], hard: true },
      { tags: ["all"], hard: false },
    ]);
  });
});
