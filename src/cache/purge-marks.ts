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

/** What purges mean for a stored response: usable as its age allows, usable only as stale, or not at all. */
export type Verdict = "valid" | "stale" | "gone";

export interface PurgeMarks {
  /** A hard purge makes what started before it gone, a soft one stale. */
  raise(tags: readonly string[], at: Position, hard: boolean): void;
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

interface Mark {
  readonly soft?: Position;
  readonly hard?: Position;
}

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
    raise(tags, at, hard) {
      for (const tag of tags) {
        const mark = merge(marks.get(tag) ?? {}, hard ? { hard: at } : { soft: at });
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
  if (mark === undefined || verdict === "gone") return verdict;
  if (mark.hard !== undefined && isLater(mark.hard, since)) return "gone";
  return mark.soft !== undefined && isLater(mark.soft, since) ? "stale" : verdict;
}

function merge(one: Mark, other: Mark): Mark {
  const soft = latest(one.soft, other.soft);
  const hard = latest(one.hard, other.hard);
  return { ...(soft === undefined ? {} : { soft }), ...(hard === undefined ? {} : { hard }) };
}

function latest(one: Position | undefined, other: Position | undefined): Position | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isLater(one, other) ? one : other;
}
