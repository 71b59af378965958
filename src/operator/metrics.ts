/** What Prometheus reads: exchanges by outcome, and the process itself. Labels are names of ours, so their number is bounded. */
import { collectDefaultMetrics, Counter, Registry } from "prom-client";
import type { ExchangeTally } from "../exchange-tally.ts";

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

export function createMetrics(tally: ExchangeTally): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const exchanges = new Counter({
    name: "partoo_bff_exchanges_total",
    help: "Exchanges that ended, by frontend, route, status and problem code.",
    labelNames: ["frontend", "route", "status", "code"],
    registers: [registry],
    collect() {
      exchanges.reset();
      for (const [labels, count] of tally.entries()) exchanges.inc({ ...labels }, count);
    },
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
