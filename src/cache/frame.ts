/**
 * A stored response as bytes for Redis, believed only when every byte is as it was written:
 * magic with version (4) | CRC-32 of the rest (4) | header length (4) | header, JSON | body | gzip | br. Numbers are big-endian.
 */
import type { BusinessMetadata, StoredResponse } from "./entry.ts";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { createStoredResponse } from "./entry.ts";
import { isPositionId } from "./purge-marks.ts";
import { isTag } from "./tags.ts";

/** A larger entry stays in memory only. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** The last byte is the version: any change of the format is a new one, and old frames are misses. */
const MAGIC = Buffer.from("PBF\u0002", "latin1");
const CRC_AT = 4;
const LENGTH_AT = 8;
const HEADER_AT = 12;
const MAX_LIFETIME_SECONDS = 366 * 86_400;
const MAX_TAGS = 64;
const MAX_TEXT = 1024;
/** Part of an entity tag, so it must be able to stand in a field. Empty for an alias. */
const HASH = /^[A-Za-z0-9_-]{0,64}$/;

/** What the header holds. `lengths` are those of body, gzip and br; 0: none. */
interface Header {
  /** Digest of the cache key. */
  readonly of: string;
  readonly found: boolean;
  readonly hash: string;
  readonly storedAt: number;
  readonly freshSeconds: number;
  readonly staleSeconds: number;
  readonly tags: readonly string[];
  readonly generation: string;
  readonly sequence: string;
  readonly lengths: readonly [number, number, number];
  readonly metadata?: BusinessMetadata;
  readonly alias?: string;
}

/** Stands for a cache key in Redis: one length, none of what visitors search for, and no `{…}` of a template, which a cluster would read as a hash tag. */
export function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}

/** The back-off and the local part of `startedAt` stay here: they mean nothing to other instances. */
export function encodeFrame(key: string, entry: StoredResponse): Buffer {
  const { found, body, hash, codings, storedAt, freshSeconds, staleSeconds, tags, startedAt, metadata, alias } = entry;
  const parts = [body, codings.gzip ?? Buffer.alloc(0), codings.br ?? Buffer.alloc(0)] as const;
  const header: Header = {
    of: digestOf(key),
    found,
    hash,
    storedAt,
    freshSeconds,
    staleSeconds,
    tags,
    generation: startedAt.generation,
    sequence: startedAt.id,
    lengths: [parts[0].length, parts[1].length, parts[2].length],
    ...(metadata === undefined ? {} : { metadata }),
    ...(alias === undefined ? {} : { alias }),
  };
  const json = Buffer.from(JSON.stringify(header));
  const frame = Buffer.concat([MAGIC, Buffer.alloc(HEADER_AT - CRC_AT), json, ...parts]);
  frame.writeUInt32BE(json.length, LENGTH_AT);
  frame.writeUInt32BE(crc32(frame.subarray(LENGTH_AT)), CRC_AT);
  return frame;
}

/** @returns undefined unless these are the bytes that encodeFrame() gave for this key. Whether the time is right is for others to ask. Never throws */
export function decodeFrame(key: string, frame: Buffer): StoredResponse | undefined {
  if (frame.length < HEADER_AT || frame.length > MAX_FRAME_BYTES || !frame.subarray(0, CRC_AT).equals(MAGIC)) return undefined;
  if (frame.readUInt32BE(CRC_AT) !== crc32(frame.subarray(LENGTH_AT))) return undefined;
  const bodyAt = HEADER_AT + frame.readUInt32BE(LENGTH_AT);
  if (bodyAt > frame.length) return undefined;
  const header = parseHeader(frame.subarray(HEADER_AT, bodyAt));
  if (header?.of !== digestOf(key)) return undefined;
  return assemble(header, frame.subarray(bodyAt));
}

function assemble(header: Header, bytes: Buffer): StoredResponse | undefined {
  const { found, hash, storedAt, freshSeconds, staleSeconds, tags, generation, sequence, lengths, metadata, alias } = header;
  const [body, gzip, br] = lengths;
  if (body + gzip + br !== bytes.length) return undefined;
  return createStoredResponse({
    found,
    hash,
    storedAt,
    freshSeconds,
    staleSeconds,
    tags,
    body: bytes.subarray(0, body),
    codings: {
      ...(gzip === 0 ? {} : { gzip: bytes.subarray(body, body + gzip) }),
      ...(br === 0 ? {} : { br: bytes.subarray(body + gzip) }),
    },
    startedAt: { generation, id: sequence, tick: 0 },
    ...(metadata === undefined ? {} : { metadata }),
    ...(alias === undefined ? {} : { alias }),
  });
}

function parseHeader(json: Buffer): Header | undefined {
  try {
    const value: unknown = JSON.parse(json.toString("utf8"));
    return isHeader(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== "object" || value === null) return false;
  const header = value as Partial<Record<keyof Header, unknown>>;
  return (
    typeof header.of === "string" &&
    typeof header.found === "boolean" &&
    typeof header.hash === "string" &&
    HASH.test(header.hash) &&
    isNumber(header.storedAt, Number.MAX_SAFE_INTEGER) &&
    isNumber(header.freshSeconds, MAX_LIFETIME_SECONDS) &&
    isNumber(header.staleSeconds, MAX_LIFETIME_SECONDS) &&
    isList(header.tags, MAX_TAGS, isTag) &&
    isText(header.generation) &&
    isPositionId(header.sequence) &&
    isList(header.lengths, 3, (length) => Number.isInteger(length) && isNumber(length, MAX_FRAME_BYTES)) &&
    header.lengths.length === 3 &&
    (header.metadata === undefined || isMetadata(header.metadata)) &&
    (header.alias === undefined || typeof header.alias === "string")
  );
}

function isMetadata(value: unknown): value is BusinessMetadata {
  if (typeof value !== "object" || value === null) return false;
  const { id, code, modified } = value as Partial<Record<keyof BusinessMetadata, unknown>>;
  return isText(id) && (code === undefined || isText(code)) && (modified === undefined || isNumber(modified, Number.MAX_SAFE_INTEGER));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT;
}

function isNumber(value: unknown, max: number): value is number {
  return typeof value === "number" && value >= 0 && value <= max;
}

function isList<T>(value: unknown, max: number, isItem: (item: unknown) => item is T): value is readonly T[];
function isList(value: unknown, max: number, isItem: (item: unknown) => boolean): value is readonly unknown[];
function isList(value: unknown, max: number, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= max && value.every((item) => isItem(item));
}
