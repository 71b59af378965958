/** What a directory held, kept in Redis: a restart serves at once and spends nothing, and processes that do not sweep have it too. */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Breaker } from "../cache/breaker.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);
/** Lines of one value in Redis, which must pass within the connection's deadline. */
const LINES_AT_ONCE = 250;
/** Partoo may be away for days. */
const KEPT_SECONDS = 7 * 86_400;
/** A chunk of ours is below 1 MB; whatever is larger is not. */
const MAX_CHUNK_BYTES = 8_000_000;
const MAX_CHUNKS = 2000;

export interface Snapshot {
  /** Wall clock, ms, when the last complete reading was begun. */
  readonly asOf: number;
  /** The newest `modified` that was seen, Unix seconds. */
  readonly newest: number;
  /** Each is a store, as `recordText()` writes it. */
  readonly lines: readonly string[];
}

/** Snapshots by a name that says whose stores they are, of which Partoo, and in what form. A fault of Redis is a missing snapshot. */
export interface SnapshotShelf {
  /** @param newerThan `asOf` of what is held already */
  read(name: string, newerThan?: number): Promise<Snapshot | undefined>;
  /** @returns whether it is there now */
  write(name: string, snapshot: Snapshot): Promise<boolean>;
}

/** Written last: what it names is whole. */
type Head = Omit<Snapshot, "lines"> & { readonly chunks: number };

export function createSnapshotShelf({ breaker, prefix }: { readonly breaker: Breaker; readonly prefix: string }): SnapshotShelf {
  const headKey = (name: string): string => `${prefix}directory:${name}`;
  const chunkKey = (name: string, { asOf }: Pick<Head, "asOf">, nth: number): string => `${headKey(name)}:${asOf}:${nth}`;
  const readHead = async (name: string): Promise<Head | undefined> => parseHead(await breaker.run((client) => client.get(headKey(name))));

  return {
    async read(name, newerThan = 0) {
      try {
        const head = await readHead(name);
        if (head === undefined || head.asOf <= newerThan) return undefined;
        const lines: string[] = [];
        for (let nth = 0; nth < head.chunks; nth += 1) {
          const bytes = await breaker.run((client) => client.getBuffer(chunkKey(name, head, nth)));
          if (bytes === null) return undefined;
          lines.push(...(await unzip(bytes, { maxOutputLength: MAX_CHUNK_BYTES })).toString().split("\n"));
        }
        const { asOf, newest } = head;
        return { asOf, newest, lines };
      } catch {
        return undefined;
      }
    },
    async write(name, { lines, ...rest }) {
      try {
        const before = await readHead(name);
        const head: Head = { ...rest, chunks: Math.ceil(lines.length / LINES_AT_ONCE) };
        for (let nth = 0; nth < head.chunks; nth += 1) {
          const bytes = await zip(lines.slice(nth * LINES_AT_ONCE, (nth + 1) * LINES_AT_ONCE).join("\n"));
          await breaker.run((client) => client.set(chunkKey(name, head, nth), bytes, "EX", KEPT_SECONDS));
        }
        await breaker.run((client) => client.set(headKey(name), JSON.stringify(head), "EX", KEPT_SECONDS));
        if (before !== undefined && before.asOf !== head.asOf) {
          const old = Array.from({ length: before.chunks }, (_, nth) => chunkKey(name, before, nth));
          if (old.length > 0) await breaker.run((client) => client.unlink(...old));
        }
        return true;
      } catch {
        return false;
      }
    },
  };
}

function parseHead(text: string | null): Head | undefined {
  if (text === null) return undefined;
  const { asOf, newest, chunks } = JSON.parse(text) as Partial<Record<keyof Head, unknown>>;
  if (typeof asOf !== "number" || typeof newest !== "number") return undefined;
  return typeof chunks === "number" && chunks >= 0 && chunks <= MAX_CHUNKS ? { asOf, newest, chunks } : undefined;
}
