/** Misses per address (stage h): shared by all processes through Redis, insured by this process's memory when Redis is away. */
import type { RateLimiterAbstract } from "rate-limiter-flexible";
import type { Frontend, Rate } from "../policy.ts";
import type { RedisConnection } from "../redis.ts";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { rateLimited } from "./rate-limited.ts";

const KEY_PREFIX = "misses";

export interface MissLimit {
  /** Counts one request that needs a call to Partoo. @throws Problem rate-limited */
  admit(frontend: Frontend, addressKey: string): Promise<void>;
}

/** @param redis undefined: each process counts for itself, its share of the limit */
export function createMissLimit(redis: RedisConnection | undefined): MissLimit {
  const limiters = new Map<string, RateLimiterAbstract>();
  const limiterOf = (frontend: Frontend): RateLimiterAbstract => {
    const { misses } = frontend.limits;
    const { instances } = frontend.key.organization;
    const id = `${frontend.name} ${misses.count} ${misses.windowSeconds} ${instances}`;
    const known = limiters.get(id);
    if (known !== undefined) return known;
    const created = createLimiter(frontend.name, misses, { instances, redis });
    limiters.set(id, created);
    return created;
  };
  return {
    async admit(frontend, addressKey) {
      try {
        await limiterOf(frontend).consume(addressKey);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        throw rateLimited("misses", frontend.limits.misses, refusal.msBeforeNext / 1000);
      }
    },
  };
}

function createLimiter(
  frontend: string,
  rate: Rate,
  { instances, redis }: { readonly instances: number; readonly redis: RedisConnection | undefined },
): RateLimiterAbstract {
  const duration = rate.windowSeconds;
  const memory = new RateLimiterMemory({ points: Math.max(1, Math.ceil(rate.count / instances)), duration, keyPrefix: frontend });
  if (redis === undefined) return memory;
  return new RateLimiterRedis({
    storeClient: redis.client,
    rejectIfRedisNotReady: true,
    keyPrefix: `${redis.prefix}${KEY_PREFIX}:${frontend}`,
    points: rate.count,
    duration,
    insuranceLimiter: memory,
  });
}
