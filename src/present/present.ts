/** Stage k: answers as they leave. Header fields are built from empty; there is one place for each kind of answer. */
import type { HeaderFields } from "../caller/cors.ts";
import type { Problem } from "../problem.ts";
import type { DirectoryAnswer } from "../directory/directory.ts";
import type { RequestHead } from "../request/request-line.ts";
import type { Reply } from "../cache/responses.ts";
import type { Coder } from "./coded.ts";
import type { Coding } from "./coding.ts";
import { ageSeconds } from "../cache/entry.ts";
import { problem, problemBody } from "../problem.ts";
import { TAG_SUFFIX, selectCoding } from "./coding.ts";

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

/** How long others may remember that Partoo has none. */
const NOT_FOUND_SECONDS = 60;

/** How long a description may be kept: a reload may change it. */
const DESCRIPTION_SECONDS = 60;

/** What an answer needs to know of its exchange. */
export interface AnswerContext {
  readonly requestId: string;
  /** CORS fields and Vary of the frontend; empty when none was found. */
  readonly frontendFields: HeaderFields;
  /** Who may store what a route answers: everybody, or only whoever asked. */
  readonly scope: "public" | "private";
}

/** What an answer from a stored response needs besides. */
export interface ReplyContext extends AnswerContext {
  /** How long a browser may keep an answer that has just left. */
  readonly browserSeconds: number;
  readonly coder: Coder;
}

/** 200, 304 or not-found of a route, to GET or HEAD. */
export function presentReply(reply: Reply, head: RequestHead, context: ReplyContext): Answer | Promise<Answer> {
  const { entry, storedAs } = reply;
  const age = storedAs === undefined ? 0 : ageSeconds(entry, Date.now());
  const lifetime = { ...(storedAs === undefined ? {} : { age: String(age) }), "cache-status": reply.cacheStatus };
  if (!entry.found) {
    const maxAge = `${context.scope}, max-age=${age + NOT_FOUND_SECONDS}`;
    const control = storedAs === undefined && reply.outcome !== "unknown" ? "no-store" : maxAge;
    return presentNotFound(head, context, { ...lifetime, "cache-control": control });
  }
  const coding = selectCoding(fieldText(head, "accept-encoding"), entry.body.length);
  const etag = `"${entry.hash}${TAG_SUFFIX[coding]}"`;
  const headers: Record<string, string> = {
    ...EVERY_ANSWER,
    ...context.frontendFields,
    // Age counts against max-age (RFC 9111 §4.2.3): without it here a stored answer would be stale on arrival.
    // What Partoo forbids us to store, nobody behind us may store either.
    "cache-control": storedAs === undefined ? "no-store" : `${context.scope}, max-age=${age + context.browserSeconds}`,
    ...lifetime,
    etag,
    "x-request-id": context.requestId,
  };
  if (isNotModified(fieldText(head, "if-none-match"), etag)) return { status: 304, headers, body: null };
  const options = { coding, headOnly: head.method === "HEAD" };
  const body = context.coder.body(entry, coding, storedAs);
  return body instanceof Promise ? body.then((bytes) => withContent(headers, bytes, options)) : withContent(headers, body, options);
}

/** Content that is made here, not stored. */
export interface MadeContent {
  body(): Buffer;
  readonly contentType: string;
  /** Changes with the body, for the entity tag. */
  readonly hash: string;
}

/** 200 or 304 of the directory, which was made for the moment at which it is asked for. */
export function presentStores(
  answer: MadeContent & Pick<DirectoryAnswer, "maxAgeSeconds" | "ttlSeconds" | "varies">,
  head: RequestHead,
  context: MadeContext,
): Answer | Promise<Answer> {
  const { maxAgeSeconds, ttlSeconds } = answer;
  return presentMade(answer, head, context, {
    // Made now: it has no Age, and caches that don't subtract one keep it no longer than others.
    "cache-control": `${context.scope}, max-age=${maxAgeSeconds}`,
    "cache-status": `partoo-bff; hit; ttl=${ttlSeconds}`,
    ...(answer.varies === undefined ? {} : { vary: `${context.frontendFields["vary"] ?? "Accept-Encoding"}, ${answer.varies}` }),
  });
}

/** 200 or 304 of what describes a frontend: for everybody, wherever the page that asks comes from. */
export function presentDescription(
  content: Pick<MadeContent, "hash"> & { readonly body: Buffer },
  head: RequestHead,
  context: MadeContext,
): Answer | Promise<Answer> {
  const made: MadeContent = { body: () => content.body, contentType: "application/json; charset=utf-8", hash: content.hash };
  const fields = { "access-control-allow-origin": "*", vary: "Accept-Encoding", "cache-control": `public, max-age=${DESCRIPTION_SECONDS}` };
  return presentMade(made, head, { ...context, frontendFields: {} }, fields);
}

/** What content that is made here needs to know besides. */
export type MadeContext = AnswerContext & Pick<ReplyContext, "coder">;

function presentMade(content: MadeContent, head: RequestHead, context: MadeContext, fields: HeaderFields): Answer | Promise<Answer> {
  const headers: Record<string, string> = {
    ...EVERY_ANSWER,
    ...context.frontendFields,
    ...fields,
    "x-request-id": context.requestId,
  };
  const ifNoneMatch = fieldText(head, "if-none-match");
  const acceptEncoding = fieldText(head, "accept-encoding");
  const tagOf = (coding: Coding): string => `"${content.hash}${TAG_SUFFIX[coding]}"`;
  // Whether the body is long enough to be coded need not be known, but a cache must not be sent to a coding that its caller does not take.
  const known = isAny(ifNoneMatch) ? [] : [selectCoding(acceptEncoding, Infinity), "identity" as const].map(tagOf);
  const matched = known.find((etag) => isNotModified(ifNoneMatch, etag));
  if (matched !== undefined) return { status: 304, headers: { ...headers, etag: matched }, body: null };
  const body = content.body();
  const coding = selectCoding(acceptEncoding, body.length);
  headers["etag"] = tagOf(coding);
  if (isAny(ifNoneMatch)) return { status: 304, headers, body: null };
  const options = { coding, headOnly: head.method === "HEAD", contentType: content.contentType };
  const coded = context.coder.once(body, coding);
  return coded instanceof Promise ? coded.then((bytes) => withContent(headers, bytes, options)) : withContent(headers, coded, options);
}

function presentNotFound(head: RequestHead, context: AnswerContext, fields: HeaderFields): Answer {
  const answer = presentProblem(problem("not-found", { detail: "Partoo has no such resource." }), head, context);
  return { ...answer, headers: { ...answer.headers, ...fields } };
}

function withContent(
  headers: Record<string, string>,
  body: Buffer,
  options: { coding: Coding; headOnly: boolean; contentType?: string },
): Answer {
  headers["content-type"] = options.contentType ?? "application/json; charset=utf-8";
  headers["content-length"] = String(body.length);
  if (options.coding !== "identity") headers["content-encoding"] = options.coding;
  return { status: 200, headers, body: options.headOnly ? null : body };
}

/** If-None-Match with weak comparison (RFC 9110 §13.1.2): proxies on the way may have weakened our tag. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (isAny(ifNoneMatch)) return true;
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

function isAny(ifNoneMatch: string | undefined): boolean {
  return ifNoneMatch?.trim() === "*";
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
      "cache-control": "no-store",
      "content-type": "application/problem+json",
      "content-length": String(body.length),
      "x-request-id": context.requestId,
    },
    body: head.method === "HEAD" ? null : body,
  };
}

/** An answer of this proxy's own, for whoever asked and nobody else. */
export function presentJson(content: object, fields: HeaderFields, context: AnswerContext): Answer {
  const body = Buffer.from(JSON.stringify(content));
  const headers = { ...fields, "content-type": "application/json; charset=utf-8", "content-length": String(body.length) };
  return { ...presentEmpty(200, headers, context), body };
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
