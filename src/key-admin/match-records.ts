/**
 * Which of Partoo's records belongs to a configured key. No endpoint tells the record of a value, and `search_text` would put the value
 * into a URL. So a key's record is the one whose label is the key's name. Where none has that label and the environment holds the value,
 * the user that Partoo names for it (`GET /user/me`) decides, if that user has one usable key only.
 */
import type { KeyRecord } from "./answers.ts";

export interface Match {
  /** Those to be looked at. */
  readonly records: readonly KeyRecord[];
  /** Usable keys that could be meant and can't be told apart. */
  readonly doubtful: readonly KeyRecord[];
}

export interface MatchContext {
  /** Users of the values that the environment holds, as Partoo names them. */
  readonly users: ReadonlySet<number>;
  /** Most records that are right: two while a `…_NEXT` is set. */
  readonly most: number;
  /** ISO day, UTC. */
  readonly today: string;
}

/** @param name the configured key's */
export function matchRecords(name: string, records: readonly KeyRecord[], { users, most, today }: MatchContext): Match {
  const named = records.filter(({ label }) => label === name);
  const usable = named.filter((record) => isUsable(record, today));
  if (usable.length > 0) return { records: usable, doubtful: usable.length > most ? usable : [] };
  const owned = records.filter((record) => isUsable(record, today) && record.userId !== undefined && users.has(record.userId));
  if (owned.length > 0)
    return owned.length <= Math.max(1, users.size) ? { records: owned, doubtful: [] } : { records: [], doubtful: owned };
  return { records: named.toSorted((one, other) => other.id - one.id).slice(0, 1), doubtful: [] };
}

/** Whether Partoo takes the key today. From its day of expiry on it does not: the earliest day that can be set is tomorrow. */
export function isUsable({ disabled, expires }: KeyRecord, today: string): boolean {
  return !disabled && (expires === undefined || expires > today);
}
