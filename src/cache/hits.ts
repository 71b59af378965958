/** Replies of fresh stored responses, made once for each second of their life, not for each request. */
import type { StoredResponse } from "./entry.ts";
import type { PurgePoint } from "./purge-marks.ts";
import type { Reply } from "./responses.ts";
import type { Held } from "./tiers.ts";
import { ttlSeconds } from "./entry.ts";

/** When a reply is asked for. */
interface Moment {
  /** Wall clock, ms. */
  readonly now: number;
  /** The last purge: one that came since may be of this entry. */
  readonly point: PurgePoint;
}

interface MadeReply {
  readonly reply: Reply;
  /** Wall clock, ms: after this one and until the last, what is left of the freshness lifetime is as the reply says. */
  readonly after: number;
  readonly last: number;
  readonly point: PurgePoint;
}

export interface Hits {
  /** The reply that was made for this entry, if it still says the truth. */
  find(entry: StoredResponse | undefined, moment: Moment): Reply | undefined;
  /** @param held fresh, and not purged */
  make(held: Pick<Held, "key" | "entry">, moment: Moment): Reply;
}

export function createHits(): Hits {
  const made = new WeakMap<StoredResponse, MadeReply>();
  return {
    find(entry, { now, point }) {
      const known = entry === undefined ? undefined : made.get(entry);
      return known !== undefined && known.point === point && now > known.after && now <= known.last ? known.reply : undefined;
    },
    make({ key, entry }, { now, point }) {
      const ttl = ttlSeconds(entry, now);
      const cacheStatus = `partoo-bff; hit; ttl=${ttl}`;
      const reply: Reply = { entry, storedAs: key, cacheStatus, outcome: "hit" };
      // ttl is rounded down: it holds until so many whole seconds are left, and not one millisecond longer.
      const last = entry.freshUntil - ttl * 1000;
      made.set(entry, { reply, after: last - 1000, last: Math.min(last, entry.freshUntil - 1), point });
      return reply;
    },
  };
}
