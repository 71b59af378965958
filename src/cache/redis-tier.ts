/** Second tier: stored responses in Redis, shared by all instances. Whatever happens to Redis is a miss; nothing here throws. */
import type { Breaker } from "./breaker.ts";
import type { StoredResponse } from "./entry.ts";
import type { Refusals } from "./redis-refusals.ts";
import { OutOfStep, RedisAway, isReply } from "./breaker.ts";
import { isUsable, ownBytes } from "./entry.ts";
import { MAX_FRAME_BYTES, decodeFrame, digestOf, encodeFrame } from "./frame.ts";

/** Bytes of writes that Redis has not confirmed. More are dropped. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;
/** Clocks of two instances may differ by so much; an entry from further ahead would be young for too long. */
const MAX_SKEW_MS = 5 * 60_000;

/**
 * What went wrong, for counting. away: Redis was not asked or did not answer; refused: it replied with an error (READONLY, OOM, MISCONF …);
 * mismatch: what stood under the key was not ours or not whole, and was removed; dropped: too large, or too much in flight.
 */
export type RedisTierFault = "read-away" | "write-away" | "read-refused" | "write-refused" | "mismatch" | "write-dropped";

export interface RedisTier {
  /** undefined: a miss, for whatever reason. Takes no longer than one deadline of the connection. */
  get(key: string): Promise<StoredResponse | undefined>;
  /** For as long as the entry may be used. @returns whether Redis has it now */
  set(key: string, entry: StoredResponse): Promise<boolean>;
  delete(key: string): Promise<void>;
}

export interface RedisTierOptions {
  readonly breaker: Breaker;
  /** Begins every key. */
  readonly prefix: string;
  readonly onFault?: (fault: RedisTierFault) => void;
  /** Told of every write that Redis refuses or takes. */
  readonly refusals?: Refusals;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

export function createRedisTier({ breaker, prefix, onFault = () => undefined, refusals, now = Date.now }: RedisTierOptions): RedisTier {
  let pendingBytes = 0;

  async function remove(key: string): Promise<void> {
    await breaker.run((client) => client.unlink(nameInRedis(prefix, key))).catch((error: unknown) => onFault(classify("write", error)));
  }

  /** A range, so that a foreign value of any size costs no more than our largest. */
  async function read(key: string): Promise<Buffer | undefined> {
    try {
      return await breaker.run(async (client) => {
        const reply: unknown = await client.getrangeBuffer(nameInRedis(prefix, key), 0, MAX_FRAME_BYTES);
        if (!Buffer.isBuffer(reply)) throw new OutOfStep("a reply of another command");
        return reply;
      });
    } catch (error) {
      if (isWrongType(error)) return Buffer.from("a foreign value");
      onFault(classify("read", error));
      return undefined;
    }
  }

  return {
    async get(key) {
      const frame = await read(key);
      if (frame === undefined || frame.length === 0) return undefined;
      const entry = decodeFrame(key, ownBytes(frame));
      if (entry !== undefined) return isUsable(entry, now()) && entry.storedAt <= now() + MAX_SKEW_MS ? entry : undefined;
      onFault("mismatch");
      await remove(key);
      return undefined;
    },

    async set(key, entry) {
      const leftMs = Math.ceil(entry.staleUntil - now());
      if (leftMs <= 0) return false;
      const frame = encodeFrame(key, entry);
      if (frame.length > MAX_FRAME_BYTES || pendingBytes + frame.length > MAX_PENDING_BYTES) {
        onFault("write-dropped");
        return false;
      }
      pendingBytes += frame.length;
      try {
        await breaker.run((client) => client.set(nameInRedis(prefix, key), frame, "PX", leftMs));
        refusals?.taken();
        return true;
      } catch (error) {
        if (isReply(error)) refusals?.refused(error);
        onFault(classify("write", error));
        return false;
      } finally {
        pendingBytes -= frame.length;
      }
    },

    delete: remove,
  };
}

function nameInRedis(prefix: string, key: string): string {
  return `${prefix}response:${digestOf(key)}`;
}

function classify(direction: "read" | "write", error: unknown): RedisTierFault {
  return `${direction}-${error instanceof RedisAway ? "away" : "refused"}`;
}

function isWrongType(error: unknown): boolean {
  return isReply(error) && error.message.startsWith("WRONGTYPE");
}
