/** Coded variants of a stored response, each made once, however many ask for it at the same time. */
import type { StoredResponse } from "../cache/entry.ts";
import type { MemoryTier } from "../cache/memory-tier.ts";
import type { Coding } from "./coding.ts";
import { encode } from "./coding.ts";

export interface Coder {
  /** The body in a coding: at once when it is stored in it. @param key where the entry is stored, if it is */
  body(entry: StoredResponse, coding: Coding, key: string | undefined): Buffer | Promise<Buffer>;
}

export function createCoder(memory: MemoryTier): Coder {
  const underWay = new WeakMap<Buffer, Partial<Record<Coding, Promise<Buffer>>>>();
  return {
    body(entry, coding, key) {
      if (coding === "identity") return entry.body;
      const stored = entry.codings[coding];
      if (stored !== undefined) return stored;
      const making = underWay.get(entry.body) ?? {};
      const known = making[coding];
      if (known !== undefined) return known;
      const made = encode(entry.body, coding);
      underWay.set(entry.body, { ...making, [coding]: made });
      if (key !== undefined) void made.then((bytes) => memory.attach(key, entry.hash, coding, bytes)).catch(() => undefined);
      return made;
    },
  };
}
