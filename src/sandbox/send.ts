/** Turns an answer into bytes and sends them, whole or, when a fault strikes, broken. */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { Answer } from "./answer.ts";
import type { Fault } from "./faults.ts";

interface Encoded {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What the sender knows of the request. */
export interface SendContext {
  readonly acceptsGzip: boolean;
  /** The key as presented; for the fault that sends it back. */
  readonly key: string;
}

const DRIP_MS = 200;
const MB = 1024 * 1024;
const DEFAULT_HUGE_MB = 64;
/** Shorter bodies are sent as they are. */
const GZIP_FROM_BYTES = 256;
const JSON_TYPE = { "content-type": "application/json" } as const;
const compress = promisify(gzip);

/** Whether gzip is among the codings of an Accept-Encoding field, and not refused by `q=0`. */
export function acceptsGzip(field: string | undefined): boolean {
  return /(^|,)\s*gzip\s*(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(field ?? "");
}

/** Sends the answer as it should be. */
export async function send(response: ServerResponse, answer: Answer, context: SendContext): Promise<void> {
  const { status, headers, body } = await encode(answer, context.acceptsGzip);
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  response.end(body);
}

/** Sends the answer in the way of a fault. Faults that only change status and body never come here. */
export async function sendBroken(response: ServerResponse, answer: Answer, context: SendContext, fault: Fault): Promise<void> {
  switch (fault.mode) {
    case "hang":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "truncate":
      return truncate(response, await encode(answer, context.acceptsGzip));
    case "drip":
      return drip(response, await encode(answer, context.acceptsGzip));
    case "html":
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end("<!doctype html><title>Maintenance</title><p>Back soon.</p>");
      return;
    case "garbage-gzip":
      response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" });
      response.end(randomBytes(2048));
      return;
    case "huge":
      response.writeHead(200, JSON_TYPE);
      return pipeline(Readable.from(hugeJson(Number(fault.value ?? DEFAULT_HUGE_MB) * MB)), response);
    case "echo-key":
      return echoKey(response, answer, context);
    case "status":
    case "expired":
    case "429":
      return send(response, answer, context);
  }
}

async function encode({ status, body, headers = {} }: Answer, gzipped: boolean): Promise<Encoded> {
  const plain = typeof body === "string" ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  const fields = { ...JSON_TYPE, vary: "Accept-Encoding", ...headers };
  if (!gzipped || plain.length < GZIP_FROM_BYTES) return { status, headers: fields, body: plain };
  return { status, headers: { ...fields, "content-encoding": "gzip" }, body: await compress(plain, { level: 1 }) };
}

async function truncate(response: ServerResponse, { status, headers, body }: Encoded): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  response.write(body.subarray(0, body.length >> 1));
  await sleep(20);
  response.socket?.destroy();
}

async function drip(response: ServerResponse, { status, headers, body }: Encoded): Promise<void> {
  response.writeHead(status, headers);
  for (let at = 0; at < body.length && !response.destroyed; at += 1) {
    response.write(body.subarray(at, at + 1));
    await sleep(DRIP_MS, undefined, { ref: false });
  }
  response.end();
}

function* hugeJson(bytes: number): Generator<string> {
  yield '{"page":1,"max_page":1,"count":1,"businesses":[{"id":"5a1000000000000000000000","name":"';
  const chunk = "a".repeat(64 * 1024);
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
  yield '"}]}';
}

/** The key stands where a public field is, and the wire is cut in its middle. */
async function echoKey(response: ServerResponse, answer: Answer, { key, acceptsGzip: gzipped }: SendContext): Promise<void> {
  const text = Buffer.from(JSON.stringify(withKey(answer.body, key)));
  const cut = text.indexOf(key) + (key.length >> 1);
  response.writeHead(answer.status, { ...JSON_TYPE, ...(gzipped && { "content-encoding": "gzip" }) });
  const out = gzipped ? createGzip() : response;
  if (out !== response) out.pipe(response);
  out.write(text.subarray(0, cut));
  if ("flush" in out) out.flush();
  await sleep(20);
  out.end(text.subarray(cut));
}

function withKey(body: unknown, key: string): unknown {
  if (typeof body !== "object" || body === null) return { name: key };
  const first = Object.entries(body).find((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length > 0);
  if (first === undefined) return { ...body, name: `Acme ${key}` };
  const [member, [item, ...rest]] = first;
  return { ...body, [member]: [{ ...(item as object), name: `Acme ${key}` }, ...rest] };
}
