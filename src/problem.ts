/** Every refusal and failure a caller may see: one table of codes, one error class, one JSON form (RFC 9457). */

/** Codes with their status. The list is part of the contract with callers; README and docs link to it. */
export const PROBLEM_STATUS = {
  "frontend-unknown": 404,
  "route-not-allowed": 404,
  "not-found": 404,
  "method-not-allowed": 405,
  "request-malformed": 400,
  "path-encoding": 400,
  "parameter-unknown": 400,
  "parameter-invalid": 400,
  "target-too-long": 414,
  "headers-too-large": 431,
  "body-too-large": 413,
  "origin-not-allowed": 403,
  "fetch-metadata-refused": 403,
  "session-required": 401,
  "session-invalid": 401,
  "challenge-required": 403,
  "challenge-invalid": 403,
  "challenge-unavailable": 503,
  "webhook-signature": 401,
  "operator-token": 401,
  "host-not-allowed": 421,
  "rate-limited": 429,
  "quota-exhausted": 503,
  "upstream-refused": 502,
  "upstream-failed": 502,
  "upstream-timeout": 504,
  draining: 503,
  internal: 500,
} as const;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** Whose fault it is: ours or the caller's ("proxy"), or Partoo's ("upstream"). */
export type ProblemLayer = "proxy" | "upstream";

const TITLES: Readonly<Record<ProblemCode, string>> = {
  "frontend-unknown": "Unknown frontend",
  "route-not-allowed": "Route not allowed",
  "not-found": "Not found",
  "method-not-allowed": "Method not allowed",
  "request-malformed": "Malformed request",
  "path-encoding": "Refused path encoding",
  "parameter-unknown": "Unknown parameter",
  "parameter-invalid": "Invalid parameter",
  "target-too-long": "Request target too long",
  "headers-too-large": "Header section too large",
  "body-too-large": "Body too large",
  "origin-not-allowed": "Origin not allowed",
  "fetch-metadata-refused": "Request context refused",
  "session-required": "Session required",
  "session-invalid": "Session not accepted",
  "challenge-required": "Proof required",
  "challenge-invalid": "Proof not accepted",
  "challenge-unavailable": "Proofs can't be checked",
  "webhook-signature": "Webhook not accepted",
  "operator-token": "Operator's token missing",
  "host-not-allowed": "Host not allowed",
  "rate-limited": "Too many requests",
  "quota-exhausted": "Partoo's limit is used up",
  "upstream-refused": "Partoo refused the request",
  "upstream-failed": "Partoo's answer was not usable",
  "upstream-timeout": "Partoo did not answer in time",
  draining: "Shutting down",
  internal: "Internal error",
};

const UPSTREAM_CODES: ReadonlySet<ProblemCode> = new Set(["not-found", "upstream-refused", "upstream-failed", "upstream-timeout"]);

export interface ProblemOptions {
  /** One sentence for the caller: what was wrong and what would help. Never holds a value the caller sent. */
  readonly detail?: string;
  /** Whole seconds for the Retry-After field (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds?: number;
  /** Further header fields of the answer, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Partoo's status, when that is what failed. */
  readonly upstreamStatus?: number;
  /** Partoo forbids to store that it answered so. */
  readonly mustNotStore?: boolean;
  /** Further members of the body (RFC 9457 §3.2). */
  readonly extension?: Readonly<Record<string, unknown>>;
  /** What really happened, in words of ours, for the log only. */
  readonly reason?: string;
  /** The error behind it, of which the log shows class, code and place. */
  readonly cause?: unknown;
}

/** A refusal or failure that the caller may learn about. Anything else that is thrown becomes `internal`. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly layer: ProblemLayer;
  readonly detail: string;
  readonly upstreamStatus: number | undefined;
  readonly mustNotStore: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly reason: string | undefined;
  readonly extension: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Problem";
    this.code = code;
    this.status = PROBLEM_STATUS[code];
    this.layer = UPSTREAM_CODES.has(code) ? "upstream" : "proxy";
    this.detail = options.detail ?? TITLES[code];
    this.upstreamStatus = options.upstreamStatus;
    this.mustNotStore = options.mustNotStore === true;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.reason = options.reason;
    this.extension = options.extension;
    this.headers =
      options.retryAfterSeconds === undefined
        ? (options.headers ?? {})
        : { ...options.headers, "retry-after": String(Math.max(1, Math.ceil(options.retryAfterSeconds))) };
  }
}

/** Short form of `new Problem(…)`, to read as `throw problem("rate-limited", { retryAfterSeconds })`. */
export function problem(code: ProblemCode, options?: ProblemOptions): Problem {
  return new Problem(code, options);
}

/** The body of the answer, as UTF-8 JSON. `type` is a tag, not an address (RFC 9457 §3.1.1). */
export function problemBody(fault: Problem, requestId: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: `tag:partoo-bff,2026:${fault.code}`,
      title: TITLES[fault.code],
      status: fault.status,
      detail: fault.detail,
      code: fault.code,
      layer: fault.layer,
      request_id: requestId,
      ...fault.extension,
    }),
  );
}
