/** Reads what came back on a connection as the answers that it should be; strictly, since nobody may have to guess. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";

export interface Answer {
  readonly status: number;
  /** Names in lower case, in the order in which they came. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Decoded, as latin1 text; undefined when it does not decode. */
  readonly body: string | undefined;
  /** The header section and the bytes that followed, as they came. */
  readonly raw: string;
}

export interface Reading {
  readonly answers: readonly Answer[];
  /** What no answer begins with, or the part of one that is there. */
  readonly rest: Buffer;
  /** Why the rest is no answer; undefined when more bytes could make one of it. */
  readonly fault?: string;
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/;
const FIELD = /^([A-Za-z0-9-]+): ([\x20-\x7e]*)$/;
const NEXT_ANSWER = Buffer.from("HTTP/1.1 ");

/** @param mayBeHead whether a HEAD was among the requests: then an answer may lack the content it tells the length of */
export function readAnswers(bytes: Buffer, mayBeHead: boolean): Reading {
  const answers: Answer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const read = readOne(rest, mayBeHead);
    if (read === undefined) return { answers, rest };
    if ("fault" in read) return { answers, rest, fault: read.fault };
    answers.push(read.answer);
    rest = rest.subarray(read.length);
  }
  return { answers, rest };
}

type One = { readonly answer: Answer; readonly length: number } | { readonly fault: string } | undefined;

function readOne(bytes: Buffer, mayBeHead: boolean): One {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return bytes.subarray(0, 9).equals(NEXT_ANSWER.subarray(0, bytes.length)) ? undefined : { fault: "no status line" };
  const [line = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(STATUS_LINE.exec(line)?.[1]);
  if (Number.isNaN(status)) return { fault: "the status line is malformed" };
  const fields: [string, string][] = [];
  for (const text of lines) {
    const [, name, value] = FIELD.exec(text) ?? [];
    if (name === undefined || value === undefined) return { fault: "a header field is malformed" };
    fields.push([name.toLowerCase(), value]);
  }
  return withContent({ status, fields }, bytes, { from: end + 4, mayBeHead });
}

function withContent(
  head: Pick<Answer, "status" | "fields">,
  bytes: Buffer,
  { from, mayBeHead }: { readonly from: number; readonly mayBeHead: boolean },
): One {
  const valueOf = (name: string): string | undefined => head.fields.find(([other]) => other === name)?.[1];
  const finish = (content: Buffer, until: number): One => ({
    answer: { ...head, body: decode(content, valueOf("content-encoding")), raw: bytes.toString("latin1", 0, until) },
    length: until,
  });
  const [length, coding] = [valueOf("content-length"), valueOf("transfer-encoding")];
  if (head.status < 200 || head.status === 204 || head.status === 304) {
    return length === undefined || length === "0" ? finish(Buffer.alloc(0), from) : { fault: `content is announced with ${head.status}` };
  }
  const isNext = mayBeHead && (bytes.length === from || bytes.subarray(from, from + 9).equals(NEXT_ANSWER));
  if (isNext) return finish(Buffer.alloc(0), from);
  if (coding !== undefined)
    return coding === "chunked" && length === undefined ? readChunks(bytes, from, finish) : { fault: "odd framing" };
  if (length === undefined && valueOf("connection") === "close") return finish(bytes.subarray(from), bytes.length);
  if (length === undefined || !/^\d+$/.test(length)) return { fault: "no content-length" };
  const until = from + Number(length);
  return until > bytes.length ? undefined : finish(bytes.subarray(from, until), until);
}

function readChunks(bytes: Buffer, from: number, finish: (content: Buffer, until: number) => One): One {
  const chunks: Buffer[] = [];
  for (let at = from; ;) {
    const end = bytes.indexOf("\r\n", at);
    if (end === -1) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (Number.isNaN(size)) return { fault: "a chunk is malformed" };
    if (size === 0) return finish(Buffer.concat(chunks), end + 4);
    chunks.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}

function decode(content: Buffer, coding: string | undefined): string | undefined {
  try {
    if (content.length === 0 || coding === undefined) return content.toString("latin1");
    return (coding === "br" ? brotliDecompressSync(content) : gunzipSync(content)).toString("latin1");
  } catch {
    return undefined;
  }
}
