/** Purges that Redis has not taken yet: each tag once, bounded, in whatever order. */
import type { Strength } from "./purge-marks.ts";
import { TAG_ALL, isBusinessTag } from "./tags.ts";

/** Marks everything with one of these tags: gone when hard, stale when not. */
export interface Purge {
  readonly tags: readonly string[];
  readonly hard: boolean;
  /** A soft purge by hand: the next request waits for the refresh, and gets what is stored only when that fails. */
  readonly awaited?: true;
}

/** What it makes of what has this one of its tags. */
export function strengthOf({ hard, awaited }: Purge, tag: string): Strength {
  if (hard) return "gone";
  if (awaited === undefined) return "stale";
  return isBusinessTag(tag) ? "named" : "outdated";
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
  /** The strongest first. */
  const waiting = [
    { form: { hard: true }, tags: new Set<string>() },
    { form: { hard: false, awaited: true }, tags: new Set<string>() },
    { form: { hard: false }, tags: new Set<string>() },
  ] as const;

  function bound(tags: Set<string>): void {
    if (tags.size <= maxTags) return;
    tags.clear();
    tags.add(TAG_ALL);
  }

  return {
    add({ tags, hard, awaited }) {
      const at = waiting.findIndex(({ form }) => form.hard === hard && "awaited" in form === (awaited === true));
      const [own, stronger, weaker] = [waiting[at], waiting.slice(0, at), waiting.slice(at + 1)];
      for (const tag of tags) {
        if (stronger.some((other) => other.tags.has(tag))) continue;
        for (const other of weaker) other.tags.delete(tag);
        own?.tags.add(tag);
      }
      if (own !== undefined) bound(own.tags);
    },
    take() {
      const first = waiting.find(({ tags }) => tags.size > 0);
      if (first === undefined) return undefined;
      const tags = [...first.tags].slice(0, TAKE);
      for (const tag of tags) first.tags.delete(tag);
      return { tags, ...first.form };
    },
    all: () => waiting.filter(({ tags }) => tags.size > 0).map(({ form, tags }) => ({ tags: [...tags], ...form })),
  };
}
