/** The ratings of one key's stores, as they were last read, beside its directory: what happens to a store does not touch its rating. */
import type { SnapshotShelf } from "./snapshot.ts";
import type { Figure } from "./ratings-source.ts";
import type { RatingsReading } from "./ratings-reading.ts";
import { ratingText } from "./ratings-reading.ts";

/** Lines that are read in one go; then others have their turn. */
const AT_ONCE = 1000;

export interface RatingTexts {
  /** `{"average":4.3,"count":127}`; `null`: no reviews, or none read yet. */
  textOf(id: string): string;
}

export interface Ratings extends RatingTexts {
  /** Whose they are, of which Partoo, and which figures of which reviews. */
  readonly form: string;
  /** Wall clock, ms, when the reading was begun; 0: none was. */
  readonly takenAt: number;
  /** Takes over what another process, or this one before its restart, has read since. Never throws. */
  look(): Promise<void>;
  /** Takes a reading over, and tells the others. @param holds whether the directory has a store of that id: no other is kept */
  take(reading: RatingsReading, holds: (id: string) => boolean): Promise<void>;
}

export interface RatingsOptions {
  readonly form: string;
  readonly figures: readonly Figure[];
  /** undefined: they are in this process only. */
  readonly shelf: SnapshotShelf | undefined;
}

export function createRatings({ form, figures, shelf }: RatingsOptions): Ratings {
  const name = `${form}:ratings`;
  let texts: ReadonlyMap<string, string> = new Map();
  let takenAt = 0;

  const readLines = async (lines: AsyncIterable<string>): Promise<Map<string, string>> => {
    const read = new Map<string, string>();
    let nth = 0;
    for await (const line of lines) {
      for (const [id, { average, count }] of membersOf(line)) {
        const text = ratingText(figures, { average_rating: average, reviews_count: count });
        if (text !== undefined) read.set(id, text);
      }
      nth += 1;
      if (nth % AT_ONCE === 0) await new Promise(setImmediate);
    }
    return read;
  };
  return {
    form,
    get takenAt() {
      return takenAt;
    },
    textOf: (id) => texts.get(id) ?? "null",
    async look() {
      const snapshot = await shelf?.read(name, takenAt);
      if (snapshot === undefined) return;
      const read = await readLines(snapshot.lines).catch(() => undefined);
      if (read === undefined || snapshot.asOf <= takenAt) return;
      texts = read;
      takenAt = snapshot.asOf;
    },
    async take(reading, holds) {
      const next = new Map(reading.isWhole ? [] : texts);
      for (const [id, text] of reading.found) if (holds(id)) next.set(id, text);
      texts = next;
      takenAt = reading.takenAt;
      const lines = next.entries().map(([id, text]) => `${JSON.stringify(id)}:${text}`);
      await shelf?.write(name, { asOf: takenAt, newest: 0, lines });
    },
  };
}

/** Each line is a member of a JSON object. */
function membersOf(line: string): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  try {
    const value = JSON.parse(`{${line}}`) as Readonly<Record<string, unknown>>;
    return Object.entries(value).map(([id, rating]) => [id, Object(rating) as Readonly<Record<string, unknown>>] as const);
  } catch {
    return [];
  }
}
