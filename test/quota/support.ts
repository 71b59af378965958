/** Governors as processes would have them: each with its own connection, in short windows of real time. */
import type { Organization } from "../../src/policy.ts";
import type { AdmitRequest, Governor, GovernorOptions } from "../../src/quota/governor.ts";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { Problem } from "../../src/problem.ts";
import { createGovernor } from "../../src/quota/governor.ts";
import { parseRedisUrl } from "../../src/redis-url.ts";
import { openRedis } from "../../src/redis.ts";

export const silent = pino({ level: "silent" });

/** L = `calls`. */
export function organizations(calls: number, instances = 1): ReadonlyMap<string, Organization> {
  return new Map([["acme", { name: "acme", quotaPerMinute: calls + 10, reservePerMinute: 10, instances }]]);
}

export interface Started {
  readonly governor: Governor;
  /** What it logged. */
  readonly lines: readonly Record<string, unknown>[];
  /** As when the process ends: the connection goes, nothing is taken back. */
  stop(): Promise<void>;
}

/** @param url undefined: without Redis */
export function startGovernor(
  url: string | undefined,
  options: Partial<GovernorOptions> & Pick<GovernorOptions, "organizations">,
): Started {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { level: "info", base: null },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const redis = url === undefined ? undefined : openRedis(parseRedisUrl(url), silent);
  const governor = createGovernor({ logger, ...(redis === undefined ? {} : { redis }), ...options });
  const stop = async (): Promise<void> => {
    redis?.close();
    await governor.close();
  };
  onTestFinished(stop);
  return { governor, lines, stop };
}

/** "admitted", or the reason in the log's words. */
export async function outcome(governor: Governor, request: Partial<AdmitRequest> = {}): Promise<string> {
  try {
    await governor.admit({ organization: "acme", priority: "miss", ...request });
    return "admitted";
  } catch (fault) {
    if (fault instanceof Problem && fault.code === "quota-exhausted") return fault.reason ?? "no reason";
    throw fault;
  }
}

/** So many at once: how many of each outcome. */
export async function outcomes(governor: Governor, count: number, request: Partial<AdmitRequest> = {}): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const one of await Promise.all(Array.from({ length: count }, () => outcome(governor, request)))) found[one] = (found[one] ?? 0) + 1;
  return found;
}
