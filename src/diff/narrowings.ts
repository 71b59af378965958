/** What changes for callers when a parameter is narrowed otherwise. */
import type { Narrowing } from "../config/narrowing.ts";
import type { Difference } from "./change.ts";

type Bounds = Omit<Narrowing, "items" | "default">;
type Direction = "wider" | "narrower" | "other";

/** A larger number allows more. */
const CEILINGS = ["maximum", "maxLength", "maxItems"] as const;
/** A larger number allows less. */
const FLOORS = ["minimum", "minLength"] as const;

/** One difference for each keyword. Wider, or not known to be narrower: opens. */
export function compareNarrowings(name: string, before: Narrowing, after: Narrowing): readonly Difference[] {
  return [...compareBounds(name, before, after), ...compareBounds(`${name} items`, before.items ?? {}, after.items ?? {})];
}

function compareBounds(name: string, before: Bounds, after: Bounds): readonly Difference[] {
  const ceilings = CEILINGS.map((keyword) => compareNumbers(keyword, before[keyword] ?? Infinity, after[keyword] ?? Infinity));
  const floors = FLOORS.map((keyword) => compareNumbers(keyword, -(before[keyword] ?? -Infinity), -(after[keyword] ?? -Infinity)));
  const patterns =
    before.pattern === after.pattern ? undefined : ({ keyword: "pattern", direction: patternDirection(before, after) } as const);
  return [...ceilings, ...floors, patterns, compareWords(before.enum, after.enum)].flatMap((found) => {
    if (found === undefined) return [];
    const { keyword, direction } = found;
    const words = (bounds: Bounds): string => (bounds[keyword] === undefined ? "as the catalogue" : JSON.stringify(bounds[keyword]));
    const detail = `${name}: ${keyword} ${words(before)} → ${words(after)}`;
    return [
      direction === "narrower"
        ? { kind: "parameter-narrowed", detail, risk: "breaks" }
        : { kind: "parameter-widened", detail, risk: "opens" },
    ];
  });
}

interface Found {
  readonly keyword: keyof Bounds;
  readonly direction: Direction;
}

function compareNumbers(keyword: keyof Bounds, before: number, after: number): Found | undefined {
  return before === after ? undefined : { keyword, direction: after > before ? "wider" : "narrower" };
}

/** Where there was none, a pattern takes something away; of two, nobody can tell. */
function patternDirection(before: Bounds, after: Bounds): Direction {
  if (before.pattern === undefined) return "narrower";
  return after.pattern === undefined ? "wider" : "other";
}

function compareWords(before: Bounds["enum"], after: Bounds["enum"]): Found | undefined {
  if (JSON.stringify(before) === JSON.stringify(after)) return undefined;
  const isSubset = after !== undefined && (before === undefined || after.every((word) => before.includes(word)));
  const isSame = isSubset && before !== undefined && before.every((word) => after.includes(word));
  return isSame ? undefined : { keyword: "enum", direction: isSubset ? "narrower" : "wider" };
}
