/** How many exchanges ended how, since the process started: a count for each frontend, route, status and code. */

/** Names of ours only; empty where there is none. */
export interface ExchangeLabels {
  readonly frontend: string;
  readonly route: string;
  readonly status: string;
  readonly code: string;
}

export interface ExchangeTally {
  add(labels: ExchangeLabels): void;
  entries(): Iterable<readonly [labels: ExchangeLabels, count: number]>;
}

export function createExchangeTally(): ExchangeTally {
  const counts = new Map<string, { readonly labels: ExchangeLabels; count: number }>();
  return {
    add(labels) {
      const key = `${labels.frontend} ${labels.route} ${labels.status} ${labels.code}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { labels, count: 1 });
      else known.count += 1;
    },
    entries: () => [...counts.values()].map(({ labels, count }) => [labels, count] as const),
  };
}
