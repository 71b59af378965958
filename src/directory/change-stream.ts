/** Changes of stores that one process was told of (a webhook, a delta), for the others: a stream in Redis, read every few seconds. */
import type { Breaker } from "../cache/breaker.ts";
import type { StoreChange } from "./holdings.ts";

/** Older ones are in a snapshot. */
const KEPT_CHANGES = 5000;
const KEPT_SECONDS = 7 * 86_400;
const AT_ONCE = 500;
const TOLD_AT_ONCE = 100;
const MAX_SKEW_MS = 60_000;
/** Before every id of Redis's. */
const BEGINNING = "0-0";

/** What others, and this process, have told since it was last asked. */
export interface News {
  readonly changes: readonly StoreChange[];
  /** false: some were told that are not to be had any more. */
  readonly isWhole: boolean;
}

/** Of one directory. */
export interface ChangeStream {
  /** As long as Redis is away, it waits. */
  tell(change: StoreChange): void;
  /** @param asOf of what is held, wall clock, ms: what was told before is known. Never throws */
  read(asOf: number): Promise<News>;
}

/** @param name whose stores they are, of which Partoo, and in what form */
export function createChangeStream(
  { breaker, prefix }: { readonly breaker: Breaker; readonly prefix: string },
  name: string,
): ChangeStream {
  const key = `${prefix}directory:${name}:changes`;
  /** An id begins with Redis's clock, ms. undefined: nothing was read yet. */
  let last: string | undefined;
  /** The change that says so was told with what is held; without it, others that came after may be gone as well. */
  let sought: number | undefined;
  let untold: StoreChange[] = [];
  /** More than the stream holds were not told: everybody has to notice. */
  let beginsAnew = false;
  let isTelling = false;

  const send = async (): Promise<void> => {
    while (beginsAnew || untold.length > 0) {
      const waiting = untold;
      const some = waiting.slice(0, TOLD_AT_ONCE);
      await breaker.run((client) => {
        const commands = client.multi();
        if (beginsAnew) commands.unlink(key);
        for (const change of some) commands.xadd(key, "MAXLEN", "~", KEPT_CHANGES, "*", ...entryOf(change));
        return commands.expire(key, KEPT_SECONDS).exec();
      });
      // Unless there were too many in the meantime.
      if (untold !== waiting) continue;
      beginsAnew = false;
      waiting.splice(0, some.length);
    }
  };
  const sendAll = async (): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    // What Redis did not take waits for the next look.
    await send().catch(() => undefined);
    isTelling = false;
  };
  /** @returns the entries after the last one; undefined: that one is gone, and with it perhaps others */
  const readOn = async (
    asOf: number,
  ): Promise<{ readonly entries: readonly Entry[]; readonly isLost: boolean; readonly isEnd: boolean }> => {
    const from = last ?? String(Math.max(0, asOf - MAX_SKEW_MS));
    const found = (await breaker.run((client) => client.xrange(key, from, "+", "COUNT", AT_ONCE))) as readonly Entry[];
    const hasAnchor = last === undefined || last === BEGINNING || found[0]?.[0] === last;
    const entries = found.filter(([id]) => id !== last);
    last = entries.at(-1)?.[0] ?? (hasAnchor ? last : undefined) ?? BEGINNING;
    return { entries, isLost: !hasAnchor, isEnd: found.length < AT_ONCE };
  };

  return {
    tell(change) {
      if (untold.push(change) > KEPT_CHANGES) [untold, beginsAnew] = [[], true];
      void sendAll();
    },
    async read(asOf) {
      await sendAll();
      const changes: StoreChange[] = [];
      let isWhole = true;
      if (last === undefined) sought = asOf;
      try {
        for (let isEnd = false; !isEnd;) {
          const read = await readOn(asOf);
          isEnd = read.isEnd;
          if (read.isLost) isWhole = false;
          for (const [, fields] of read.entries) changes.push(...readChange(fields));
          if (changes.some((change) => "asOf" in change && change.asOf === sought)) sought = undefined;
        }
        if (sought !== undefined) isWhole = false;
        sought = undefined;
      } catch {
        // What was read is told; the rest next time.
      }
      return { changes, isWhole };
    },
  };
}

type Entry = readonly [id: string, fields: readonly string[]];

function entryOf(change: StoreChange): readonly string[] {
  if ("text" in change) return ["text", change.text];
  return "gone" in change ? ["gone", change.gone, "modified", JSON.stringify(change.modified)] : ["asOf", String(change.asOf)];
}

/** Nothing of what is not ours. */
function readChange([field, value = "", , modified = "0"]: readonly string[]): readonly StoreChange[] {
  if (field === "text") return [{ text: value }];
  if (field === "asOf") return [{ asOf: Number(value) }];
  return field === "gone" ? [{ gone: value, modified: modified === "null" ? null : Number(modified) }] : [];
}
