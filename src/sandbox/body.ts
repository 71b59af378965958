/** Reads the body of a write: JSON and nothing else. */
import type { IncomingMessage } from "node:http";
import { invalid, Refusal } from "./answer.ts";

const WRITES = new Set(["POST", "PUT", "PATCH"]);
const MAX_BYTES = 1024 * 1024;

/** A body that has arrived whole. Whether it is fit to be read is asked later: key and limit come first. */
export interface ArrivedBody {
  /** The parsed value; undefined for methods without body. @throws Refusal 400, 413, 415 */
  read(): unknown;
}

/** Takes the body off the wire, whatever it is. */
export async function readJsonBody(request: IncomingMessage): Promise<ArrivedBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BYTES) chunks.push(chunk);
  }
  return { read: () => parse(request, length > MAX_BYTES ? undefined : Buffer.concat(chunks)) };
}

function parse(request: IncomingMessage, bytes: Buffer | undefined): unknown {
  if (!WRITES.has(request.method ?? "")) return undefined;
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Refusal(415, { json: "Unsupported media type. Use application/json." });
  if (bytes === undefined) throw new Refusal(413, { json: "Body too large" });
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalid("Malformed JSON.");
  }
}
