/** The log: pino lines of fields we chose. Objects of callers or of upstream are never handed to it. */
import type { Logger } from "pino";
import { pino } from "pino";

export type { Logger };

/** Lines are written when so many bytes have gathered, or every second. */
const BUFFER_BYTES = 8 * 1024;
const FLUSH_MS = 1000;

export interface Log {
  readonly logger: Logger;
  /** Writes what is buffered, at once. */
  flush(): void;
  close(): void;
}

/** @param options `file` undefined: standard output. @throws when the file can't be opened */
export function openLog(options: { readonly level: string; readonly file: string | undefined }): Log {
  const destination = pino.destination({ dest: options.file ?? 1, sync: true, mkdir: false });
  // Gathered here: the destination's own way of gathering costs more than half a microsecond a line.
  let gathered = "";
  const flush = (): void => {
    if (gathered !== "") destination.write(gathered);
    gathered = "";
  };
  const write = (text: string): void => {
    gathered += text;
    if (gathered.length >= BUFFER_BYTES) flush();
  };
  const logger = pino(
    { level: options.level, base: null, timestamp: createTimestamp(), formatters: { level: (label) => ({ level: label }) } },
    { write },
  );
  const timer = setInterval(flush, FLUSH_MS);
  timer.unref();
  return {
    logger,
    flush,
    close: () => {
      clearInterval(timer);
      flush();
      destination.flushSync();
    },
  };
}

/** pino's isoTime, formatted once a millisecond: a quarter of a line's cost was in it. */
function createTimestamp(): () => string {
  let at = Number.NaN;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== at) text = `,"time":"${new Date((at = now)).toISOString()}"`;
    return text;
  };
}

/** What the log may say of an error that nobody foresaw: its class, code and place, not its text, which may quote a caller. */
export function describeError(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = (error as { code?: unknown }).code;
  const place = framesOf(error)
    .find((line) => line.startsWith("    at "))
    ?.trim();
  return {
    error: error.name,
    ...(typeof code === "string" ? { error_code: code } : {}),
    ...(place === undefined ? {} : { error_at: place.replace(/\(?file:\/\/.*\/(src|node_modules)\//, "($1/") }),
  };
}

/** The stack without the text before it, of which a line may look like a frame. */
function framesOf({ stack = "", message }: Error): readonly string[] {
  return stack.slice(stack.indexOf(message) + message.length).split("\n");
}
