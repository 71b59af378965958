/** The purges of all instances, in one order: a Redis Stream that each of them reads on a connection of its own. */
import type { Redis } from "ioredis";
import type { RedisConnection } from "../redis.ts";
import type { Breaker } from "./breaker.ts";
import type { Purge } from "./purge-backlog.ts";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isReply } from "./breaker.ts";
import { isTag } from "./tags.ts";

/** Redis holds a read back for so long when there is nothing new; it bounds how long an emptied Redis goes unnoticed. */
const BLOCK_MS = 1000;
const READ_TIMEOUTS = { commandTimeout: 2500, socketTimeout: 3000 };
const READ_COUNT = 1000;
const RETRY_MS = 100;
const START = "0-0";

/** A purge as it stands in the stream. */
export interface SharedPurge extends Purge {
  /** Redis's: `1795320140648-0`. */
  readonly id: string;
  /** Neither ours nor older than our first look at this stream. */
  readonly isNews: boolean;
}

export interface PurgeStreamEvents {
  /** The stream belongs to another Redis, or to one that was emptied: the first time, and whenever that changes. */
  readonly onGeneration: (generation: string) => void;
  readonly onPurge: (purge: SharedPurge) => void;
  /** All that was in the stream has been read: every second or more often while Redis is there. `afterGap`: the first time, and after each fault. */
  readonly onCaughtUp: (afterGap: boolean) => Promise<void>;
}

export interface PurgeStream {
  /** @param newest id of the newest purge known, by whose clock old ones are trimmed @returns its id @throws when Redis does not take it */
  add(purge: Purge, newest: string): Promise<string>;
  close(): Promise<void>;
}

export interface PurgeStreamOptions {
  readonly redis: RedisConnection;
  /** Of the connection. */
  readonly breaker: Breaker;
  /** The longest that an entry lives: an older purge has nothing left to purge. */
  readonly retentionSeconds: () => number;
}

/** Reads in the background from now on. Needs Redis 6.2 (XADD … MINID). */
export function openPurgeStream({ redis, breaker, retentionSeconds }: PurgeStreamOptions, events: PurgeStreamEvents): PurgeStream {
  const names = { stream: `${redis.prefix}purge:log`, generation: `${redis.prefix}purge:generation` };
  const instance = randomUUID();
  const closing = new AbortController();
  const reader = redis.client.duplicate(READ_TIMEOUTS);
  // The other connection to the same Redis tells the operator.
  reader.on("error", () => undefined);
  const ended = follow(reader, { names, instance, signal: closing.signal, events });

  return {
    async add({ tags, hard, awaited }, newest) {
      const oldest = `${Math.max(0, Number.parseInt(newest, 10) - retentionSeconds() * 1000)}-0`;
      const fields = ["tags", JSON.stringify(tags), "hard", hard ? "1" : "0", "awaited", awaited ? "1" : "0", "by", instance];
      const id = await breaker.run((client) => client.xadd(names.stream, "MINID", "~", oldest, "*", ...fields));
      if (id === null) throw new Error("XADD gave no id");
      return id;
    },
    async close() {
      closing.abort();
      reader.disconnect();
      await ended;
    },
  };
}

interface Following {
  readonly names: { readonly stream: string; readonly generation: string };
  readonly instance: string;
  readonly signal: AbortSignal;
  readonly events: PurgeStreamEvents;
}

/** Until the signal. A fault costs a pause; where it had come to is kept, so that nothing is missed. */
async function follow(reader: Redis, { names, instance, signal, events }: Following): Promise<void> {
  let generation: string | undefined;
  let cursor = START;
  let knowsStream = false;
  let afterGap = true;

  async function readOnce(): Promise<void> {
    const current = await readGeneration(reader, names.generation);
    if (current !== generation) {
      [generation, cursor, knowsStream, afterGap] = [current, START, false, true];
      events.onGeneration(current);
    }
    const items = await read(reader, { stream: names.stream, cursor, waits: !afterGap });
    for (const [id, fields] of items) {
      cursor = id;
      const purge = parse(fields);
      if (purge !== undefined) events.onPurge({ ...purge, id, isNews: knowsStream && valueOf(fields, "by") !== instance });
    }
    if (items.length >= READ_COUNT) return;
    await events.onCaughtUp(afterGap);
    [knowsStream, afterGap] = [true, false];
  }

  while (!signal.aborted) {
    try {
      if (reader.status === "ready") await readOnce();
      else await sleep(RETRY_MS, undefined, { signal, ref: false });
    } catch (error) {
      afterGap = true;
      // After a lost reply every later one would answer an earlier question.
      if (!isReply(error) && !signal.aborted) reader.disconnect(true);
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

/** Who comes first names it. @throws when there is none and none can be written */
async function readGeneration(reader: Redis, key: string): Promise<string> {
  const known = await reader.get(key);
  if (typeof known === "string" && known !== "") return known;
  await reader.set(key, randomUUID(), "NX");
  const named = await reader.get(key);
  if (typeof named !== "string") throw new TypeError("the generation can't be written");
  return named;
}

type StreamItem = readonly [id: string, fields: readonly string[]];

/** A first read does not wait, so that the start does not. */
async function read(
  reader: Redis,
  { stream, cursor, waits }: { readonly stream: string; readonly cursor: string; readonly waits: boolean },
): Promise<readonly StreamItem[]> {
  const found = waits
    ? await reader.xread("COUNT", READ_COUNT, "BLOCK", BLOCK_MS, "STREAMS", stream, cursor)
    : await reader.xread("COUNT", READ_COUNT, "STREAMS", stream, cursor);
  return found?.[0]?.[1] ?? [];
}

/** undefined: not one of ours. */
function parse(fields: readonly string[]): Purge | undefined {
  try {
    const tags: unknown = JSON.parse(valueOf(fields, "tags") ?? "");
    if (!Array.isArray(tags)) return undefined;
    return {
      tags: tags.filter((tag) => isTag(tag)),
      hard: valueOf(fields, "hard") === "1",
      ...(valueOf(fields, "awaited") === "1" && { awaited: true as const }),
    };
  } catch {
    return undefined;
  }
}

/** Fields stand in pairs, name and value. */
function valueOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
  return at === -1 ? undefined : fields[at + 1];
}
