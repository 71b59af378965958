/** One connection to Redis with short deadlines: whatever happens to Redis, a request is never held up for long. */
import { Redis } from "ioredis";
import type { Logger } from "./log.ts";

const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 1000;
const MAX_RETRY_DELAY_MS = 1000;
/** A socket that answers nothing for so long is dead: it is closed and opened again. */
const SOCKET_TIMEOUT_MS = 1000;
const PREFIX = "partoo-bff:";

export interface RedisConnection {
  readonly client: Redis;
  /** Begins every key we write. */
  readonly prefix: string;
  close(): void;
}

/** Connects in the background; the process starts and serves without Redis being up. */
export function openRedis(url: string, logger: Logger): RedisConnection {
  const client = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** (attempt - 1), MAX_RETRY_DELAY_MS),
  });
  reportState(client, logger);
  return { client, prefix: PREFIX, close: () => client.disconnect() };
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
