/** A stored response (RFC 9111 §1.1): what a cache tier holds, and what can be asked of it. Never changed: what differs is a new object. */
import type { PurgePoint } from "./purge-marks.ts";

/** Codings that are kept beside the body, once somebody has asked for them. */
export type StoredCoding = "gzip" | "br";

/** Upstream facts about a single business. They never leave. */
export interface BusinessMetadata {
  readonly id: string;
  readonly code?: string;
  /** Unix seconds, with a fraction (partoo reference §6). */
  readonly modified?: number;
}

/** Failed refreshes of an entry. Lives in memory only. */
export interface Backoff {
  /** Wall clock, ms: no refresh is tried before. */
  readonly retryAt: number;
  readonly failures: number;
  /** What had been purged when the last one failed: it says nothing of what was purged by hand since. */
  readonly failedAt: PurgePoint;
}

export interface StoredResponse {
  /** false: upstream has none (404). */
  readonly found: boolean;
  /** Identity coding, UTF-8 JSON. Empty for an alias. */
  readonly body: Buffer;
  /** Of the body, as entity tags are made from it. */
  readonly hash: string;
  readonly codings: Readonly<Partial<Record<StoredCoding, Buffer>>>;
  /** Wall clock, ms. */
  readonly storedAt: number;
  /** Freshness lifetime (RFC 9111 §4.2). */
  readonly freshSeconds: number;
  /** How long after that it may be used at all. */
  readonly staleSeconds: number;
  /** Wall clock, ms. Fixed at birth; no failure and no purge moves it. */
  readonly freshUntil: number;
  /** Wall clock, ms. Fixed at birth. */
  readonly staleUntil: number;
  readonly tags: readonly string[];
  /** What its instance had seen purged when the fetch began: a later purge of one of its tags counts. */
  readonly startedAt: PurgePoint;
  readonly metadata?: BusinessMetadata;
  /** Cache key of the entry this name stands for: a store code's entry names the id's. */
  readonly alias?: string;
  readonly backoff?: Backoff;
}

/** All of a StoredResponse but what follows from it. */
export type Birth = Omit<StoredResponse, "codings" | "freshUntil" | "staleUntil" | "backoff"> & Partial<Pick<StoredResponse, "codings">>;

/** Fixes both ends of its life and makes the body its own memory. */
export function createStoredResponse(birth: Birth): StoredResponse {
  const freshUntil = birth.storedAt + birth.freshSeconds * 1000;
  return {
    ...birth,
    body: ownBytes(birth.body),
    codings: birth.codings ?? {},
    freshUntil,
    staleUntil: freshUntil + birth.staleSeconds * 1000,
  };
}

/** The Age field's value (RFC 9111 §4.2.3, §5.1): whole seconds, never negative although clocks of instances differ. @param now ms */
export function ageSeconds(entry: StoredResponse, now: number): number {
  return Math.max(0, Math.floor((now - entry.storedAt) / 1000));
}

/** RFC 9111 §4.2: fresh while the freshness lifetime exceeds the age. @param now ms */
export function isFresh(entry: StoredResponse, now: number): boolean {
  return now < entry.freshUntil;
}

/** Fresh, or stale and still allowed to be used (RFC 9111 §4.2.4). @param now ms */
export function isUsable(entry: StoredResponse, now: number): boolean {
  return now < entry.staleUntil;
}

/** Cache-Status `ttl` (RFC 9211 §2.5): what is left of the freshness lifetime, whole seconds, negative when stale. @param now ms */
export function ttlSeconds(entry: StoredResponse, now: number): number {
  return Math.floor((entry.freshUntil - now) / 1000);
}

/**
 * The same bytes without a large neighbourhood: a slice keeps the whole memory it was cut from alive, a socket's 64 KiB for a
 * value of 1 KiB. Copies only when the slice is less than half of it.
 */
export function ownBytes(bytes: Buffer): Buffer {
  if (bytes.length * 2 >= bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
