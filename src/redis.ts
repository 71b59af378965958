/** One connection to Redis with short deadlines: whatever happens to Redis, a request is never held up for long. */
import { Redis } from "ioredis";
import type { Logger } from "./log.ts";
import type { RedisAddress } from "./redis-url.ts";

const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 1000;
const MAX_RETRY_DELAY_MS = 1000;
/** A socket that answers nothing for so long is dead: it is closed and opened again. */
const SOCKET_TIMEOUT_MS = 1000;
/** A server that only reads may be the only one there is: reads go on, and a new connection is tried so often. */
const LEAVE_REPLICA_EVERY_MS = 5000;
const PREFIX = "partoo-bff:";

export interface RedisConnection {
  readonly client: Redis;
  /** Resolves when the first attempt to connect has succeeded or failed, at the latest with a deadline of its own. */
  readonly settled: Promise<void>;
  /** Begins every key we write. */
  readonly prefix: string;
  close(): void;
}

/** Connects in the background; the process starts and serves without Redis being up. */
export function openRedis(address: RedisAddress, logger: Logger): RedisConnection {
  const client = new Redis({
    ...address,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    keepAlive: 10_000,
    reconnectOnError: leavesReplicas(),
    retryStrategy: (attempt) => Math.min(50 * 2 ** (attempt - 1), MAX_RETRY_DELAY_MS),
  });
  const settled = Promise.withResolvers<void>();
  for (const outcome of ["ready", "error", "close"]) client.once(outcome, () => settled.resolve());
  reportState(client, logger);
  return { client, settled: settled.promise, prefix: PREFIX, close: () => client.disconnect() };
}

/** After a failover a connection may still lead to the old master, which refuses writes: a new one finds the new master. */
function leavesReplicas(): (reply: Error) => boolean {
  let leftAt = Number.NEGATIVE_INFINITY;
  return ({ message }) => {
    // The reply of a script quotes that of its command.
    if (!/\bREADONLY\b/.test(message) || performance.now() - leftAt < LEAVE_REPLICA_EVERY_MS) return false;
    leftAt = performance.now();
    return true;
  };
}

/** One line when Redis goes and one when it is back, however many errors lie between. */
function reportState(client: Redis, logger: Logger): void {
  let away = false;
  const tellAway = (reason: string): void => {
    if (!away) logger.warn({ redis: "away", error_code: reason }, "Redis can't be reached; each process counts for itself");
    away = true;
  };
  client.on("error", (error: NodeJS.ErrnoException) => tellAway(reasonOf(error)));
  /** A server that is stopped closes without an error; `reconnecting` does not come when we close ourselves. */
  client.on("reconnecting", () => tellAway("closed"));
  client.on("ready", () => {
    logger.info({ redis: "ready" }, "Redis is reached");
    away = false;
  });
}

/** An error reply begins with a word in capitals (WRONGPASS, NOAUTH, LOADING); its text may quote the address. */
const REPLY_CODE = /^[A-Z]{3,20}(?= )/;

/** One word for what went wrong, without an address. */
export function reasonOf({ code, name, message }: NodeJS.ErrnoException): string {
  if (code !== undefined) return code;
  return REPLY_CODE.exec(message)?.[0] ?? (/timed? ?out/i.test(message) ? "timeout" : name);
}
