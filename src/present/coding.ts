/** Content codings (RFC 9110 §12.5.3): which one a caller gets, and making it. */
import { promisify } from "node:util";
import type { BrotliOptions } from "node:zlib";
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from "node:zlib";
import { LRUCache } from "lru-cache";
import Negotiator from "negotiator";

export type Coding = "identity" | "gzip" | "br";

/** Below it a coding saves nothing worth its time. */
const MIN_CODED_BYTES = 1024;
const AVAILABLE: readonly Coding[] = ["br", "gzip", "identity"];
const BROTLI_QUALITY = 5;
const GZIP_LEVEL = 6;
const QUICK = { brotli: 1, gzip: 2 } as const;
/** Brotli's window, as a power of two: setting up the largest one costs more than coding a page of stores (docs/measurements.md). */
const WINDOW_BITS = { min: 16, max: 22 } as const;

/** What ends an entity tag, so that each coding has a strong one of its own. */
export const TAG_SUFFIX: Readonly<Record<Coding, string>> = { identity: "", gzip: "-gz", br: "-br" };

/** Browsers send a handful of values; each is read once. */
const negotiated = new LRUCache<string, Coding>({ max: 500 });

/** @param acceptEncoding the request's field; absent: identity */
export function selectCoding(acceptEncoding: string | undefined, bodyBytes: number): Coding {
  if (acceptEncoding === undefined || bodyBytes < MIN_CODED_BYTES) return "identity";
  const known = negotiated.get(acceptEncoding);
  if (known !== undefined) return known;
  const request = { headers: { "accept-encoding": acceptEncoding } };
  const negotiator = new Negotiator(request) as unknown as PreferringNegotiator;
  const coding = negotiator.encodings(AVAILABLE, { preferred: AVAILABLE })[0] ?? "identity";
  negotiated.set(acceptEncoding, coding);
  return coding;
}

/** `preferred` breaks ties between equal weights; the library has it, its type package does not yet. */
interface PreferringNegotiator {
  encodings(available: readonly Coding[], options: { readonly preferred: readonly Coding[] }): Coding[];
}

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

export async function encode(body: Buffer, coding: Coding): Promise<Buffer> {
  if (coding === "identity") return body;
  return coding === "gzip" ? deflate(body, { level: GZIP_LEVEL }) : brotli(body, brotliOptions(body, BROTLI_QUALITY));
}

/** The same on this thread, with less effort: for what is sent once. A third more bytes, for less than half of the time. */
export function encodeAtOnce(body: Buffer, coding: Coding): Buffer {
  if (coding === "identity") return body;
  return coding === "gzip" ? gzipSync(body, { level: QUICK.gzip }) : brotliCompressSync(body, brotliOptions(body, QUICK.brotli));
}

function brotliOptions({ length }: Buffer, quality: number): BrotliOptions {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: length,
    [constants.BROTLI_PARAM_LGWIN]: windowBits(length),
  };
  return { params };
}

/** The smallest window that holds the whole body. */
function windowBits(bytes: number): number {
  return Math.min(WINDOW_BITS.max, Math.max(WINDOW_BITS.min, Math.ceil(Math.log2(bytes + 1))));
}
