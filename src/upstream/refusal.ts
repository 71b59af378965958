/** What Partoo says of a request it refuses, for the log: the status, our word for the kind, and names of fields. */
import type { UpstreamError } from "../partoo/errors.ts";
import type { UpstreamAnswer } from "./read-answer.ts";
import { readUpstreamError } from "../partoo/errors.ts";

/** Partoo's error bodies are a few lines. A longer one is none of them, and not worth parsing. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/**
 * `status 400: json, fields city per_page, 1 unnamed`, or `status 400` where the body says nothing we know.
 * Holds no text of Partoo's but names that look like names of fields.
 */
export function describeRefusal({ status, body }: Pick<UpstreamAnswer, "status" | "body">): string {
  const error = readUpstreamError(parse(body));
  return error.kind === "unknown" ? `status ${status}` : `status ${status}: ${describeError(error)}`;
}

function describeError({ kind, fields, otherFields }: UpstreamError): string {
  const parts: string[] = [kind];
  if (fields.length > 0) parts.push(`fields ${fields.join(" ")}`);
  if (otherFields > 0) parts.push(`${otherFields} unnamed`);
  return parts.join(", ");
}

function parse(body: Buffer): unknown {
  if (body.length > MAX_ERROR_BODY_BYTES) return undefined;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
