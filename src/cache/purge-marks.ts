/** Which tags were purged when, on a time line that all instances share and no wall clock takes part in. */
import { TAG_ALL } from "./tags.ts";

/** A place on the time line. `id` is agreed between instances, `tick` counts within one process what the others have not heard of. */
export interface Position {
  /** Of the last purge that was shared, in fixed width, so that ids compare as text. */
  readonly id: string;
  readonly tick: number;
}

/** What an instance had seen purged at a moment. Positions of two generations can't be compared: Redis was emptied or replaced between. */
export interface PurgePoint extends Position {
  readonly generation: string;
}

/** What a purge makes of what started before it, the mildest first. */
const STRENGTHS = ["stale", "outdated", "named", "gone"] as const;

/**
 * `stale`: used while it is refreshed behind. `outdated`, `named`: the next request waits for the refresh, as one of many or as a store that was
 * purged by its name. `gone`: not used at all.
 */
export type Strength = (typeof STRENGTHS)[number];

/** What purges mean for a stored response: usable as its age allows, or what the strongest of them made of it. */
export type Verdict = "valid" | Strength;

export interface PurgeMarks {
  raise(tags: readonly string[], at: Position, strength: Strength): void;
  verdict(since: Position, tags: readonly string[]): Verdict;
}

const MS_DIGITS = 15;
const COUNT_DIGITS = 20;
const STREAM_ID = /^(\d{1,15})-(\d{1,20})$/;
const FIXED_ID = /^\d{15}-\d{20}$/;
/** About 10 MB of names. */
const DEFAULT_MAX_TAGS = 50_000;

/** Before every purge. */
export const BEGINNING: Position = { id: `${"0".repeat(MS_DIGITS)}-${"0".repeat(COUNT_DIGITS)}`, tick: 0 };

/** A Redis stream's id in fixed width; undefined when it is none. */
export function positionId(streamId: string): string | undefined {
  const [, ms, count] = STREAM_ID.exec(streamId) ?? [];
  return ms === undefined || count === undefined ? undefined : `${ms.padStart(MS_DIGITS, "0")}-${count.padStart(COUNT_DIGITS, "0")}`;
}

/** Whether a text has the form that positionId() gives. */
export function isPositionId(text: unknown): text is string {
  return typeof text === "string" && FIXED_ID.test(text);
}

export function isLater(position: Position, than: Position): boolean {
  return position.id === than.id ? position.tick > than.tick : position.id > than.id;
}

/** The stronger of two verdicts. */
export function stronger(one: Verdict, other: Verdict): Verdict {
  return rank(one) >= rank(other) ? one : other;
}

const rank = (verdict: Verdict): number => (verdict === "valid" ? -1 : STRENGTHS.indexOf(verdict));

/** The last purge of each strength. */
type Mark = Readonly<Partial<Record<Strength, Position>>>;

/** @param maxTags beyond it the tag that was purged the longest ago is forgotten, and its purges count for every tag: more is fetched, never less */
export function createPurgeMarks(maxTags: number = DEFAULT_MAX_TAGS): PurgeMarks {
  const marks = new Map<string, Mark>();
  let floor: Mark = {};

  function forgetOldest(): void {
    const [oldest] = marks;
    if (oldest === undefined) return;
    marks.delete(oldest[0]);
    floor = merge(floor, oldest[1]);
  }

  return {
    raise(tags, at, strength) {
      for (const tag of tags) {
        const mark = merge(marks.get(tag) ?? {}, { [strength]: at });
        marks.delete(tag);
        marks.set(tag, mark);
      }
      while (marks.size > maxTags) forgetOldest();
    },
    verdict(since, tags) {
      let verdict = judge(marks.get(TAG_ALL), since, judge(floor, since, "valid"));
      for (const tag of tags) verdict = judge(marks.get(tag), since, verdict);
      return verdict;
    },
  };
}

function judge(mark: Mark | undefined, since: Position, verdict: Verdict): Verdict {
  if (mark === undefined) return verdict;
  const own = STRENGTHS.findLast((strength) => mark[strength] !== undefined && isLater(mark[strength], since));
  return own === undefined ? verdict : stronger(own, verdict);
}

function merge(one: Mark, other: Mark): Mark {
  const merged: Partial<Record<Strength, Position>> = { ...one };
  for (const strength of STRENGTHS) {
    const [known, added] = [one[strength], other[strength]];
    if (added !== undefined && (known === undefined || isLater(added, known))) merged[strength] = added;
  }
  return merged;
}
