/** Between sweeps: once a minute, by one process, all stores of a directory that were modified since. A call as long as few were. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CensusBoard } from "../cache/census-board.ts";
import type { PartooCall } from "../cache/partoo-call.ts";
import type { Counters } from "../counters.ts";
import type { Logger } from "../log.ts";
import type { KeyPolicy, Policy } from "../policy.ts";
import type { Directories } from "./directories.ts";
import type { Directory } from "./directory.ts";
import type { DirectoryRoutes } from "./store-record.ts";
import { Problem } from "../problem.ts";
import { sweepMatch } from "../request/match.ts";
import { readChanges } from "./delta.ts";
import { routesOf } from "./store-record.ts";

/** From one to the next. */
export const DELTA_SECONDS = 60;
const EVERY_MS = DELTA_SECONDS * 1000;
const LOOK_MS = 1000;

export interface DeltasOptions {
  /** The running one. */
  readonly policy: () => Policy;
  readonly directories: Pick<Directories, "of" | "formOf" | "listen">;
  readonly call: Pick<PartooCall, "sweep">;
  readonly board: Pick<CensusBoard, "takeLease" | "dropLease">;
  /** Too much has changed for this: all stores are to be read. */
  readonly onBehind: () => void;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

export interface Deltas {
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** A sweep that was begun within the last minute is as good. */
export function startDeltas({ policy, directories, call, board, onBehind, counters, logger, now = Date.now }: DeltasOptions): Deltas {
  const stopping = new AbortController();
  const { signal } = stopping;
  /** By name of the key, wall clock, ms. */
  const tried = new Map<string, number>();
  /** By name of the key: why the last one failed. */
  const failing = new Map<string, string>();

  const isDue = (key: KeyPolicy, directory: Directory): boolean => {
    const { asOf } = directory;
    if (asOf === undefined || directory.isBehind) return false;
    return now() - Math.max(asOf, tried.get(key.name) ?? 0) >= EVERY_MS;
  };
  /** @returns whether all changes were read */
  const read = async (key: KeyPolicy, directory: Directory, { search }: DirectoryRoutes): Promise<boolean> => {
    tried.set(key.name, now());
    const since = directory.changedSince;
    const readPage = (page: number): Promise<Readonly<Record<string, unknown>>> => {
      counters.add("delta_pages");
      return call.sweep({ key, match: sweepMatch(search, page, since), frontend: undefined, priority: "sweep", signal });
    };
    const isWhole = await readChanges({ readPage, feed: directory.feed, now });
    failing.delete(key.name);
    if (!isWhole) {
      directory.fallBehind();
      onBehind();
    }
    return isWhole;
  };
  const look = async (key: KeyPolicy): Promise<void> => {
    const directory = directories.of(key);
    const routes = routesOf(key);
    if (directory === undefined || routes === undefined || !isDue(key, directory)) return;
    const lease = `${key.name}:${directories.formOf(key)}:delta`;
    if (!(await board.takeLease(lease))) return;
    // Whoever had it may have read them and told so. The lease is kept by whoever fails: the others would fail as well.
    await directories.listen(key);
    try {
      if (!isDue(key, directory) || (await read(key, directory, routes))) await board.dropLease(lease);
    } catch (fault) {
      // The next minute tries again; how old the directory is, its answers say.
      if (!signal.aborted) report(key, fault instanceof Problem ? fault.code : "internal");
    }
  };
  const report = (key: KeyPolicy, code: string): void => {
    if (failing.get(key.name) !== code) logger.warn({ key: key.name, code }, "changes not read");
    failing.set(key.name, code);
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await Promise.all([...policy().keys.values()].map(look));
    }
  };
  const running = run();
  return {
    async close() {
      stopping.abort(new Problem("draining"));
      await running;
    },
  };
}
