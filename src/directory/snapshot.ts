/** What a directory held, kept in Redis: a restart serves at once and spends nothing, and processes that do not sweep have it too. */
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Breaker } from "../cache/breaker.ts";
import { RedisAway } from "../cache/breaker.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);
/** Lines of one value in Redis, which must pass within the connection's deadline. */
const LINES_AT_ONCE = 250;
/** Partoo may be away for days. */
const KEPT_SECONDS = 7 * 86_400;
/** A chunk of ours is below 1 MB; whatever is larger is not. */
const MAX_CHUNK_BYTES = 8_000_000;
const MAX_CHUNKS = 2000;
/** A Redis that does not answer for a moment is asked again: the next snapshot may be hours away. */
const ATTEMPTS = 3;
const PAUSE_MS = 1200;
/** Whoever is further ahead has a wrong clock: nothing newer would ever be taken over. */
const MAX_SKEW_MS = 60_000;

interface Told {
  /** Wall clock, ms, when the last complete reading was begun. */
  readonly asOf: number;
  /** The newest `modified` that was seen, Unix seconds. */
  readonly newest: number;
}

/** Each line is a store, as `recordText()` writes it. They are made as they are asked for: all at once would be a second directory. */
export interface Snapshot extends Told {
  readonly lines: Iterable<string>;
}

/** The same, as it lies in Redis. Asking for lines throws when some are missing, or Redis does not answer. */
export interface StoredSnapshot extends Told {
  readonly lines: AsyncIterable<string>;
}

/** Snapshots by a name that says whose stores they are, of which Partoo, and in what form. A fault of Redis is a missing snapshot. */
export interface SnapshotShelf {
  /** @param newerThan `asOf` of what is held already */
  read(name: string, newerThan?: number): Promise<StoredSnapshot | undefined>;
  /** @returns whether it is there now */
  write(name: string, snapshot: Snapshot): Promise<boolean>;
}

/** Written last: what it names is whole. */
type Head = Told & { readonly chunks: number };

/** @param now wall clock, ms */
export function createSnapshotShelf(
  { breaker, prefix }: { readonly breaker: Breaker; readonly prefix: string },
  now: () => number = Date.now,
): SnapshotShelf {
  const headKey = (name: string): string => `${prefix}directory:${name}`;
  const chunkKey = (name: string, { asOf }: Pick<Head, "asOf">, nth: number): string => `${headKey(name)}:${asOf}:${nth}`;
  const readHead = async (name: string): Promise<Head | undefined> => parseHead(await breaker.run((client) => client.get(headKey(name))));
  const set = async (key: string, value: Buffer | string, attempt = 1): Promise<void> => {
    try {
      await breaker.run((client) => client.set(key, value, "EX", KEPT_SECONDS));
    } catch (fault) {
      if (!(fault instanceof RedisAway) || attempt >= ATTEMPTS) throw fault;
      await sleep(PAUSE_MS, undefined, { ref: false });
      await set(key, value, attempt + 1);
    }
  };
  const drop = async (keys: readonly string[]): Promise<void> => {
    if (keys.length > 0) await breaker.run((client) => client.unlink(...keys)).catch(() => undefined);
  };
  async function* linesOf(name: string, head: Head): AsyncGenerator<string> {
    for (let nth = 0; nth < head.chunks; nth += 1) {
      const bytes = await breaker.run((client) => client.getBuffer(chunkKey(name, head, nth)));
      if (bytes === null) throw new Error("a part of the snapshot is missing");
      yield* (await unzip(bytes, { maxOutputLength: MAX_CHUNK_BYTES })).toString().split("\n");
    }
  }

  return {
    async read(name, newerThan = 0) {
      const head = await readHead(name).catch(() => undefined);
      if (head === undefined || head.asOf <= newerThan || head.asOf > now() + MAX_SKEW_MS) return undefined;
      const { asOf, newest } = head;
      return { asOf, newest, lines: linesOf(name, head) };
    },
    async write(name, { lines, ...told }) {
      const written: string[] = [];
      try {
        const before = await readHead(name);
        for (const some of inChunks(lines)) {
          const bytes = await zip(some.join("\n"));
          const key = chunkKey(name, told, written.length);
          written.push(key);
          await set(key, bytes);
        }
        const head: Head = { ...told, chunks: written.length };
        await set(headKey(name), JSON.stringify(head));
        if (before !== undefined && before.asOf !== head.asOf) {
          await drop(Array.from({ length: before.chunks }, (_, nth) => chunkKey(name, before, nth)));
        }
        return true;
      } catch {
        // A Redis that is full must not be filled with halves.
        await drop(written);
        return false;
      }
    },
  };
}

function* inChunks(lines: Iterable<string>): Generator<readonly string[]> {
  let chunk: string[] = [];
  for (const line of lines) {
    if (chunk.push(line) < LINES_AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** undefined for anything else than ours. */
function parseHead(text: string | null): Head | undefined {
  try {
    const { asOf, newest, chunks } = Object(JSON.parse(text ?? "{}")) as Partial<Record<keyof Head, unknown>>;
    if (typeof asOf !== "number" || typeof newest !== "number") return undefined;
    return typeof chunks === "number" && chunks >= 0 && chunks <= MAX_CHUNKS ? { asOf, newest, chunks } : undefined;
  } catch {
    return undefined;
  }
}
