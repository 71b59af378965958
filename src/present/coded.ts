/** Coded variants of a stored response, each made once, however many ask for it at the same time. */
import type { StoredResponse } from "../cache/entry.ts";
import type { MemoryTier } from "../cache/memory-tier.ts";
import type { Coding } from "./coding.ts";
import { encode, encodeAtOnce } from "./coding.ts";

export interface Coder {
  /** The body in a coding: at once when it is stored in it. @param key where the entry is stored, if it is */
  body(entry: StoredResponse, coding: Coding, key: string | undefined): Buffer | Promise<Buffer>;
  /** What is asked for this once, most likely: small bodies at once. One that comes again, the same object, is coded for all who follow. */
  once(body: Buffer, coding: Coding): Buffer | Promise<Buffer>;
}

/** Handing a body to another thread costs as much as coding so few bytes. */
const AT_ONCE_BYTES = 32_768;

export function createCoder(memory: MemoryTier): Coder {
  const underWay = new WeakMap<Buffer, Partial<Record<Coding, Promise<Buffer>>>>();
  const seen = new WeakSet<Buffer>();
  const make = (body: Buffer, coding: Coding): Promise<Buffer> => {
    const making = underWay.get(body) ?? {};
    const known = making[coding];
    if (known !== undefined) return known;
    const made = encode(body, coding);
    underWay.set(body, { ...making, [coding]: made });
    return made;
  };
  return {
    body(entry, coding, key) {
      if (coding === "identity") return entry.body;
      const stored = entry.codings[coding];
      if (stored !== undefined) return stored;
      const made = make(entry.body, coding);
      if (key !== undefined) void made.then((bytes) => memory.attach(key, entry.hash, coding, bytes)).catch(() => undefined);
      return made;
    },
    once(body, coding) {
      if (coding === "identity") return body;
      if (body.length > AT_ONCE_BYTES || seen.has(body)) return make(body, coding);
      seen.add(body);
      return encodeAtOnce(body, coding);
    },
  };
}
