/** The log: pino lines of fields we chose. Objects of callers or of upstream are never handed to it. */
import type { Logger } from "pino";
import { constants, openSync } from "node:fs";
import { pino } from "pino";
import { openLogWriter } from "./log-writer.ts";

export type { Logger };

const STANDARD_OUTPUT = 1;
/** A pipe without a reader is an error at once, and one that is full keeps no thread waiting. */
const OPEN_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
/** Lines about refused exchanges: so many at once, so many a second for long. Callers could fill a disk with them. */
const REFUSED_BURST = 1000;
const REFUSED_PER_SECOND = 20;
const TELL_UNTOLD_MS = 10_000;

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
  const refusals = createAllowance();
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(line, method) {
          if (!isRefusal(line[0]) || refusals.take()) method.apply(this, line);
        },
      },
    },
    writer,
  );
  const tellUntold = (): void => {
    const count = refusals.takeUntold();
    if (count > 0) logger.warn({ untold_refusals: count }, "more exchanges were refused than there are lines for; /metrics counts all");
  };
  const timer = setInterval(tellUntold, TELL_UNTOLD_MS).unref();
  return {
    logger,
    async close() {
      clearInterval(timer);
      tellUntold();
      await writer.close();
    },
  };
}

/** A line about an exchange whose caller was refused. */
function isRefusal(line: unknown): boolean {
  const status = typeof line === "object" && line !== null ? (line as { status?: unknown }).status : undefined;
  return typeof status === "number" && status >= 400 && status < 500;
}

/** A bucket of lines that fills up again by itself. */
function createAllowance(): { take(): boolean; takeUntold(): number } {
  let left = REFUSED_BURST;
  let untold = 0;
  let at = performance.now();
  return {
    take() {
      const now = performance.now();
      left = Math.min(REFUSED_BURST, left + ((now - at) / 1000) * REFUSED_PER_SECOND);
      at = now;
      if (left < 1) {
        untold += 1;
        return false;
      }
      left -= 1;
      return true;
    },
    takeUntold() {
      const count = untold;
      untold = 0;
      return count;
    },
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
