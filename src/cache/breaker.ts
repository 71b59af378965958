/** Keeps requests from waiting for a Redis that does not answer: one of them finds out, the others go without. */
import type { Redis } from "ioredis";

/** After a fault nothing is asked for so long; then one command tries. */
const OPEN_MS = 1000;
const DISCONNECT_EVERY_MS = 2000;

/** Redis was not asked, or did not answer. `cause` is the fault, when there was one. */
export class RedisAway extends Error {
  override readonly name = "RedisAway";
}

/** A reply that can't be of the command that was sent: one was lost, and every later one would come for the question before it. */
export class OutOfStep extends Error {
  override readonly name = "OutOfStep";
}

export interface Breaker {
  /**
   * Runs a command, unless Redis is known to be away. The command throws OutOfStep when its reply is of a kind that it never has.
   * @throws RedisAway at once or after the connection's deadline; an error that Redis replies (READONLY, OOM, MISCONF, WRONGTYPE) passes
   *   through and opens nothing: who refuses quickly is there
   */
  run<T>(command: (client: Redis) => Promise<T>): Promise<T>;
}

/** One for each connection, shared by all who use it. @param now ms on a clock that never jumps */
export function createBreaker(client: Redis, now: () => number = () => performance.now()): Breaker {
  let openUntil: number | undefined;
  let probing = false;
  let disconnectedAt = -Infinity;

  function open(cause: unknown): RedisAway {
    openUntil = now() + OPEN_MS;
    if ((isTimeout(cause) || cause instanceof OutOfStep) && now() - disconnectedAt >= DISCONNECT_EVERY_MS) {
      disconnectedAt = now();
      // socketTimeout ends a connection that falls silent. One that lost a reply and goes on talking gives every later command the
      // answer of an earlier one, for ever: only a new connection mends that.
      client.disconnect(true);
    }
    return new RedisAway("Redis did not answer", { cause });
  }

  return {
    async run(command) {
      if (client.status !== "ready" || probing || (openUntil !== undefined && now() < openUntil)) throw new RedisAway("Redis is away");
      const isProbe = openUntil !== undefined;
      probing = isProbe;
      try {
        const reply = await command(client);
        openUntil = undefined;
        return reply;
      } catch (error) {
        if (!isReply(error)) throw open(error);
        openUntil = undefined;
        throw error;
      } finally {
        if (isProbe) probing = false;
      }
    },
  };
}

/** Whether Redis itself replied with this error. Asked by name: its client is loaded only where REDIS_URL is set. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "Command timed out";
}
