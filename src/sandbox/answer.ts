/** What an endpoint answers, Partoo's two error shapes, and how both become bytes. */

/** Status and JSON value of an answer. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Partoo writes `error` on some endpoints and `errors` on others (partoo reference §5). */
export type ErrorMember = "error" | "errors";

/** Thrown by endpoints: becomes an answer with `detail` under the endpoint's error member. */
export class Refusal extends Error {
  readonly status: number;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}) {
    super(`refused with ${status}`);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

/** 200 with this body. */
export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** 400: `json` is an object keyed by field, or a text. */
export function invalid(json: Readonly<Record<string, unknown>> | string): Refusal {
  return new Refusal(400, { json });
}

/** 401 of a missing, unknown, expired or disabled key. */
export function unauthenticated(): Refusal {
  return new Refusal(401, { authentication: "User not authenticated" });
}

/** 403 of a role, a permission or an address that is not on the key's list. */
export function forbidden(): Refusal {
  return new Refusal(403, { authorization: "Operation not allowed" });
}

/** 404 of an unknown path or resource. */
export function missing(): Refusal {
  return new Refusal(404, { json: "Resource not found" });
}

/** The answer that a refusal stands for. 415 is `errors` everywhere. */
export function refusalAnswer(refusal: Refusal, member: ErrorMember): Answer {
  const name: ErrorMember = refusal.status === 415 ? "errors" : member;
  return { status: refusal.status, body: { [name]: refusal.detail }, headers: refusal.headers };
}
