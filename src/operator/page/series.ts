/** The last minutes as a few figures every five seconds: for the charts. Bounded in memory. */
import type { Instance } from "../instance.ts";
import { answersOf } from "./traffic.ts";

const SAMPLE_MS = 5000;
/** Ten minutes. */
export const SERIES_SLOTS = 120;

/** One interval. */
export interface Sample {
  readonly seconds: number;
  readonly exchangesPerSecond: number;
  /** 0 to 1; undefined: no route was asked for. */
  readonly hitRatio: number | undefined;
  /** Calls that counted at its end, by organization. */
  readonly used: ReadonlyMap<string, number>;
}

export interface Series {
  /** Oldest first, 120 at most. */
  read(): readonly Sample[];
  /** Ends an interval now. */
  sample(): void;
  close(): void;
}

/** @param now milliseconds of a clock that never goes back */
export function startSeries(instance: Pick<Instance, "exchanges" | "quota">, now: () => number = () => performance.now()): Series {
  const samples: Sample[] = [];
  let before = { at: now(), ...answersOf(instance.exchanges.entries()) };

  const sample = (): void => {
    const current = { at: now(), ...answersOf(instance.exchanges.entries()) };
    const seconds = (current.at - before.at) / 1000;
    if (seconds <= 0) return;
    const answers = current.answers - before.answers;
    samples.push({
      seconds,
      exchangesPerSecond: (current.exchanges - before.exchanges) / seconds,
      hitRatio: answers === 0 ? undefined : 1 - (current.misses - before.misses) / answers,
      used: new Map(instance.quota().map(({ organization, used }) => [organization, used])),
    });
    if (samples.length > SERIES_SLOTS) samples.shift();
    before = current;
  };
  const timer = setInterval(sample, SAMPLE_MS);
  timer.unref();
  return { read: () => samples, sample, close: () => clearInterval(timer) };
}
