/** What one exchange leaves behind: one line in the log, of names and figures, never of values. */
import type { Reply } from "./cache/responses.ts";
import type { Caller } from "./caller/caller.ts";
import type { Decision } from "./decide.ts";
import type { ExchangeEnd } from "./exchange-log.ts";
import type { Answer } from "./present/present.ts";
import type { Problem } from "./problem.ts";
import type { RequestHead } from "./request/request-line.ts";
import { describeError } from "./log.ts";
import { traceId } from "./trace.ts";

/** Statuses that only the log knows: the caller closed the connection before the answer. */
export const CLIENT_CLOSED_REQUEST = 499;
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);

export interface ExchangeRecord {
  /** Notes that the limit of requests has let it pass. */
  admitted(): void;
  /** Notes where the answer came from. */
  found(reply: Reply): void;
  /** Notes the answer and hands it on. */
  answered(answer: Answer, fault?: Problem): Answer;
  /** Notes that the caller has gone, and gives an answer that nobody reads. */
  abandoned(): Answer;
  /** One line, one count. */
  end(): ExchangeEnd;
}

/** The method as the log names it: never a word of the caller's own. */
export function methodName(method: string): string {
  return METHODS.has(method) ? method : "other";
}

export function openRecord(requestId: string, head: RequestHead, caller: Caller, decision: Decision): ExchangeRecord {
  const startedAt = performance.now();
  let status = 0;
  let admitted = false;
  let reply: Reply | undefined;
  let failure: Problem | undefined;
  const match = decision.decision === "allowed" ? decision.match : undefined;
  const line = (): object => ({
    request_id: requestId,
    trace_id: traceId(head.headers["traceparent"], requestId),
    method: methodName(head.method),
    frontend: decision.frontend?.name,
    route: match?.route.template,
    query: match?.sentNames,
    status,
    decision: decision.decision === "refused" ? decision.stage : decision.decision,
    code: failure?.code,
    cache: reply?.outcome,
    quota_wait_ms: reply?.quotaWaitMs === undefined ? undefined : tenths(reply.quotaWaitMs),
    address: caller.maskedAddress,
    ms: tenths(performance.now() - startedAt),
    reason: failure?.reason,
    ...(failure?.cause === undefined ? {} : describeError(failure.cause)),
  });
  return {
    admitted() {
      admitted = true;
    },
    found(found) {
      reply = found;
    },
    answered(answer, fault) {
      status = answer.status;
      failure = fault;
      return answer;
    },
    abandoned() {
      status = CLIENT_CLOSED_REQUEST;
      return { status, headers: {}, body: null };
    },
    end: () => ({
      labels: {
        frontend: decision.frontend?.name ?? "",
        route: match?.route.template ?? "",
        status: String(status),
        code: failure?.code ?? "",
      },
      admitted,
      level: levelOf(failure),
      line,
    }),
  };
}

function levelOf(fault: Problem | undefined): ExchangeEnd["level"] {
  if (fault === undefined || fault.status < 500) return "info";
  return fault.code === "internal" ? "error" : "warn";
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
