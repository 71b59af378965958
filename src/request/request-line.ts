/** Stage a: the request line and header section as they arrived, checked once. What is not plain HTTP/1 ends here. */
import { isIPv6 } from "node:net";
import { problem } from "../problem.ts";

const MAX_TARGET_BYTES = 8 * 1024;
const MAX_HEADER_SECTION_BYTES = 16 * 1024;
const MAX_HEADER_FIELDS = 100;
/** Name, colon, space, CR and LF around each value, as a sender would count the section. */
const FIELD_OVERHEAD_BYTES = 4;

/** Characters that no client sends unescaped in a target (WHATWG URL query set, and "\" and "#"). */
const NEVER_RAW = /[^\x21-\x7e]|["#<>\\]/;

/** uri-host [":" port] of RFC 9110 §7.2: a reg-name or IPv4 address, or in brackets an IPv6 address or what may follow it one day. */
const HOST =
  /^(?:(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+|\[(?:(?<v6>[0-9A-Fa-f:.]+)|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\])(?::(?<port>[0-9]{0,5}))?$/;
/** What nearly every client sends, told at a glance. */
const PLAIN_HOST = /^[A-Za-z0-9.-]+(?::[1-5]?[0-9]{1,4})?$/;
const MAX_PORT = 65_535;

/** What the HTTP parser gives us of one request: plain facts, nothing decoded. */
export interface RequestHead {
  readonly method: string;
  /** The request target as sent, RFC 9112 §3.2. */
  readonly target: string;
  /** `1.0` or `1.1`. */
  readonly httpVersion: string;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  /** Values by lower-case name; repeated fields joined with ", " or the first kept, as Node does. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A request line that is well formed: split, but not decoded. */
export interface RequestLine {
  readonly method: string;
  /** Raw path, with the leading slash. */
  readonly path: string;
  /** Raw query without "?". Empty when there is none. */
  readonly query: string;
}

/** @throws Problem target-too-long, headers-too-large, request-malformed, body-too-large */
export function readRequestLine(head: RequestHead): RequestLine {
  if (head.target.length > MAX_TARGET_BYTES) throw problem("target-too-long", { detail: "The target may have 8192 bytes at most." });
  checkHeaderSection(head.rawHeaders);
  if (head.httpVersion !== "1.1" && head.httpVersion !== "1.0") throw malformed("Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  checkHost(head.rawHeaders);
  checkTarget(head.target);
  checkContent(head);
  const queryStart = head.target.indexOf("?");
  return {
    method: head.method,
    path: queryStart === -1 ? head.target : head.target.slice(0, queryStart),
    query: queryStart === -1 ? "" : head.target.slice(queryStart + 1),
  };
}

function checkHeaderSection(rawHeaders: readonly string[]): void {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length;
  bytes += (rawHeaders.length / 2) * FIELD_OVERHEAD_BYTES;
  if (bytes > MAX_HEADER_SECTION_BYTES || rawHeaders.length / 2 > MAX_HEADER_FIELDS) {
    throw problem("headers-too-large", { detail: "The header section may have 16384 bytes and 100 fields at most." });
  }
}

function checkHost(rawHeaders: readonly string[]): void {
  let host: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (name.length !== 4 || name.toLowerCase() !== "host") continue;
    if (host !== undefined) throw malformed("There must be one Host field.");
    host = rawHeaders[i + 1] ?? "";
  }
  if (host === undefined || !isHost(host)) throw malformed("There must be one Host field with a valid value.");
}

function isHost(text: string): boolean {
  if (PLAIN_HOST.test(text)) return true;
  const { groups } = HOST.exec(text) ?? {};
  if (groups === undefined) return false;
  return (groups["v6"] === undefined || isIPv6(groups["v6"])) && Number(groups["port"] ?? 0) <= MAX_PORT;
}

function checkTarget(target: string): void {
  if (!target.startsWith("/")) throw malformed("The target must begin with a slash.");
  if (NEVER_RAW.test(target)) throw malformed("The target holds a character that must be percent-encoded.");
}

/** Routes are read, so a request has no content; refusing it leaves nothing to smuggle (RFC 9110 §9.3.1). */
function checkContent(head: RequestHead): void {
  const { "content-length": length, "transfer-encoding": coding, expect } = head.headers;
  if (expect !== undefined && String(expect).toLowerCase() !== "100-continue") throw malformed("The Expect field is not understood.");
  if (head.method !== "GET" && head.method !== "HEAD") return;
  if (coding !== undefined || (length !== undefined && !/^0+$/.test(String(length)))) {
    throw problem("body-too-large", { detail: "A GET request has no content here.", headers: { connection: "close" } });
  }
}

function malformed(detail: string): Error {
  return problem("request-malformed", { detail, headers: { connection: "close" } });
}
