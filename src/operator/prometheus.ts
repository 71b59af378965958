/** Metrics that keep nothing of their own: the library writes Prometheus' text, the values are read when it asks. */
import type { MetricObjectWithValues, MetricValue, MetricValueWithName, Registry } from "prom-client";
import { Counter, Gauge } from "prom-client";
import type { HistogramReading } from "../histogram.ts";

type Labels = Readonly<Record<string, string>>;
export type Values = readonly (readonly [labels: Labels, value: number])[];

/** One function for each type of metric. Values with the same labels are added up in a counter; in a gauge the last one stays. */
export interface Definer {
  readonly counter: (name: string, help: string, labelNames: readonly string[], read: () => Values) => void;
  readonly gauge: (name: string, help: string, labelNames: readonly string[], read: () => Values) => void;
  readonly histogram: (name: string, help: string, read: () => readonly (readonly [labels: Labels, reading: HistogramReading])[]) => void;
}

export function createDefiner(registry: Registry): Definer {
  return {
    counter(name, help, labelNames, read) {
      const collect = (): void => {
        metric.reset();
        for (const [labels, value] of read()) metric.inc(labels, value);
      };
      const metric = new Counter({ name, help, labelNames: [...labelNames], registers: [registry], collect });
    },
    gauge(name, help, labelNames, read) {
      const collect = (): void => {
        metric.reset();
        for (const [labels, value] of read()) metric.set(labels, value);
      };
      const metric = new Gauge({ name, help, labelNames: [...labelNames], registers: [registry], collect });
    },
    histogram(name, help, read) {
      const get = (): Promise<MetricObjectWithValues<MetricValue<string>>> => {
        const values = read().flatMap(([labels, reading]) => seriesOf(name, labels, reading));
        return Promise.resolve({ name, help, type: "histogram" as never, aggregator: "sum", collect: () => undefined, values });
      };
      // A histogram of the library counts by itself; all that the registry asks of a metric is this.
      registry.registerMetric({ name, get } as unknown as Gauge);
    },
  };
}

function seriesOf(name: string, labels: Labels, { buckets, count, sum }: HistogramReading): readonly MetricValueWithName<string>[] {
  return [
    ...buckets.map(([bound, value]) => ({ metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
