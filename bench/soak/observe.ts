/** What the sandbox and the proxies say about a run themselves. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Counters } from "../../src/sandbox/counters.ts";
import type { Fleet, Proxy } from "./fleet.ts";

/** A line of a proxy's log that is not an exchange. */
export interface Remark {
  /** Since the load began, s; negative before. */
  readonly seconds: number;
  /** Counted from 1. */
  readonly proxy: number;
  readonly text: string;
}

export interface Observation {
  readonly calls: number;
  /** Calls that the sandbox answered 429. */
  readonly limited: number;
  readonly maxRollingMinute: number;
  /** Calls by path, ids left out. */
  readonly byPath: Readonly<Record<string, number>>;
  /** Counters of the proxies that are not 0, added up, in the names of Prometheus. */
  readonly counters: Readonly<Record<string, number>>;
  readonly remarks: readonly Remark[];
}

const ID = /\/(?:[0-9a-f]{24}|c-[^/]+)(?=\/|$)/g;
const COUNTER = /^(partoo_bff_\w+_total(?:\{.*\})?) ([1-9]\S*)$/;

/** @param beganAt wall clock, ms */
export async function observe(fleet: Fleet, beganAt: number): Promise<Observation> {
  const counters = (await (await fetch(`http://127.0.0.1:${fleet.sandboxPort}/_sandbox/counters`)).json()) as Counters;
  const byPath: Record<string, number> = {};
  for (const [path, count] of Object.entries(counters.by_path)) add(byPath, path.replaceAll(ID, "/{business_id}"), count);
  const remarks = await Promise.all(fleet.proxies.map((proxy, index) => readRemarks(proxy, index + 1, beganAt)));
  return {
    calls: counters.calls,
    limited: counters.limited,
    maxRollingMinute: counters.max_rolling_minute,
    byPath,
    counters: await readCounters(fleet.proxies),
    remarks: remarks.flat().toSorted((a, b) => a.seconds - b.seconds),
  };
}

async function readCounters(proxies: readonly Proxy[]): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const { metricsPort } of proxies) {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    for (const line of text.split("\n")) {
      const [, name, value] = COUNTER.exec(line) ?? [];
      if (name !== undefined) add(sums, name, Number(value));
    }
  }
  return sums;
}

async function readRemarks({ logFile }: Proxy, proxy: number, beganAt: number): Promise<readonly Remark[]> {
  const remarks: Remark[] = [];
  for await (const line of createInterface(createReadStream(logFile))) {
    if (!line.includes('"msg":')) continue;
    const { time, msg, level: _, ...rest } = JSON.parse(line) as { readonly time: string; readonly msg: string; readonly level: string };
    const seconds = (Date.parse(time) - beganAt) / 1000;
    const details = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    remarks.push({ seconds, proxy, text: [msg, ...details].join(" ") });
  }
  return remarks;
}

function add(sums: Record<string, number>, name: string, count: number): void {
  sums[name] = (sums[name] ?? 0) + count;
}
