/** What every answer must be, whatever was asked: written down here from the contract, apart from the code that is attacked. */
import type { Answer } from "./answers.ts";
import type { Case } from "./request.ts";
import { findSecret } from "./secrets.ts";
import { ORIGINS } from "./world-config.ts";

/** Codes with their status, of the contract. */
const CODES: Readonly<Record<string, number>> = {
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
};
const EVERY_EXCHANGE: readonly (readonly [name: string, form: RegExp])[] = [
  ["x-request-id", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ["x-content-type-options", /^nosniff$/],
  ["content-security-policy", /^default-src 'none'$/],
  ["referrer-policy", /^no-referrer$/],
  ["cache-control", /^(no-store|public, max-age=\d+|private, max-age=\d+|private, no-cache)$/],
];
/** All that the public listener ever sends. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  [
    "access-control-allow-credentials access-control-allow-headers access-control-allow-methods access-control-allow-origin",
    "access-control-expose-headers access-control-max-age age allow cache-control cache-status connection content-encoding content-length",
    "content-security-policy content-type date etag keep-alive ratelimit ratelimit-policy referrer-policy retry-after vary",
    "x-content-type-options x-request-id set-cookie www-authenticate cross-origin-resource-policy",
  ]
    .join(" ")
    .split(" "),
);
const OWN_COOKIE = /^__Host-Http-bff-[a-z0-9-]+=[A-Za-z0-9._-]+; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Strict$/;

/** @returns what is wrong with the answer */
export function judgeAnswer(answer: Answer, listener: Case["listener"]): string | undefined {
  const { status, fields, body, raw } = answer;
  if (status >= 500 && status !== 502 && status !== 503 && status !== 504) return `status ${status}`;
  if (body === undefined) return "the content does not decode";
  const secret = findSecret(raw) ?? findSecret(body) ?? findSecret(parsedText(body));
  if (secret !== undefined) return `the answer holds a secret: ${secret}\n${around(body, secret)}`;
  const names = fields.map(([name]) => name);
  const repeated = names.find((name, nth) => names.indexOf(name) !== nth && name !== "set-cookie");
  if (repeated !== undefined) return `${repeated} is repeated`;
  if (status === 100 || listener === "operator") return undefined;
  return names.includes("content-length") || status === 204 || status === 304 ? judgePublic(answer) : "no content-length";
}

function judgePublic({ status, fields, body = "" }: Answer): string | undefined {
  const values = new Map(fields);
  const unknown = fields.find(([name, value]) => !KNOWN_FIELDS.has(name) || (name === "set-cookie" && !OWN_COOKIE.test(value)));
  if (unknown !== undefined) return `the field ${unknown[0]} is not one of ours`;
  const missing = EVERY_EXCHANGE.find(([name, form]) => !form.test(values.get(name) ?? ""));
  if (missing !== undefined) return `${missing[0]} is not as it must be`;
  const shared = judgeSharing(values);
  if (shared !== undefined) return shared;
  if (status >= 400) return judgeProblem(status, values, body);
  if (values.has("set-cookie") && values.get("cache-control") !== "no-store") return "a cookie stands in an answer that may be stored";
  if (status === 204 || values.get("content-length") === "0") return undefined;
  if (status !== 200 && status !== 304) return `status ${status}`;
  return judgeContent(status, values, body);
}

/** Who else may read it: a page of a listed origin, or everybody what is for everybody. */
function judgeSharing(values: ReadonlyMap<string, string>): string | undefined {
  const origin = values.get("access-control-allow-origin");
  const credentials = values.get("access-control-allow-credentials");
  if (origin !== undefined && origin !== "*" && !ORIGINS.includes(origin)) return "a page that is not listed may read it";
  if (credentials !== undefined && (credentials !== "true" || origin === undefined || origin === "*"))
    return "credentials for nobody in particular";
  return values.has("set-cookie") && credentials === undefined && origin !== undefined ? "a cookie that its page may not send" : undefined;
}

function judgeProblem(status: number, values: ReadonlyMap<string, string>, body: string): string | undefined {
  if (body === "")
    return values.get("content-type") === "application/problem+json" || status === 503 ? undefined : "a refusal without content";
  if (values.get("content-type") !== "application/problem+json") return "a refusal that is no problem";
  const problem = parse(body) as Readonly<Record<string, unknown>> | undefined;
  if (problem === undefined) return "the problem is no JSON";
  const { type, title, detail, code, layer, request_id: requestId } = problem;
  if (typeof code !== "string" || CODES[code] !== status || problem["status"] !== status)
    return `status ${status} with the code ${String(code)}`;
  if (![type, title, detail].every((text) => typeof text === "string" && text !== "")) return "a member of the problem is missing";
  if (layer !== "proxy" && layer !== "upstream") return "the layer is unknown";
  if (requestId !== values.get("x-request-id")) return "the problem has another request's id";
  if (code !== "not-found" && values.get("cache-control") !== "no-store") return "a refusal may be stored";
  return (status === 429 || code === "quota-exhausted") && !/^[1-9]\d*$/.test(values.get("retry-after") ?? "")
    ? "no Retry-After"
    : undefined;
}

function judgeContent(status: number, values: ReadonlyMap<string, string>, body: string): string | undefined {
  if (values.get("cache-control") === "no-store" && !values.has("etag")) {
    return parse(body) === undefined ? "the content is no JSON" : undefined;
  }
  if (!/^"[^"]+"$/.test(values.get("etag") ?? "")) return "no strong ETag";
  if (!/\baccept-encoding\b/i.test(values.get("vary") ?? "")) return "no Vary: Accept-Encoding";
  if (status === 304 || body === "") return undefined;
  if (!/^application\/(ld\+)?json/.test(values.get("content-type") ?? "")) return "the content type is not JSON";
  return parse(body) === undefined ? "the content is no JSON" : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, "latin1").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** All texts of a JSON document, so that no escape hides what they say. */
function parsedText(body: string): string {
  if (!body.includes("\\")) return "";
  return JSON.stringify(parse(body)) ?? "";
}

/** What stands before and behind it, to see which member it is in. */
function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return at === -1 ? "(not in the content as it is)" : text.slice(Math.max(0, at - 200), at + part.length + 50);
}
