/** Wall clock and instants of a time zone, by plain arithmetic between the few moments at which its offset changes. */
import { LRUCache } from "lru-cache";

/** Node 26 has it; for older ones there is a library. */
const { Temporal } = globalThis.Temporal === undefined ? await import("temporal-polyfill") : globalThis;

const DAY_MS = 86_400_000;
/** There are about 600 names, most of them old spellings. */
const clocks = new LRUCache<string, ZoneClock>({ max: 1000 });

/** Local times are milliseconds as `Date.UTC` would give them for what the clock on the wall shows. */
export interface ZoneClock {
  /** IANA name. */
  readonly zone: string;
  /** What is to be added to an instant to get its local time, ms. */
  offsetAt(instant: number): number;
  /**
   * The first instant at which the clock shows at least this local time: of two, when it is set back, the first; when it
   * is set forward over this time, the moment at which it is set.
   */
  instantOf(local: number): number;
}

/** A time in which the offset stays the same. `until` is not in it; both may be infinite. */
interface Span {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/** @param zone IANA name. @throws RangeError when there is no such zone */
export function zoneClock(zone: string): ZoneClock {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = createZoneClock(zone);
  clocks.set(zone, clock);
  return clock;
}

function createZoneClock(zone: string): ZoneClock {
  const spans = [spanAt(zone, Date.now())];
  const find = (instant: number): Span => {
    for (const span of spans) if (instant >= span.from && instant < span.until) return span;
    const span = spanAt(zone, instant);
    spans.push(span);
    return span;
  };
  return {
    zone,
    offsetAt: (instant) => find(instant).offset,
    instantOf(local) {
      let span = find(local - DAY_MS);
      let instant = local - span.offset;
      while (instant >= span.until) {
        // In a gap, the reading with the later offset lies before the moment at which the clock is set.
        const setAt = span.until;
        span = find(setAt);
        instant = Math.max(setAt, local - span.offset);
      }
      return instant;
    },
  };
}

function spanAt(zone: string, instant: number): Span {
  const here = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
  const next = here.getTimeZoneTransition("next");
  // "previous" does not see a transition at the very instant.
  const previous = here.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
  return {
    from: previous?.epochMilliseconds ?? -Infinity,
    until: next?.epochMilliseconds ?? Infinity,
    offset: here.offsetNanoseconds / 1e6,
  };
}
