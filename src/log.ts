/** The log: pino lines of fields we chose. Objects of callers or of upstream are never handed to it. */
import type { Logger } from "pino";
import { constants, openSync } from "node:fs";
import { pino } from "pino";
import { openLogWriter } from "./log-writer.ts";

export type { Logger };

const STANDARD_OUTPUT = 1;
/** A pipe without a reader is an error at once, and one that is full keeps no thread waiting. */
const OPEN_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

export interface Log {
  readonly logger: Logger;
  /** Writes what has gathered, as far as it is taken within 300 ms. */
  close(): Promise<void>;
}

/** @param options `file` undefined: standard output. @throws when the file can't be opened */
export function openLog(options: { readonly level: string; readonly file: string | undefined }): Log {
  const writer = openLogWriter(options.file === undefined ? STANDARD_OUTPUT : openSync(options.file, OPEN_FLAGS), (lines) =>
    logger.warn({ lost_lines: lines }, "the log could not be written for a while"),
  );
  const logger = pino(
    { level: options.level, base: null, timestamp: createTimestamp(), formatters: { level: (label) => ({ level: label }) } },
    writer,
  );
  return { logger, close: () => writer.close() };
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
