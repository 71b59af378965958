/** Cross-origin fields (Fetch standard, CORS protocol) of every answer of a frontend, made once per origin. */
import type { Frontend } from "../policy.ts";
import type { Caller } from "./caller.ts";

const EXPOSED = "Retry-After, RateLimit, RateLimit-Policy, ETag, Age, Cache-Status, X-Request-Id";
const ALLOWED_REQUEST_FIELDS = "authorization, content-type, if-none-match";
/** Browsers cap it themselves: Chromium at two hours. */
const PREFLIGHT_SECONDS = "7200";

export type HeaderFields = Readonly<Record<string, string>>;

/** By frontend, then by the origin that is echoed. Each set is made once, and is the same object from then on. */
const fieldsByFrontend = new WeakMap<Frontend, Map<string | undefined, HeaderFields>>();

/**
 * CORS fields and Vary of an answer to this caller. With one origin they are the same for everybody, so that a CDN can store the answer;
 * with several the listed origin is echoed and the answer varies.
 */
export function frontendFields(frontend: Frontend, { origin }: Caller): HeaderFields {
  const allowed = frontend.soleOrigin ?? (origin !== undefined && frontend.origins.has(origin) ? origin : undefined);
  let known = fieldsByFrontend.get(frontend);
  if (known === undefined) fieldsByFrontend.set(frontend, (known = new Map()));
  let fields = known.get(allowed);
  if (fields === undefined) known.set(allowed, (fields = makeFields(frontend, allowed)));
  return fields;
}

function makeFields({ origins, session }: Frontend, allowed: string | undefined): HeaderFields {
  const vary = { vary: origins.size > 1 ? "Accept-Encoding, Origin" : "Accept-Encoding" };
  if (allowed === undefined) return vary;
  // A page may send its session's cookie, and nothing else of a browser's: there is nothing else that would be read.
  const credentials = session === "none" ? {} : { "access-control-allow-credentials": "true" };
  return { "access-control-allow-origin": allowed, ...credentials, "access-control-expose-headers": EXPOSED, ...vary };
}

/** Whether this is a CORS preflight and not some other OPTIONS request. */
export function isPreflight(method: string, headers: Readonly<Record<string, unknown>>): boolean {
  return method === "OPTIONS" && headers["origin"] !== undefined && headers["access-control-request-method"] !== undefined;
}

/** Fields that a preflight gets besides `frontendFields()`. Nothing of the request is echoed. */
export function preflightFields({ session }: Frontend): HeaderFields {
  return {
    "access-control-allow-methods": session === "none" ? "GET, HEAD" : "GET, HEAD, POST",
    "access-control-allow-headers": ALLOWED_REQUEST_FIELDS,
    "access-control-max-age": PREFLIGHT_SECONDS,
  };
}
