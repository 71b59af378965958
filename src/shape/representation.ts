/** The shaped answer as bytes: what is stored, tagged and sent. Only what Partoo's answer held and the route lists. */
import { createHash } from "node:crypto";
import type { KeyRing } from "../keys.ts";
import type { Route } from "../policy.ts";
import { refuseEcho } from "../key-echo.ts";
import { problem } from "../problem.ts";

/** A selected representation (RFC 9110 §3.2): its content and what its entity tags are made from. */
export interface Representation {
  /** UTF-8 JSON. */
  readonly body: Buffer;
  /** Hash of the body; an entity tag adds the content coding (RFC 9110 §8.8.3). */
  readonly hash: string;
}

/**
 * Shapes and serialises.
 * @param answer Partoo's, parsed
 * @throws Problem upstream-failed when it is not what the endpoint answers, or when a key is in it
 */
export function represent(route: Route, answer: unknown, keys: KeyRing): Representation {
  const shaped = route.shape(answer);
  if (shaped === undefined) throw problem("upstream-failed", { reason: "the answer is not the JSON this endpoint gives" });
  const bytes = Buffer.from(JSON.stringify(shaped));
  refuseEcho(bytes, keys);
  return { body: bytes, hash: createHash("sha256").update(bytes).digest("base64url").slice(0, 22) };
}

/** @param body a 2xx answer of Partoo, decoded. @throws Problem upstream-failed */
export function parseAnswer(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw problem("upstream-failed", { reason: "the answer is not JSON", cause });
  }
}
