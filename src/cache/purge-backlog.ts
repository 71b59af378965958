/** Purges that Redis has not taken yet: each tag once, bounded, in whatever order. */
import { TAG_ALL } from "./tags.ts";

/** Marks everything with one of these tags: gone when hard, stale when not. */
export interface Purge {
  readonly tags: readonly string[];
  readonly hard: boolean;
}

export interface PurgeBacklog {
  add(purge: Purge): void;
  /** Removes some and hands them over; undefined when there are none. Who can't deliver them adds them again. */
  take(): Purge | undefined;
  /** All of them; they stay. */
  all(): readonly Purge[];
}

/** Beyond it the names are let go and everything is purged instead. */
const DEFAULT_MAX_TAGS = 10_000;
/** Tags of one message. */
const TAKE = 500;

export function createPurgeBacklog(maxTags: number = DEFAULT_MAX_TAGS): PurgeBacklog {
  const hard = new Set<string>();
  const soft = new Set<string>();

  function bound(tags: Set<string>): void {
    if (tags.size <= maxTags) return;
    tags.clear();
    tags.add(TAG_ALL);
  }

  return {
    add(purge) {
      const target = purge.hard ? hard : soft;
      for (const tag of purge.tags) target.add(tag);
      for (const tag of hard) soft.delete(tag);
      bound(target);
    },
    take() {
      const from = hard.size > 0 ? hard : soft;
      const tags = [...from].slice(0, TAKE);
      for (const tag of tags) from.delete(tag);
      return tags.length === 0 ? undefined : { tags, hard: from === hard };
    },
    all: () =>
      [
        { tags: [...hard], hard: true },
        { tags: [...soft], hard: false },
      ].filter(({ tags }) => tags.length > 0),
  };
}
