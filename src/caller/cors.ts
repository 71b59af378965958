/** Cross-origin fields (Fetch standard, CORS protocol) of every answer of a frontend, made once per origin. */
import type { Frontend } from "../policy.ts";
import type { Caller } from "./caller.ts";

const EXPOSED = "Retry-After, RateLimit, RateLimit-Policy, ETag, Age, Cache-Status, X-Request-Id";
const ALLOWED_REQUEST_FIELDS = "authorization, content-type, if-none-match";
/** Browsers cap it themselves: Chromium at two hours. */
const PREFLIGHT_SECONDS = "7200";

export type HeaderFields = Readonly<Record<string, string>>;

const NONE: HeaderFields = {};

/**
 * Fields of an answer to this caller. With one origin they are the same for everybody, so that a CDN can store the answer;
 * with several the listed origin is echoed and the answer varies.
 */
export function corsFields(frontend: Frontend, caller: Caller): HeaderFields {
  if (frontend.origins.size === 0) return NONE;
  const allowed = frontend.soleOrigin ?? (frontend.origins.has(caller.origin ?? "") ? caller.origin : undefined);
  if (allowed === undefined) return NONE;
  return { "access-control-allow-origin": allowed, "access-control-expose-headers": EXPOSED };
}

/** Value of Vary for this frontend's answers. */
export function varyField(frontend: Frontend): string {
  return frontend.origins.size > 1 ? "Accept-Encoding, Origin" : "Accept-Encoding";
}

/** Whether this is a CORS preflight and not some other OPTIONS request. */
export function isPreflight(method: string, headers: Readonly<Record<string, unknown>>): boolean {
  return method === "OPTIONS" && headers["origin"] !== undefined && headers["access-control-request-method"] !== undefined;
}

/** Fields that a preflight gets besides `corsFields()`. Nothing of the request is echoed. */
export const PREFLIGHT_FIELDS: HeaderFields = {
  "access-control-allow-methods": "GET, HEAD",
  "access-control-allow-headers": ALLOWED_REQUEST_FIELDS,
  "access-control-max-age": PREFLIGHT_SECONDS,
};
