/** Reads one answer of Partoo to the end: bounded in size before and after decoding, at most one content coding. */
import type { Dispatcher } from "undici";
import { promisify } from "node:util";
import { brotliDecompress, gunzip } from "node:zlib";
import { problem } from "../problem.ts";

/** Cap on an answer, as sent and as decoded. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

const DECODERS: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
};

/** An answer that was read whole and decoded. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Value of the Retry-After field, as sent. */
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

/** @throws Problem upstream-failed; errors of the connection pass through */
export async function readAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<UpstreamAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const retryAfter = headers["retry-after"];
  return {
    status: statusCode,
    retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    body: await decode(Buffer.concat(chunks, bytes), headers["content-encoding"]),
  };
}

async function decode(bytes: Buffer, coding: string | string[] | undefined): Promise<Buffer> {
  if (coding === undefined || coding === "identity" || bytes.length === 0) return bytes;
  const decoder = Array.isArray(coding) ? undefined : DECODERS[coding.trim().toLowerCase()];
  if (decoder === undefined) throw problem("upstream-failed", { reason: "content coding not asked for" });
  try {
    return await decoder(bytes, { maxOutputLength: MAX_ANSWER_BYTES });
  } catch (cause) {
    throw problem("upstream-failed", { cause });
  }
}

function tooLarge(): Error {
  return problem("upstream-failed", { reason: `answer larger than ${MAX_ANSWER_BYTES} bytes` });
}
