/** How many exchanges ended how, since the process started, and how long they took. */
import type { Histogram, HistogramReading } from "./histogram.ts";
import type { RefusalBook } from "./refusals.ts";
import { createHistogram } from "./histogram.ts";
import { createRefusalBook } from "./refusals.ts";

const EXCHANGE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Names of ours only; empty where there is none. */
export interface ExchangeLabels {
  readonly frontend: string;
  readonly route: string;
  readonly status: string;
  readonly code: string;
  /** Where the answer came from. */
  readonly cache: string;
}

export interface ExchangeTally {
  add(labels: ExchangeLabels, seconds: number): void;
  entries(): readonly (readonly [labels: ExchangeLabels, count: number])[];
  /** Those that were refused, with what may be told of them. */
  readonly refusals: RefusalBook;
  durations(): readonly (Pick<ExchangeLabels, "frontend" | "cache"> & { readonly reading: HistogramReading })[];
}

export function createExchangeTally(): ExchangeTally {
  const counts = new Map<string, { readonly labels: ExchangeLabels; readonly histogram: Histogram; count: number }>();
  const histograms = new Map<string, { readonly frontend: string; readonly cache: string; readonly histogram: Histogram }>();

  const histogramOf = ({ frontend, cache }: ExchangeLabels): Histogram => {
    const key = `${frontend} ${cache}`;
    const line = histograms.get(key) ?? { frontend, cache, histogram: createHistogram(EXCHANGE_SECONDS) };
    histograms.set(key, line);
    return line.histogram;
  };
  return {
    add(labels, seconds) {
      const key = `${labels.frontend} ${labels.route} ${labels.status} ${labels.code} ${labels.cache}`;
      let line = counts.get(key);
      if (line === undefined) counts.set(key, (line = { labels, histogram: histogramOf(labels), count: 0 }));
      line.count += 1;
      line.histogram.observe(seconds);
    },
    refusals: createRefusalBook(),
    entries: () => [...counts.values()].map(({ labels, count }) => [labels, count] as const),
    durations: () => [...histograms.values()].map(({ histogram, ...labels }) => ({ ...labels, reading: histogram.read() })),
  };
}
