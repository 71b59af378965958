/** The public keys of an issuer (RFC 7517), fetched with care: one request at a time, few of them, and the last good keys kept for hours. */
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput, JSONWebKeySet } from "jose";
import { createLocalJWKSet, errors } from "jose";

/** Younger keys are not asked for again, unless a token names one that is not among them. */
const FRESH_MS = 10 * 60_000;
/** Older keys are used no more: an issuer that can't be reached may have revoked them. */
const KEPT_MS = 6 * 60 * 60_000;
/** Between two requests, so that made-up key names don't become requests. After a failure the next one comes sooner. */
const PAUSE_MS = 30_000;
const PAUSE_AFTER_FAILURE_MS = 5_000;
/** From the request to the last byte. */
const DEADLINE_MS = 2_000;
/** Real sets have a few kilobytes. */
const MAX_SET_BYTES = 64 * 1024;

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

/** The keys are not known, or perhaps not all of them, and the issuer did not answer. */
export class KeysAway extends Error {
  override readonly name = "KeysAway";
  readonly retryAfterSeconds = PAUSE_AFTER_FAILURE_MS / 1000;
}

/** Finds the key of a token. @throws KeysAway, and errors of jose when there is no such key */
export type FindKey = (header?: CompactJWSHeaderParameters, token?: FlattenedJWSInput) => Promise<CryptoKey>;

export interface JwksOptions {
  /** From `readJwksUrl()`. */
  readonly url: URL;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Nothing is fetched before the first token asks for a key. */
export function createJwks({ url, now = () => performance.now() }: JwksOptions): FindKey {
  let keys: LocalKeys | undefined;
  let takenAt = -Infinity;
  let nextAt = -Infinity;
  let hasFailed = false;
  let pending: Promise<void> | undefined;

  async function load(): Promise<void> {
    try {
      keys = createLocalJWKSet(await fetchKeySet(url));
      takenAt = now();
      hasFailed = false;
    } catch {
      hasFailed = true;
    } finally {
      nextAt = now() + (hasFailed ? PAUSE_AFTER_FAILURE_MS : PAUSE_MS);
      pending = undefined;
    }
  }
  /** Resolves when the request that is under way, or may be made now, has ended. Never rejects. */
  const refresh = async (): Promise<void> => {
    if (pending === undefined && now() >= nextAt) pending = load();
    await pending;
  };
  const usable = (): LocalKeys => {
    if (keys === undefined || now() - takenAt > KEPT_MS) throw new KeysAway("The issuer's keys are not known");
    return keys;
  };

  return async (header, token) => {
    const age = now() - takenAt;
    if (age > KEPT_MS) await refresh();
    else if (age > FRESH_MS) void refresh();
    try {
      return await usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await refresh();
    try {
      return await usable()(header, token);
    } catch (error) {
      if (hasFailed && error instanceof errors.JWKSNoMatchingKey)
        throw new KeysAway("The issuer's newest keys are not known", { cause: error });
      throw error;
    }
  };
}

/** @throws when it is no set with at least one key, too big, late, a redirect, or not to be had */
async function fetchKeySet(url: URL): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    redirect: "error",
    headers: { accept: "application/jwk-set+json, application/json" },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new TypeError("the key set was not answered with 200");
  }
  const set = JSON.parse(await readText(response)) as JSONWebKeySet;
  if (!Array.isArray(set.keys) || set.keys.length === 0) throw new TypeError("the key set has no keys");
  return set;
}

/** Counts decoded bytes, so that a small answer can't become a big one. */
async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_SET_BYTES) throw new TypeError("the key set is too big");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
