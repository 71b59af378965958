/**
 * Purges, here and on the other instances. A purge counts here at once; Redis carries it to the others, now or when it is back.
 * Nothing is deleted: what started before a purge of one of its tags is stale or gone from then on, wherever it is stored.
 */
import type { RedisConnection } from "../redis.ts";
import type { Breaker } from "./breaker.ts";
import type { StoredResponse } from "./entry.ts";
import type { Purge } from "./purge-backlog.ts";
import type { Position, PurgeMarks, PurgePoint, Verdict } from "./purge-marks.ts";
import type { PurgeStream, SharedPurge } from "./purge-stream.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { createPurgeBacklog, strengthOf } from "./purge-backlog.ts";
import { BEGINNING, createPurgeMarks, isLater, positionId, stronger } from "./purge-marks.ts";
import { openPurgeStream } from "./purge-stream.ts";
import { TAG_ALL } from "./tags.ts";

/** Generations whose purges are remembered, for entries in memory that are as old. */
const MAX_ERAS = 4;
/** Before Redis has told its generation, or where there is no Redis. */
const NO_GENERATION = "";

export interface PurgeLog {
  /** What has been seen purged. An entry keeps the point at which its fetch began. The same object until something is purged. */
  currentPoint(): PurgePoint;
  /** What purges since then mean for an entry. Its age is another matter. */
  verdict(entry: Pick<StoredResponse, "startedAt" | "tags">): Verdict;
  /** Whether one of the tags was purged since: a request that comes now must not join a fetch that began then. */
  changedSince(point: PurgePoint, tags: readonly string[]): boolean;
  /** Counts at once here. @returns whether Redis has it for the others; if not, it is sent as soon as Redis takes it. Never throws */
  purge(purge: Purge): Promise<{ readonly replicated: boolean }>;
  /**
   * Called for each purge once, ours and others', and with a soft purge of everything when Redis was emptied or replaced, or is reached
   * late. Must not throw.
   * @returns ends it
   */
  onPurge(listener: PurgeListener): () => void;
  /** Resolves when the purges that Redis holds are known, or on close. Wait for it with a deadline. */
  readonly caughtUp: Promise<void>;
  /** Whether they are known, now or within so long: before, what Redis holds may have been purged, and nobody here can tell. */
  knows(waitMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** `elsewhere`: another process purged it. */
export type PurgeListener = (purge: Purge, elsewhere: boolean) => void;

export interface PurgeLogOptions {
  /** Absent: purges stay in this process. */
  readonly redis?: { readonly connection: RedisConnection; readonly breaker: Breaker };
  /** The longest that an entry lives, fresh and stale together. */
  readonly retentionSeconds: () => number;
}

interface Era {
  readonly generation: string;
  readonly marks: PurgeMarks;
}

export function createPurgeLog({ redis, retentionSeconds }: PurgeLogOptions): PurgeLog {
  let era: Era = { generation: NO_GENERATION, marks: createPurgeMarks() };
  let eras: readonly Era[] = [era];
  let current: PurgePoint = { ...BEGINNING, generation: NO_GENERATION };
  const backlog = createPurgeBacklog();
  const listeners = new Set<PurgeListener>();
  let isCaughtUp = redis === undefined;
  let caughtUp = Promise.withResolvers<void>();
  if (isCaughtUp) caughtUp.resolve();
  /** What is stored before the generation is known counts as stale from then on. */
  let wasAskedEarly = false;

  function notify(purge: Purge, elsewhere: boolean): void {
    for (const listener of listeners) listener(purge, elsewhere);
  }

  function mark(purge: Purge, at: Position): void {
    for (const tag of purge.tags) era.marks.raise([tag], at, strengthOf(purge, tag));
  }

  /** Marks the tags at the place that Redis gave the purge. */
  function share(streamId: string, purge: Purge): void {
    const id = positionId(streamId);
    if (id === undefined) return;
    const position = { id, tick: 0 };
    mark(purge, position);
    if (isLater(position, current)) current = { ...current, id };
  }

  function begin(generation: string): void {
    era = { generation, marks: createPurgeMarks() };
    eras = [...eras, era].slice(-MAX_ERAS);
    current = { ...BEGINNING, tick: current.tick, generation };
    if (isCaughtUp) caughtUp = Promise.withResolvers<void>();
    isCaughtUp = false;
    // At a start in time, nothing was asked for before Redis told its generation.
    if (wasAskedEarly || eras.length > 2) notify({ tags: [TAG_ALL], hard: false }, false);
  }

  function receive(purge: SharedPurge): void {
    share(purge.id, purge);
    const { id: _id, isNews, ...news } = purge;
    if (isNews) notify(news, true);
  }

  async function send(purge: Purge): Promise<boolean> {
    if (stream === undefined) return false;
    try {
      share(await stream.add(purge, current.id), purge);
      return true;
    } catch {
      backlog.add(purge);
      return false;
    }
  }

  function markHere(purge: Purge): void {
    current = { ...current, tick: current.tick + 1 };
    mark(purge, current);
  }

  /** What the others stored while this process was cut off may be older than what was purged here meanwhile. */
  async function sendBacklog(afterGap: boolean): Promise<void> {
    if (afterGap) backlog.all().forEach(markHere);
    isCaughtUp = true;
    caughtUp.resolve();
    let sent = true;
    for (let purge = backlog.take(); purge !== undefined; purge = sent ? backlog.take() : undefined) sent = await send(purge);
  }

  const stream: PurgeStream | undefined =
    redis &&
    openPurgeStream(
      { redis: redis.connection, breaker: redis.breaker, retentionSeconds },
      { onGeneration: begin, onPurge: receive, onCaughtUp: sendBacklog },
    );
  return {
    currentPoint() {
      wasAskedEarly ||= current.generation === NO_GENERATION;
      return current;
    },
    verdict: ({ startedAt, tags }) => (startedAt === current ? "valid" : judge(eras, startedAt, tags)),
    changedSince: (point, tags) => point !== current && judge(eras, point, tags) !== "valid",
    purge(purge) {
      markHere(purge);
      notify(purge, false);
      return send(purge).then((replicated) => ({ replicated }));
    },
    onPurge(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get caughtUp() {
      return caughtUp.promise;
    },
    async knows(waitMs) {
      if (!isCaughtUp) await Promise.race([caughtUp.promise, sleep(waitMs, undefined, { ref: false })]);
      return isCaughtUp;
    },
    async close() {
      await stream?.close();
      caughtUp.resolve();
    },
  };
}

/** Whatever a later generation purged came after. Purges between two generations may be lost: the rest counts as stale. */
function judge(eras: readonly Era[], since: PurgePoint, tags: readonly string[]): Verdict {
  const at = eras.findIndex(({ generation }) => generation === since.generation);
  const own = eras[at];
  if (own === undefined) return "stale";
  const later = eras.slice(at + 1);
  if (later.length === 0) return own.marks.verdict(since, tags);
  const verdicts = [own.marks.verdict(since, tags), ...later.map(({ marks }) => marks.verdict(BEGINNING, tags))];
  return verdicts.reduce(stronger, "stale");
}
