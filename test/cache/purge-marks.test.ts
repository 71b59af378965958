import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BEGINNING, createPurgeMarks, isLater, isPositionId, positionId } from "../../src/cache/purge-marks.ts";
import { businessTag, isTag, keyTag, listTag, routeTag } from "../../src/cache/tags.ts";

const at = (count: number, tick = 0) => ({ id: positionId(`1795320140648-${count}`) ?? "", tick });

const fromRedis = (ms: bigint, count: bigint) => ({ id: positionId(`${ms}-${count}`) ?? "", tick: 0 });

describe("positions", () => {
  test("a stream's id in fixed width", () => {
    expect(positionId("1795320140648-7")).toBe("001795320140648-00000000000000000007");
    expect(positionId("0-0")).toBe(BEGINNING.id);
    for (const odd of ["", "1795320140648", "1-2-3", "x-1", "-1-0", "1795320140648-*"]) expect(positionId(odd)).toBeUndefined();
    expect([isPositionId(positionId("1-1")), isPositionId("1-1"), isPositionId(1)]).toEqual([true, false, false]);
  });

  test("compare as Redis orders its ids, whatever their width", () => {
    const id = fc.tuple(fc.bigInt(0n, 10n ** 13n), fc.bigInt(0n, 2n ** 64n - 1n));
    fc.assert(
      fc.property(id, id, ([ms1, count1], [ms2, count2]) => {
        const later = ms1 === ms2 ? count1 > count2 : ms1 > ms2;
        expect(isLater(fromRedis(ms1, count1), fromRedis(ms2, count2))).toBe(later);
      }),
    );
  });
});

/** What the marks say of an entry that started at a place in a history, and what is due. */
function judge(purges: readonly { tag: string; hard: boolean }[], start: number, tags: readonly string[], maxTags: number) {
  const marks = createPurgeMarks(maxTags);
  purges.forEach((purge, index) => marks.raise([purge.tag], at(index), purge.hard ? "gone" : "stale"));
  const since = purges.filter((purge, index) => index > start && (purge.tag === "all" || tags.includes(purge.tag)));
  const soft = since.length > 0 ? "stale" : "valid";
  return { verdict: marks.verdict(at(start), tags), due: since.some(({ hard }) => hard) ? ("gone" as const) : soft } as const;
}

describe("marks", () => {
  test("a soft purge makes what started before it stale, a hard one gone, and neither touches what started with it or later", () => {
    const marks = createPurgeMarks();
    marks.raise(["business:1"], at(5), "stale");
    marks.raise(["business:2"], at(5), "gone");
    expect([4, 5, 6].map((start) => marks.verdict(at(start), ["business:1"]))).toEqual(["stale", "valid", "valid"]);
    expect([4, 5, 6].map((start) => marks.verdict(at(start), ["business:2"]))).toEqual(["gone", "valid", "valid"]);
    expect(marks.verdict(at(4), ["business:3"])).toBe("valid");
  });

  test("the worst of several tags counts", () => {
    const marks = createPurgeMarks();
    marks.raise(["a"], at(5), "stale");
    marks.raise(["b"], at(5), "gone");
    expect([["a", "b"], ["b", "a"], ["x", "a"], ["x"], []].map((tags) => marks.verdict(at(1), tags))).toEqual([
      "gone",
      "gone",
      "stale",
      "valid",
      "valid",
    ]);
  });

  test("by hand: many are outdated, one store is named, and neither undoes what is gone", () => {
    const marks = createPurgeMarks();
    marks.raise(["all"], at(5), "outdated");
    marks.raise(["business:1"], at(6), "named");
    marks.raise(["business:2"], at(7), "stale");
    marks.raise(["business:3"], at(4), "gone");
    expect([1, 2, 3, 4].map((nth) => marks.verdict(at(3), [`business:${nth}`]))).toEqual(["named", "outdated", "gone", "outdated"]);
    expect([1, 2, 3].map((nth) => marks.verdict(at(5), [`business:${nth}`]))).toEqual(["named", "stale", "valid"]);
  });

  test("a purge of all reaches entries without any tag", () => {
    const marks = createPurgeMarks();
    marks.raise(["all"], at(5), "gone");
    expect([marks.verdict(at(4), []), marks.verdict(at(5), [])]).toEqual(["gone", "valid"]);
  });

  test("what arrives late does not undo what is known: soft after hard, old after new", () => {
    const marks = createPurgeMarks();
    marks.raise(["a"], at(9), "gone");
    marks.raise(["a"], at(10), "stale");
    marks.raise(["a"], at(2), "gone");
    expect([8, 9, 10].map((start) => marks.verdict(at(start), ["a"]))).toEqual(["gone", "stale", "valid"]);
  });

  test("ticks of this process order what the others have not heard of", () => {
    const marks = createPurgeMarks();
    marks.raise(["a"], at(5, 3), "stale");
    expect([at(5, 2), at(5, 3), at(6, 0)].map((start) => marks.verdict(start, ["a"]))).toEqual(["stale", "valid", "valid"]);
  });

  const tag = fc.constantFrom("a", "b", "c", "d", "e", "all");
  const history = fc.array(fc.record({ tag, hard: fc.boolean() }), { maxLength: 30 });
  const severity = { valid: 0, stale: 1, outdated: 2, named: 3, gone: 4 };

  test("any history is judged as it was", () => {
    fc.assert(
      fc.property(history, fc.nat(30), fc.array(tag, { maxLength: 3 }), (purges, start, tags) => {
        const { verdict, due } = judge(purges, start, tags, 100);
        expect(verdict).toBe(due);
      }),
    );
  });

  test("with few names remembered no purge is ever missed", () => {
    fc.assert(
      fc.property(history, fc.nat(30), fc.array(tag, { maxLength: 3 }), fc.integer({ min: 0, max: 3 }), (purges, start, tags, maxTags) => {
        const { verdict, due } = judge(purges, start, tags, maxTags);
        expect(severity[verdict]).toBeGreaterThanOrEqual(severity[due]);
      }),
    );
  });
});

describe("tags", () => {
  test("are named so that an operator can guess them", () => {
    expect([
      keyTag("locator-read"),
      routeTag("/business/search"),
      listTag("locator-read"),
      businessTag("5f1"),
      businessTag("c-Paris 1"),
    ]).toEqual(["key:locator-read", "route:/business/search", "list:locator-read", "business:5f1", "business:c-Paris 1"]);
  });

  test("a store's code that can't stand in a tag has one all the same, of its own", () => {
    const [long, odd] = [businessTag(`c-${"x".repeat(400)}`), businessTag("c-a\nb")];
    expect([isTag(long), isTag(odd), long === odd]).toEqual([true, true, false]);
    expect(businessTag("c-a\nb")).toBe(odd);
  });

  test("1 to 256 characters without control characters", () => {
    expect(["all", "é ☕", "x".repeat(256)].every((text) => isTag(text))).toBe(true);
    expect(["", "x".repeat(257), "a\nb", "\u0000", 1, null].some((text) => isTag(text))).toBe(false);
  });
});
