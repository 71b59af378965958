/** What a Partoo that has lost its mind answers: bytes, in the shape of the catalogue and out of it. */
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Random } from "../src/sandbox/random.ts";
import type { Endpoint } from "../src/partoo/endpoint.ts";
import { document, manyStores, SCALARS } from "./partoo-documents.ts";
import { KEYS, PERSON } from "./secrets.ts";

/** What is done with a call: bytes in pieces, each after a pause, and whether the connection ends behind them. */
export interface PartooAnswer {
  readonly pieces: readonly (readonly [pauseMs: number, bytes: Buffer])[];
  readonly hangsUp: boolean;
}

const NUMBERS_TEXT = ["1e999", "-1e999", "-0", "123456789012345678901234567890", "0.1e-400", "1E+5"];
const STATUSES = [
  201, 204, 206, 299, 300, 301, 302, 304, 307, 400, 401, 403, 404, 409, 415, 418, 422, 429, 500, 502, 503, 504, 599, 600, 999,
];
const EXTRA_FIELDS = [
  "Set-Cookie: session=partoo",
  `X-ApiKey: ${KEYS["locator-read"]}`,
  "Cache-Control: no-store",
  "Cache-Control: private, max-age=0",
  "Vary: *",
  'ETag: W/"upstream"',
  "Access-Control-Allow-Origin: *",
  "Content-Type: text/html",
  "Age: 99999999",
  "Date: yesterday",
  "Connection: close",
  "Keep-Alive: timeout=0",
  "Trailer: x",
  "X-Long: " + "y".repeat(5000),
];

/** @param random depends on what was asked, and how often. @param isOwn whether the sweep asks */
export function answerTo(random: Random, endpoint: Endpoint, isOwn: boolean): PartooAnswer {
  // The directory is there only once all stores were read.
  if (isOwn && random.chance(0.7)) return at(0, plain(JSON.stringify({ page: 1, max_page: 1, count: 6, businesses: manyStores(random) })));
  const kind = random.next();
  if (kind < 0.03) return at(0, whole(random, withKey(random, endpoint)));
  if (kind < 0.72) return at(0, whole(random, JSON.stringify(document(random, endpoint))));
  if (kind < 0.78) return at(0, whole(random, oddText(random, endpoint)));
  if (kind < 0.86) return at(0, refusal(random));
  if (kind < 0.9)
    return { ...at(0, whole(random, JSON.stringify(document(random, endpoint))).subarray(0, random.integer(600))), hangsUp: true };
  if (kind < 0.94) return at(0, garbled(random, endpoint));
  if (kind < 0.96) return { pieces: [], hangsUp: true };
  if (kind < 0.998) return drip(random, whole(random, JSON.stringify(document(random, endpoint))));
  return kind < 0.999 ? { pieces: [], hangsUp: false } : at(0, plain(`{"name":"${"z".repeat(9_000_000)}"}`));
}

/** Partoo repeats the key it was asked with, or another one, in members that may leave. */
function withKey(random: Random, endpoint: Endpoint): string {
  const text = JSON.stringify(document(random, endpoint));
  const key = random.pick(Object.values(KEYS));
  const spelled = random.chance(0.5) ? key : Array.from(Buffer.from(key), (byte) => `\\u00${byte.toString(16)}`).join("");
  const members = ["name", "page", "city"].map((name) => `"${name}":"${spelled}"`).join();
  // The last of two members of one name counts.
  return random.chance(0.5) ? `${text.slice(0, -1)},${members}}` : text.replaceAll(/"nobody_knows":"[^"]*"/g, members);
}

/** JSON that no JSON.stringify() would write, and what is none. */
function oddText(random: Random, endpoint: Endpoint): string {
  const text = JSON.stringify(document(random, endpoint));
  return random.pick([
    () => text.replace(/:\d+(\.\d+)?/g, () => `:${random.pick(NUMBERS_TEXT)}`),
    () => text.replaceAll('"id"', '"id":1,"id"'),
    () => `\ufeff${text}`,
    () => `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    () => `{"name":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`,
    () => `[${text}]`,
    () => JSON.stringify(random.pick(SCALARS)),
    () => text.slice(0, random.integer(text.length)),
    () => `<html>${PERSON}</html>`,
    () => "",
  ])();
}

function refusal(random: Random): Buffer {
  const status = random.pick(STATUSES);
  const location = status >= 300 && status < 400 ? ["Location: http://127.0.0.1:1/v2/api_keys"] : [];
  const retry = status === 429 || status === 503 ? [`Retry-After: ${random.pick(["0", "1"])}`] : [];
  // Partoo's 429 pauses everything for a while: seldom, or little else would be asked.
  const shown = status === 429 && random.chance(0.95) ? 418 : status;
  return head(
    shown,
    [...location, ...retry],
    Buffer.from(JSON.stringify({ errors: { json: { key: [`${PERSON} ${KEYS["loose-read"]}`] } } })),
  );
}

function garbled(random: Random, endpoint: Endpoint): Buffer {
  const good = JSON.stringify(document(random, endpoint));
  const gzipped = gzipSync(good);
  const body = Buffer.from(good);
  return random.pick([
    () => head(200, ["Content-Encoding: gzip"], body),
    () => head(200, ["Content-Encoding: gzip"], gzipped.subarray(0, -9)),
    () => head(200, ["Content-Encoding: gzip"], Buffer.concat([gzipped, gzipped])),
    () => head(200, ["Content-Encoding: br"], gzipped),
    () => head(200, ["Content-Encoding: zstd, gzip, br"], body),
    () => Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), body]),
    () => Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
    () => Buffer.from(`HTTP/1.1 200 OK\r\nX: ${"h".repeat(100_000)}\r\n\r\n`),
    () => Buffer.from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    () => Buffer.concat([plain(good), plain(good)]),
    () => Buffer.from("SSH-2.0-OpenSSH\r\n\r\n"),
    () => Buffer.from(`HTTP/1.1 200 ${PERSON}\0\r\nBad Name: x\r\n\r\n${good}`),
  ])();
}

function drip(random: Random, bytes: Buffer): PartooAnswer {
  const middle = random.integer(bytes.length);
  const pause = random.pick([1, 20, 200]);
  return {
    pieces: [
      [pause, bytes.subarray(0, middle)],
      [pause, bytes.subarray(middle)],
    ],
    hangsUp: random.chance(0.3),
  };
}

function whole(random: Random, text: string): Buffer {
  const extra = random.chance(0.2) ? [random.pick(EXTRA_FIELDS)] : [];
  const body = Buffer.from(text);
  const form = random.next();
  if (form < 0.2) return head(200, [...extra, "Content-Encoding: gzip"], gzipSync(body, { level: 1 }));
  if (form < 0.3 && body.length < 20_000) return head(200, [...extra, "Content-Encoding: br"], brotliCompressSync(body));
  if (form < 0.4) {
    const size = body.length.toString(16);
    const fields = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", ...extra].join("\r\n");
    return Buffer.concat([Buffer.from(`${fields}\r\n\r\n${size}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")]);
  }
  return head(200, extra, body);
}

function plain(text: string): Buffer {
  return head(200, [], Buffer.from(text));
}

function head(status: number, fields: readonly string[], body: Buffer): Buffer {
  const lines = [`HTTP/1.1 ${status} Whatever`, "Content-Type: application/json", `Content-Length: ${body.length}`, ...fields];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
}

function at(pauseMs: number, bytes: Buffer): PartooAnswer {
  return { pieces: [[pauseMs, bytes]], hangsUp: false };
}
