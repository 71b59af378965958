/** Stage k: answers as they leave. Header fields are built from empty; there is one place for each kind of answer. */
import type { HeaderFields } from "../caller/cors.ts";
import type { Problem } from "../problem.ts";
import type { RequestHead } from "../request/request-line.ts";
import type { Representation } from "../shape/representation.ts";
import type { Coding } from "./coding.ts";
import { problemBody } from "../problem.ts";
import { TAG_SUFFIX, encode, selectCoding } from "./coding.ts";

/** A whole answer. A null body: none is sent (HEAD, 204, 304). */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
}

/** Fields of every answer: nothing here is a page, and nothing should be told about it. */
const EVERY_ANSWER: HeaderFields = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'",
  "referrer-policy": "no-referrer",
};

/** What an answer needs to know of its exchange. */
export interface AnswerContext {
  readonly requestId: string;
  /** CORS fields and Vary of the frontend; empty when none was found. */
  readonly frontendFields: HeaderFields;
}

/** 200 or 304 of a route, to GET or HEAD. */
export async function presentRepresentation(
  representation: Representation,
  head: RequestHead,
  context: AnswerContext & { readonly cacheControl: string; readonly cacheStatus: string },
): Promise<Answer> {
  const coding = selectCoding(fieldText(head, "accept-encoding"), representation.body.length);
  const etag = `"${representation.hash}${TAG_SUFFIX[coding]}"`;
  const headers: Record<string, string> = {
    ...EVERY_ANSWER,
    ...context.frontendFields,
    "cache-control": context.cacheControl,
    "cache-status": context.cacheStatus,
    etag,
    "x-request-id": context.requestId,
  };
  if (isNotModified(fieldText(head, "if-none-match"), etag)) return { status: 304, headers, body: null };
  return withContent(headers, await encode(representation.body, coding), { coding, headOnly: head.method === "HEAD" });
}

function withContent(headers: Record<string, string>, body: Buffer, options: { coding: Coding; headOnly: boolean }): Answer {
  headers["content-type"] = "application/json; charset=utf-8";
  headers["content-length"] = String(body.length);
  if (options.coding !== "identity") headers["content-encoding"] = options.coding;
  return { status: 200, headers, body: options.headOnly ? null : body };
}

/** If-None-Match with weak comparison (RFC 9110 §13.1.2): proxies on the way may have weakened our tag. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

/** A refusal or failure. Only a resource that Partoo does not have may be stored, and briefly. */
export function presentProblem(fault: Problem, head: RequestHead, context: AnswerContext): Answer {
  const body = problemBody(fault, context.requestId);
  return {
    status: fault.status,
    headers: {
      ...EVERY_ANSWER,
      ...context.frontendFields,
      ...fault.headers,
      "cache-control": fault.code === "not-found" ? "public, max-age=60" : "no-store",
      "content-type": "application/problem+json",
      "content-length": String(body.length),
      "x-request-id": context.requestId,
    },
    body: head.method === "HEAD" ? null : body,
  };
}

/** An answer without content: a preflight, or the health of the process. */
export function presentEmpty(status: number, fields: HeaderFields, context: AnswerContext): Answer {
  return {
    status,
    headers: { ...EVERY_ANSWER, ...context.frontendFields, ...fields, "cache-control": "no-store", "x-request-id": context.requestId },
    body: null,
  };
}

function fieldText(head: RequestHead, name: string): string | undefined {
  const value = head.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
