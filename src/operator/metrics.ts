/** What Prometheus reads, made of what was counted when it asks. Labels are names of ours, so their number is bounded. */
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Reloader } from "../config/reload.ts";
import type { QuotaState } from "../quota/state.ts";
import type { Instance } from "./instance.ts";
import type { Definer, Values } from "./prometheus.ts";
import { defineConfig } from "./config-metrics.ts";
import { COUNTER_METRICS, SAVED_CALLS } from "./counter-metrics.ts";
import { createDefiner } from "./prometheus.ts";

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** @param reloader undefined: this process never reads its configuration again */
export function createMetrics(instance: Instance, reloader?: Reloader): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const definer = createDefiner(registry);
  defineExchanges(definer, instance);
  defineCalls(definer, instance);
  defineQuota(definer, instance);
  defineState(definer, instance);
  defineDirectories(definer, instance);
  defineCounters(definer, instance);
  defineConfig(definer, instance, reloader);
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function defineExchanges({ counter, histogram }: Definer, { exchanges }: Instance): void {
  counter(
    "partoo_bff_exchanges_total",
    "Exchanges that ended, by frontend, route, status and problem code.",
    ["frontend", "route", "status", "code"],
    () => exchanges.entries().map(([{ frontend, route, status, code }, count]) => [{ frontend, route, status, code }, count]),
  );
  counter(
    "partoo_bff_cache_answers_total",
    "Answers of routes, by where they came from: hit, stale, miss, unknown (a store that does not exist), directory.",
    ["frontend", "route", "outcome"],
    () =>
      exchanges
        .entries()
        .filter(([{ cache }]) => cache !== "")
        .map(([{ frontend, route, cache }, count]) => [{ frontend, route, outcome: cache }, count]),
  );
  histogram(
    "partoo_bff_exchange_duration_seconds",
    "From the request's head to the answer, by frontend and where the answer came from.",
    () => exchanges.durations().map(({ reading, ...labels }) => [labels, reading]),
  );
}

function defineCalls({ counter, histogram }: Definer, { calls, counters, keyRefusals }: Instance): void {
  counter("partoo_bff_upstream_calls_total", "Requests sent to Partoo, by how they ended.", ["organization", "outcome"], () =>
    calls.calls().map(({ count, ...labels }) => [labels, count]),
  );
  counter("partoo_bff_upstream_calls_saved_total", "Answers that needed no call of their own, by reason.", ["reason"], () => {
    const counts = counters.snapshot();
    return Object.entries(SAVED_CALLS).map(([reason, read]) => [{ reason }, read(counts)]);
  });
  histogram("partoo_bff_upstream_call_duration_seconds", "From a request to Partoo to the last byte of its answer.", () =>
    calls.durations().map(({ reading, ...labels }) => [labels, reading]),
  );
  histogram("partoo_bff_quota_wait_seconds", "How long calls waited for their turn, by what they were for.", () =>
    calls.waits().map(({ reading, ...labels }) => [labels, reading]),
  );
  counter("partoo_bff_key_refusals_total", "Calls that Partoo refused with 401 or 403, by key.", ["key", "status"], () =>
    keyRefusals.counts().map(({ key, status, count }) => [{ key, status: String(status) }, count]),
  );
}

function defineQuota({ counter, gauge }: Definer, { quota }: Instance): void {
  const perOrganization = (read: (state: QuotaState) => number) => (): Values =>
    quota().map((state) => [{ organization: state.organization }, read(state)]);
  const labels = ["organization"];
  gauge(
    "partoo_bff_quota_budget_calls",
    "Calls that all instances may make in a window: quota less reserve.",
    labels,
    perOrganization(({ budget }) => budget),
  );
  gauge(
    "partoo_bff_quota_available_calls",
    "The part of the budget that is to be had now.",
    labels,
    perOrganization(({ available }) => available),
  );
  gauge(
    "partoo_bff_quota_used_calls",
    "Calls that count now: of all instances with Redis, else of this one.",
    labels,
    perOrganization(({ used }) => used),
  );
  gauge(
    "partoo_bff_quota_waiting_calls",
    "Calls of this instance that wait for their turn.",
    labels,
    perOrganization(({ waiting }) => waiting),
  );
  gauge(
    "partoo_bff_quota_paused_seconds",
    "Until Partoo may be called again after its 429.",
    labels,
    perOrganization(({ pausedSeconds }) => pausedSeconds),
  );
  counter(
    "partoo_bff_quota_admitted_total",
    "Calls of this instance that got their turn.",
    labels,
    perOrganization(({ admitted }) => admitted),
  );
  counter(
    "partoo_bff_quota_waited_total",
    "Those of them that had to wait for it.",
    labels,
    perOrganization(({ waited }) => waited),
  );
  counter(
    "partoo_bff_quota_refused_total",
    "Calls that this instance did not make for want of budget.",
    labels,
    perOrganization(({ refused }) => refused),
  );
  gauge("partoo_bff_quota_frontend_used_calls", "Calls of this instance that count now, by frontend.", ["organization", "frontend"], () =>
    quota().flatMap(({ organization, frontends }) =>
      [...frontends].map(([frontend, { used }]) => [{ organization, frontend }, used] as const),
    ),
  );
}

function defineState({ counter, gauge }: Definer, { policy, memory, redis, keyRefusals }: Instance): void {
  gauge("partoo_bff_cache_bytes", "Stored responses in memory.", [], () => [[{}, memory.size().bytes]]);
  gauge("partoo_bff_cache_entries", "Stored responses in memory.", [], () => [[{}, memory.size().count]]);
  gauge("partoo_bff_redis_mode", "1 for how Redis is used now: off, ready or away.", ["mode"], () =>
    ["off", "ready", "away"].map((mode) => [{ mode }, redis().mode === mode ? 1 : 0]),
  );
  counter("partoo_bff_redis_failures_total", "Commands to Redis that failed or were not sent.", [], () => [[{}, redis().failures]]);
  gauge("partoo_bff_key_refused", "1 while Partoo refuses every value of the key (401).", ["key"], () => {
    const refused = keyRefusals.standing();
    return [...policy().keys.keys()].map((key) => [{ key }, refused.includes(key) ? 1 : 0]);
  });
  gauge("partoo_bff_policy_info", "1, with the version of the running configuration.", ["version"], () => [
    [{ version: policy().version }, 1],
  ]);
}

function defineDirectories({ gauge }: Definer, { directories }: Instance): void {
  gauge("partoo_bff_directory_stores", "Stores that the directory of a key holds.", ["key"], () =>
    directories().map(({ key, stores }) => [{ key }, stores]),
  );
  gauge(
    "partoo_bff_directory_age_seconds",
    "Since the directory was last known to agree with Partoo; none before its first reading.",
    ["key"],
    () => directories().flatMap(({ key, ageSeconds }) => (ageSeconds === undefined ? [] : [[{ key }, ageSeconds] as const])),
  );
  gauge("partoo_bff_directory_late", "1 while its answers say that it is older than it should be, or it was never read.", ["key"], () =>
    directories().map(({ key, isLate }) => [{ key }, isLate ? 1 : 0]),
  );
}

function defineCounters({ counter }: Definer, { counters }: Instance): void {
  for (const { name, help, label, values } of COUNTER_METRICS) {
    counter(name, help, label === undefined ? [] : [label], () => {
      const counts = counters.snapshot();
      return Object.entries(values).map(([value, counted]) => [label === undefined ? {} : { [label]: value }, counts[counted]]);
    });
  }
}
