/** One request to Partoo and its answer, read to the end: bounded in size before and after decoding, at most one content coding. */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { promisify } from "node:util";
import { brotliDecompress, gunzip } from "node:zlib";
import type { Problem } from "../problem.ts";
import type { ConnectionUse } from "./connection-use.ts";
import { problem } from "../problem.ts";
import { watchConnection } from "./connection-use.ts";
import { failureUnanswered, problemOfError } from "./failures.ts";

/** Cap on an answer, as sent and as decoded. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** A Map, because an object would also have a `constructor`. */
const DECODERS: ReadonlyMap<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = new Map([
  ["gzip", promisify(gunzip)],
  ["br", promisify(brotliDecompress)],
]);

/** An answer that was read whole and decoded. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Value of the Retry-After field, as sent. */
  readonly retryAfter: string | undefined;
  /** Whether Partoo forbids a shared cache to keep it (RFC 9111 §3): no-store, private, or Vary with a star. */
  readonly mustNotStore: boolean;
  readonly body: Buffer;
}

/**
 * @param signal aborts the request; its reason, an Error, is what is thrown then
 * @throws NotReached when Partoo may be asked once more: no connection, or one that was pooled and ended without a byte. Else Problem
 */
export async function fetchAnswer(pool: Dispatcher, request: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<UpstreamAnswer> {
  signal.throwIfAborted();
  const { status, headers, body } = await receive(pool, request, signal);
  const retryAfter = headers["retry-after"];
  return {
    status,
    retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    mustNotStore: forbidsStoring(headers),
    body: await decode(body, headers["content-encoding"]),
  };
}

function forbidsStoring(headers: IncomingHttpHeaders): boolean {
  return /\b(no-store|private)\b/i.test(headers["cache-control"] ?? "") || (headers.vary ?? "").includes("*");
}

interface ReceivedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As sent. */
  readonly body: Buffer;
}

/** Takes chunks as the parser gives them: a stream between them and us cost a sixth of the exchange (docs/measurements.md). */
function receive(pool: Dispatcher, request: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<ReceivedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedAnswer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let head: Omit<ReceivedAnswer, "body"> | undefined;
  let connection: Dispatcher.DispatchController | undefined;
  let use: ConnectionUse | undefined;
  const abort = (): void => {
    connection?.abort(signal.reason as Error);
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  pool.dispatch(request, {
    onRequestStart(controller) {
      connection = controller;
      if (signal.aborted) abort();
      else use = watchConnection();
    },
    /** Once for each interim answer (1xx), and last for the final one. */
    onResponseStart(_controller, status, headers) {
      head = { status, headers };
    },
    onResponseData(controller, chunk) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) controller.abort(tooLarge());
      else chunks.push(chunk);
    },
    onResponseEnd() {
      signal.removeEventListener("abort", abort);
      if (head !== undefined) resolve({ ...head, body: Buffer.concat(chunks, bytes) });
    },
    onResponseError(_controller, error) {
      signal.removeEventListener("abort", abort);
      const isUnanswered = use === undefined || use.isReusedAndSilent();
      reject(isUnanswered ? failureUnanswered(error) : problemOfError(error));
    },
  });
  return promise;
}

async function decode(bytes: Buffer, coding: string | string[] | undefined): Promise<Buffer> {
  if (coding === undefined || coding === "identity" || bytes.length === 0) return bytes;
  const decoder = Array.isArray(coding) ? undefined : DECODERS.get(coding.trim().toLowerCase());
  if (decoder === undefined) throw problem("upstream-failed", { reason: "content coding not asked for" });
  try {
    return await decoder(bytes, { maxOutputLength: MAX_ANSWER_BYTES });
  } catch (cause) {
    throw problem("upstream-failed", { cause });
  }
}

function tooLarge(): Problem {
  return problem("upstream-failed", { reason: `answer larger than ${MAX_ANSWER_BYTES} bytes` });
}
