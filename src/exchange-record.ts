/** What one exchange leaves behind: one line in the log, of names and figures, never of values. */
import type { Caller } from "./caller/caller.ts";
import type { Decision } from "./decide.ts";
import type { ExchangeTally } from "./exchange-tally.ts";
import type { Logger } from "./log.ts";
import type { Answer } from "./present/present.ts";
import type { Problem } from "./problem.ts";
import type { RequestHead } from "./request/request-line.ts";
import { describeError } from "./log.ts";

/** Statuses that only the log knows: the caller closed the connection before the answer. */
export const CLIENT_CLOSED_REQUEST = 499;
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);

export interface ExchangeRecord {
  /** Notes the answer and hands it on. */
  answered(answer: Answer, fault?: Problem): Answer;
  /** Notes that the caller has gone, and gives an answer that nobody reads. */
  abandoned(): Answer;
  /** Notes where the answer came from. */
  found(outcome: string): void;
  /** One line, one count. */
  write(logger: Logger, tally: ExchangeTally): void;
}

/** The method as the log names it: never a word of the caller's own. */
export function methodName(method: string): string {
  return METHODS.has(method) ? method : "other";
}

export function openRecord(requestId: string, head: RequestHead, caller: Caller, decision: Decision): ExchangeRecord {
  const startedAt = performance.now();
  let status = 0;
  let cache: string | undefined;
  let failure: Problem | undefined;
  return {
    answered(answer, fault) {
      status = answer.status;
      failure = fault;
      return answer;
    },
    abandoned() {
      status = CLIENT_CLOSED_REQUEST;
      return { status, headers: {}, body: null };
    },
    found(outcome) {
      cache = outcome;
    },
    write(logger, tally) {
      const ms = performance.now() - startedAt;
      const line = {
        request_id: requestId,
        method: methodName(head.method),
        frontend: decision.frontend?.name,
        ...(decision.decision === "allowed" && {
          route: decision.match.route.template,
          query: decision.match.sentNames,
          cache,
        }),
        status,
        decision: decision.decision === "refused" ? decision.stage : decision.decision,
        code: failure?.code,
        address: caller.maskedAddress,
        ms: Math.round(ms * 10) / 10,
        reason: failure?.reason,
        ...(failure?.cause === undefined ? {} : describeError(failure.cause)),
      };
      const labels = {
        frontend: decision.frontend?.name ?? "",
        route: decision.decision === "allowed" ? decision.match.route.template : "",
        status: String(status),
        code: failure?.code ?? "",
        cache: cache ?? "",
      };
      tally.add(labels, ms / 1000);
      if (failure !== undefined) tally.refusals.note({ method: methodName(head.method), head, caller, decision, fault: failure });
      if (failure?.code === "internal") logger.error(line);
      else if (failure !== undefined && failure.status >= 500) logger.warn(line);
      else logger.info(line);
    },
  };
}
