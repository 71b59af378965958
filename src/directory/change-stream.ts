/** Changes of stores that one process was told of (a webhook, a delta), for the others: a stream in Redis, read every few seconds. */
import type { Breaker } from "../cache/breaker.ts";
import type { StoreChange } from "./holdings.ts";

/** Older ones are in a snapshot. */
const KEPT_CHANGES = 5000;
const KEPT_SECONDS = 7 * 86_400;
const AT_ONCE = 500;
const MAX_SKEW_MS = 60_000;

/** Of one directory. Without Redis, or with one that is away, nothing is told: the next sweep finds out. */
export interface ChangeStream {
  tell(change: StoreChange): void;
  /**
   * What others, and this process, have told since it was last asked.
   * @param since wall clock, ms: what is older is known, from a snapshot
   */
  read(since: number): Promise<readonly StoreChange[]>;
}

/** @param name whose stores they are, of which Partoo, and in what form */
export function createChangeStream(
  { breaker, prefix }: { readonly breaker: Breaker; readonly prefix: string },
  name: string,
): ChangeStream {
  const key = `${prefix}directory:${name}:changes`;
  /** An id begins with Redis's clock, ms. */
  let last = "0";
  return {
    tell(change) {
      const [field = "", value = ""] = Object.entries(change)[0] ?? [];
      void breaker
        .run((client) => client.multi().xadd(key, "MAXLEN", "~", KEPT_CHANGES, "*", field, String(value)).expire(key, KEPT_SECONDS).exec())
        .catch(() => undefined);
    },
    async read(since) {
      const changes: StoreChange[] = [];
      try {
        for (let count = AT_ONCE; count === AT_ONCE;) {
          const from = Number.parseInt(last, 10) < since - MAX_SKEW_MS ? String(since - MAX_SKEW_MS) : `(${last}`;
          const entries = await breaker.run((client) => client.xrange(key, from, "+", "COUNT", AT_ONCE));
          for (const [id, [field, value = ""]] of entries as readonly (readonly [string, readonly string[]])[]) {
            last = id;
            changes.push(readChange(field, value));
          }
          count = entries.length;
        }
      } catch {
        // What was read is told; the rest next time.
      }
      return changes;
    },
  };
}

function readChange(field: string | undefined, value: string): StoreChange {
  if (field === "gone") return { gone: value };
  return field === "asOf" ? { asOf: Number(value) } : { text: value };
}
