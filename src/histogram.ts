/** How long things took, in buckets: cheap enough for every exchange. What Prometheus reads is made of it when it asks. */

export interface Histogram {
  observe(seconds: number): void;
  read(): HistogramReading;
}

export interface HistogramReading {
  /** Upper bounds in seconds, rising, each with how many took no longer. */
  readonly buckets: readonly (readonly [bound: number, count: number])[];
  readonly count: number;
  /** Seconds, all together. */
  readonly sum: number;
}

/** @param bounds upper bounds in seconds, rising */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(seconds) {
      let at = 0;
      while (at < bounds.length && seconds > (bounds[at] ?? 0)) at += 1;
      counts[at] = (counts[at] ?? 0) + 1;
      sum += seconds;
    },
    read() {
      let count = 0;
      const buckets = bounds.map((bound, at) => [bound, (count += counts[at] ?? 0)] as const);
      return { buckets, count: count + (counts[bounds.length] ?? 0), sum };
    },
  };
}
