/** First tier: stored responses of this process, bounded in bytes; what was not asked for the longest goes first. */
import type { StoredCoding, StoredResponse } from "./entry.ts";
import { LRUCache } from "lru-cache";
import { ownBytes } from "./entry.ts";

export const DEFAULT_MEMORY_BYTES = 128 * 1024 * 1024;
/** What an entry costs besides its texts and bytes: objects, and its place in the table. */
const ENTRY_OVERHEAD_BYTES = 512;

export interface MemoryTier {
  /** The entry, whatever its age; being asked for keeps it. */
  get(key: string): StoredResponse | undefined;
  /** Replaces. An entry larger than the whole tier is not kept, and neither is the one it would have replaced. */
  set(key: string, entry: StoredResponse): void;
  delete(key: string): void;
  /** Adds a content coding to the entry that has this hash; nothing happens when another has taken its place meanwhile. */
  attach(key: string, hash: string, coding: StoredCoding, bytes: Buffer): void;
  /** For going through all of them, most recently used first. Deleting on the way is fine. */
  entries(): Iterable<readonly [key: string, entry: StoredResponse]>;
  size(): { readonly bytes: number; readonly count: number };
}

/** @param maxBytes bound on the sum of what all entries are counted as */
export function createMemoryTier(maxBytes: number = DEFAULT_MEMORY_BYTES): MemoryTier {
  const cache = new LRUCache<string, StoredResponse>({ maxSize: maxBytes, sizeCalculation: (entry, key) => countBytes(key, entry) });
  return {
    get: (key) => cache.get(key),
    set: (key, entry) => void cache.set(key, entry),
    delete: (key) => void cache.delete(key),
    attach(key, hash, coding, bytes) {
      const entry = cache.peek(key);
      if (entry?.hash !== hash) return;
      // A new object, because the cache counts an object only once.
      cache.set(key, { ...entry, codings: { ...entry.codings, [coding]: ownBytes(bytes) } });
    },
    entries: () => cache.entries() as Iterable<[string, StoredResponse]>,
    size: () => ({ bytes: cache.calculatedSize, count: cache.size }),
  };
}

/** Text counts two bytes a character, the most that V8 takes. */
function countBytes(key: string, { body, codings, tags }: StoredResponse): number {
  const text = key.length + tags.reduce((length, tag) => length + tag.length, 0);
  return ENTRY_OVERHEAD_BYTES + 2 * text + body.length + (codings.gzip?.length ?? 0) + (codings.br?.length ?? 0);
}
