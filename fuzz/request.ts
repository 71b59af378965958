/** One case: bytes for one connection, how they are written, and when the caller leaves. */
import type { Random } from "../src/sandbox/random.ts";
import { headerFields, honestFields } from "./header-fields.ts";
import { operatorRequest } from "./operator-request.ts";
import { sessionRequest } from "./sessions.ts";
import { honestTarget, target } from "./targets.ts";
import { webhook } from "./webhooks.ts";
import { gibberish, spoil, word } from "./words.ts";

/** How a caller ends: waits for every answer, closes its own half, or is gone. */
export type Ending = "wait" | "half-close" | "gone";

export interface Case {
  /** Which listener it is for. */
  readonly listener: "public" | "operator";
  /** Written one after the other, each on its own. */
  readonly writes: readonly Buffer[];
  readonly ending: Ending;
}

const METHODS = ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "QUERY", "PROPFIND", "M-SEARCH", "PRI", "get", "G\0T", "", "XYZZY"];
const VERSIONS = ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/1.1 ", "http/1.1", "HTTP/11", "", "RTSP/1.0", "HTTP/1.1\t"];
const LINE_ENDS = ["\n", "\r", "\r\n ", "\n\r", "\0\r\n"];

/** The same stream gives the same case. */
export function createCase(random: Random): Case {
  const isOperators = random.chance(0.04);
  const count = random.chance(0.85) ? 1 : 1 + random.integer(random.chance(0.05) ? 130 : 6);
  const bytes = Buffer.concat(Array.from({ length: count }, () => (isOperators ? operatorRequest(random) : anyRequest(random))));
  return { listener: isOperators ? "operator" : "public", ...deliver(random, bytes) };
}

function anyRequest(random: Random): Buffer {
  if (random.chance(0.05)) return sessionRequest(random);
  if (random.chance(0.02)) return Buffer.from(Array.from({ length: random.integer(200) }, () => random.integer(256)));
  return random.chance(0.12) ? webhook(random) : request(random);
}

function request(random: Random): Buffer {
  if (random.chance(0.5)) return honestRequest(random);
  const method = pickMethod(random);
  const version = random.chance(0.97) ? "HTTP/1.1" : random.pick(VERSIONS);
  const line = `${method}${random.chance(0.99) ? " " : random.pick(["  ", "\t", ""])}${target(random)} ${version}`;
  const [fields, body] = random.chance(0.06) || method === "POST" ? content(random) : [[], ""];
  const end = random.chance(0.98) ? "\r\n" : random.pick(LINE_ENDS);
  const head = [line, ...headerFields(random), ...fields].join(end) + end + end;
  return encode(random, (random.chance(0.02) ? spoil(random, head) : head) + body);
}

/** What browsers, apps and servers send: enough of it to fill the caches, and to reach what only a sound request reaches. */
function honestRequest(random: Random): Buffer {
  const method = random.chance(0.9) ? "GET" : random.pick(["HEAD", "OPTIONS"]);
  const asked = honestTarget(random);
  const preflight = method === "OPTIONS" ? ["Access-Control-Request-Method: GET"] : [];
  return Buffer.from([`${method} ${asked} HTTP/1.1`, ...honestFields(random, asked), ...preflight, "", ""].join("\r\n"));
}

function pickMethod(random: Random): string {
  const kind = random.next();
  if (kind < 0.8) return "GET";
  return kind < 0.88 ? "HEAD" : kind < 0.92 ? "OPTIONS" : random.pick(METHODS);
}

/** Content and the fields that frame it, mostly as they should be. */
export function content(random: Random, text: string = anyContent(random)): readonly [fields: readonly string[], content: string] {
  const bytes = Buffer.byteLength(text);
  return random.pick<() => readonly [readonly string[], string]>([
    () => [[`Content-Length: ${bytes}`], text],
    () => [[`Content-Length: ${bytes}`], text],
    () => [["Transfer-Encoding: chunked"], `${bytes.toString(16)}\r\n${text}\r\n0\r\n\r\n`],
    () => [["Transfer-Encoding: chunked", `Content-Length: ${bytes}`], `${bytes.toString(16)}\r\n${text}\r\n0\r\n\r\n`],
    () => [["Transfer-Encoding: chunked"], `${bytes.toString(16)};a=${word(random)}\r\n${text}\r\n0\r\nX-Trailer: 1\r\n\r\n`],
    () => [
      ["Transfer-Encoding: chunked"],
      random.pick([`${"f".repeat(20)}\r\n`, `-1\r\n${text}`, "zz\r\n", text, "0\r\n\r\nGET / HTTP/1.1\r\n\r\n"]),
    ],
    () => [[`Content-Length: ${bytes + random.integer(20) - 10}`], text],
    () => [["Content-Length: 2097152"], text],
    () => [[`Content-Length: ${bytes}`, `Content-Length: ${bytes + 1}`], text],
    () => [[`Content-Length: ${bytes}`, "Expect: 100-continue"], text],
    () => [[], text],
  ])();
}

function anyContent(random: Random): string {
  return random.pick([
    () => "",
    () => "{}",
    () => gibberish(random),
    () => JSON.stringify({ proof: word(random), use: "bearer" }),
    () => "x".repeat(random.pick([10, 10_000, 70_000])),
  ])();
}

/** Mostly UTF-8; lone bytes above 127 besides. */
function encode(random: Random, text: string): Buffer {
  return Buffer.from(text, random.chance(0.9) ? "utf8" : "latin1");
}

function deliver(random: Random, bytes: Buffer): Pick<Case, "writes" | "ending"> {
  const kind = random.next();
  if (kind < 0.82) return { writes: [bytes], ending: "wait" };
  if (kind < 0.86) return { writes: split(random, bytes), ending: "wait" };
  if (kind < 0.88 && bytes.length < 400) return { writes: Array.from(bytes, (byte) => Buffer.from([byte])), ending: "wait" };
  if (kind < 0.92) return { writes: [bytes.subarray(0, random.integer(bytes.length + 1))], ending: random.pick(["half-close", "gone"]) };
  return { writes: [bytes], ending: random.chance(0.5) ? "gone" : "half-close" };
}

function split(random: Random, bytes: Buffer): readonly Buffer[] {
  const writes: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = Math.min(bytes.length, at + 1 + random.integer(Math.ceil(bytes.length / 3)));
    writes.push(bytes.subarray(at, next));
    at = next;
  }
  return writes;
}
