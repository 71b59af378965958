/** What one exchange leaves behind: one line in the log, of names and figures, never of values. */
import type { Reply } from "./cache/responses.ts";
import type { Caller } from "./caller/caller.ts";
import type { Decision } from "./decide.ts";
import type { ExchangeEnd } from "./exchange-log.ts";
import type { Problem } from "./problem.ts";
import type { RequestHead } from "./request/request-line.ts";
import { describeError } from "./log.ts";
import { traceId } from "./trace.ts";

/** Statuses that only the log knows: the caller closed the connection before the answer. */
export const CLIENT_CLOSED_REQUEST = 499;
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);

/** Where an answer came from, and how long it waited for the quota. */
export type Found = Pick<Reply, "quotaWaitMs"> & { readonly outcome: Reply["outcome"] | "directory" };

const NOTHING_ASKED = { sentNames: [] };

/** Limits by address. */
export type LimitName = "requests" | "misses";

export interface ExchangeRecord {
  /** Notes a limit that is exceeded and only reported. */
  exceeded(limit: LimitName): void;
  /** Notes that the limit of requests has let it pass. */
  admitted(): void;
  /** Notes where the answer came from. */
  found(reply: Found): void;
  /** One line, one count. @param status of the answer */
  end(status: number, fault?: Problem): ExchangeEnd;
}

/** The method as the log names it: never a word of the caller's own. */
export function methodName(method: string): string {
  return METHODS.has(method) ? method : "other";
}

export function openRecord(requestId: string, head: RequestHead, caller: Caller, decision: Decision): ExchangeRecord {
  const startedAt = performance.now();
  let admitted = false;
  let exceeded: LimitName | undefined;
  let reply: Found | undefined;
  const asked = askedFor(decision);
  const line = (status: number, ms: number, fault?: Problem): object => ({
    request_id: requestId,
    trace_id: traceId(head.headers["traceparent"], requestId),
    method: methodName(head.method),
    frontend: decision.frontend?.name,
    route: asked.template,
    query: asked.sentNames.length === 0 ? undefined : asked.sentNames,
    status,
    decision: decision.decision === "refused" ? decision.stage : decision.decision,
    code: fault?.code,
    cache: reply?.outcome,
    exceeded,
    quota_wait_ms: reply?.quotaWaitMs === undefined ? undefined : tenths(reply.quotaWaitMs),
    address: caller.maskedAddress,
    ms: tenths(ms),
    reason: fault?.reason,
    ...(fault?.cause === undefined ? {} : describeError(fault.cause)),
  });
  return {
    exceeded(limit) {
      exceeded = limit;
    },
    admitted() {
      admitted = true;
    },
    found(found) {
      reply = found;
    },
    end(status, fault) {
      const ms = performance.now() - startedAt;
      const labels = {
        frontend: decision.frontend?.name ?? "",
        route: asked.template ?? "",
        status: String(status),
        code: fault?.code ?? "",
        cache: reply?.outcome ?? "",
      };
      return { labels, seconds: ms / 1000, admitted, level: levelOf(fault), line: () => line(status, ms, fault) };
    },
  };
}

/** Names only, of what the configuration knows. */
function askedFor(decision: Decision): { readonly template?: string; readonly sentNames: readonly string[] } {
  if (decision.decision === "directory") return decision.stores;
  if (decision.decision === "description") return { template: "/openapi.json", sentNames: [] };
  if (decision.decision === "session") return { template: "/session", sentNames: [] };
  return decision.decision === "allowed" ? { template: decision.match.route.template, sentNames: decision.match.sentNames } : NOTHING_ASKED;
}

function levelOf(fault: Problem | undefined): ExchangeEnd["level"] {
  if (fault === undefined || fault.status < 500) return "info";
  return fault.code === "internal" ? "error" : "warn";
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
