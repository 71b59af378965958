/** The one ordered map from what went wrong upstream to what a caller is told. */
import type { UpstreamAnswer } from "./read-answer.ts";
import { Problem, problem } from "../problem.ts";

/** Retry-After of a 429: bounds and what stands for an unreadable one, in seconds (design §5). */
const RETRY_AFTER = { min: 1, max: 300, fallback: 60 } as const;

/** Statuses by which Partoo says that our key or our request is at fault, never the visitor. */
const REFUSED_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 415, 422]);

/** Upstream did not answer to the last byte before our deadline. */
export class DeadlineExceeded extends Error {}

/** Everybody who waited for the answer has gone: 499 in the log, and nobody left to tell. */
export class CallersGone extends Error {}

/**
 * @param answer a final answer whose status is not 2xx
 * @param reason what the log says of it; holds no text of Partoo's
 */
export function problemOfAnswer(
  { status, retryAfter, mustNotStore }: Pick<UpstreamAnswer, "status" | "retryAfter" | "mustNotStore">,
  reason = `status ${status}`,
): Problem {
  if (status === 404) return problem("not-found", { detail: "Partoo has no such resource.", upstreamStatus: status, mustNotStore });
  if (status === 429) {
    const detail = "Partoo's limit is used up for now.";
    return problem("quota-exhausted", { detail, upstreamStatus: status, retryAfterSeconds: readRetryAfter(retryAfter) });
  }
  return problem(REFUSED_STATUSES.has(status) ? "upstream-refused" : "upstream-failed", { reason, upstreamStatus: status });
}

/**
 * No connection came about, or a pooled one that Partoo had closed meanwhile ended without a byte of an answer. Partoo may be asked once
 * more (RFC 9110 §9.2.2: GET is idempotent). `cause`: the error of the connection.
 */
export class NotReached extends Error {}

/** @returns the problem for an error thrown while calling, or the error itself when it is none of upstream's */
export function problemOfError(error: unknown): unknown {
  if (error instanceof Problem || error instanceof CallersGone) return error;
  if (error instanceof DeadlineExceeded || TIMEOUT_CODES.has(codeOf(error))) return problem("upstream-timeout", { cause: error });
  if (error instanceof NotReached) return problem("upstream-failed", { detail: "Partoo could not be reached.", cause: error.cause });
  return problem("upstream-failed", { cause: error });
}

const TIMEOUT_CODES: ReadonlySet<string> = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** @returns what stands for the failure of a request that no byte of an answer came to */
export function failureUnanswered(error: unknown): unknown {
  return CONNECTION_CODES.has(codeOf(error)) ? new NotReached("not reached", { cause: error }) : problemOfError(error);
}

const DELTA_SECONDS = /^\d+$/;
/** Date.parse() takes far more than an HTTP-date: "-5" would be a year. */
const HTTP_DATE = /^[A-Z][a-z]+,? .*\d GMT$/;

/** Seconds until Partoo may be asked again: delta-seconds or an HTTP-date (RFC 9110 §10.2.3), within bounds. */
export function readRetryAfter(field: string | undefined, nowMs: number = Date.now()): number {
  const text = field?.trim() ?? "";
  const seconds = DELTA_SECONDS.test(text) ? Number(text) : HTTP_DATE.test(text) ? (Date.parse(text) - nowMs) / 1000 : Number.NaN;
  if (!Number.isFinite(seconds)) return RETRY_AFTER.fallback;
  return Math.min(RETRY_AFTER.max, Math.max(RETRY_AFTER.min, Math.ceil(seconds)));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}
