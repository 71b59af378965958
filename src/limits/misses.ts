/** Misses per address, and per session where there is one (stage h): shared by all processes through Redis, counted by this process alone when Redis is away. */
import type { Frontend, Rate } from "../policy.ts";
import type { RedisConnection } from "../redis.ts";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { rateLimited } from "./rate-limited.ts";
import { createWindows } from "./windows.ts";

const KEY_PREFIX = "misses";

export interface MissLimit {
  /** Counts one request that needs a call to Partoo. @param sessionId a session has the same limit, from however many addresses it is used. @throws Problem rate-limited */
  admit(frontend: Frontend, addressKey: string, sessionId?: string): Promise<void>;
}

/** Counts one miss of an address, or of a session. @returns 0, or the milliseconds until one is admitted again. @throws when Redis can't be asked */
type Count = (frontend: Frontend, addressKey: string) => Promise<number>;

/** @param redis undefined: each process counts for itself, its share of the limit */
export function createMissLimit(redis: RedisConnection | undefined): MissLimit {
  const countAlone = createOwnCount();
  const count: Count = redis === undefined ? countAlone : insured(createSharedCount(redis), countAlone);
  return {
    async admit(frontend, addressKey, sessionId) {
      const ofSession = sessionId === undefined ? 0 : await count(frontend, `session ${sessionId}`);
      const refusedForMs = ofSession > 0 ? ofSession : await count(frontend, addressKey);
      if (refusedForMs > 0) throw rateLimited("misses", frontend.limits.misses, refusedForMs / 1000);
    },
  };
}

/** In memory, bounded: the library's own memory limiter, alone or as insurance, keeps an entry and a timer for every address there is. */
function createOwnCount(): Count {
  const windows = createWindows();
  return async (frontend, addressKey) => {
    const { count, windowSeconds } = frontend.limits.misses;
    const share = Math.max(1, Math.ceil(count / frontend.key.organization.instances));
    return windows.count(frontend.name, addressKey, { count: share, windowSeconds });
  };
}

function createSharedCount(redis: RedisConnection): Count {
  const limiters = new Map<string, RateLimiterRedis>();
  const limiterOf = ({ name, limits: { misses } }: Frontend): RateLimiterRedis => {
    const id = `${name} ${misses.count} ${misses.windowSeconds}`;
    const limiter = limiters.get(id) ?? createLimiter(redis, name, misses);
    limiters.set(id, limiter);
    return limiter;
  };
  return async (frontend, addressKey) => {
    try {
      await limiterOf(frontend).consume(addressKey);
      return 0;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
      throw refusal;
    }
  };
}

function createLimiter({ client, prefix }: RedisConnection, frontend: string, rate: Rate): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient: client,
    rejectIfRedisNotReady: true,
    keyPrefix: `${prefix}${KEY_PREFIX}:${frontend}`,
    points: rate.count,
    duration: rate.windowSeconds,
  });
}

/** Asks the first, and the second when the first can't be asked. */
function insured(first: Count, second: Count): Count {
  return async (frontend, addressKey) => {
    try {
      return await first(frontend, addressKey);
    } catch {
      return second(frontend, addressKey);
    }
  };
}
