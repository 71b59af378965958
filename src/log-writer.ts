/** Where the lines of the log go: gathered, written behind everybody's back, bounded. A place that takes nothing costs lines, never time. */
import { write, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Written when so much has gathered, or every second. */
const CHUNK_CHARACTERS = 32 * 1024;
const FLUSH_MS = 1000;
/** What waits for a place that does not take it. More is dropped. */
const MAX_WAITING_CHARACTERS = 1024 * 1024;
/** A pipe that is full may have room in a moment; a disk that is full has not. */
const RETRY_MS = { EAGAIN: 20, other: 1000 } as const;
/** How long the last lines may take. */
const CLOSE_MS = 300;
const CLOSE_LOOK_MS = 5;
const NOTHING = Buffer.alloc(0);

export interface LogWriter {
  /** Takes a line with its line break. Never waits, never throws. */
  write(line: string): void;
  /** Writes what has gathered, as far as it is taken within 300 ms. */
  close(): Promise<void>;
}

/**
 * @param descriptor of a file, or of a pipe that does not block (O_NONBLOCK; Node sets it on standard output)
 * @param onLost told how many lines were dropped, once there is room again: a line that it writes stands where they would have stood
 */
export function openLogWriter(descriptor: number, onLost: (lines: number) => void): LogWriter {
  let gathered = "";
  /** What is left of the chunk that is being written: only a whole one is followed by another, so that no line is torn. */
  let chunk: Buffer = NOTHING;
  let isBusy = false;
  let isRefused = false;
  let lost = 0;

  function takeChunk(): void {
    if (chunk.length > 0) return;
    chunk = Buffer.from(gathered);
    gathered = "";
    const lines = lost;
    lost = 0;
    if (lines > 0) onLost(lines);
  }

  const isOwing = (): boolean => isBusy || gathered !== "" || chunk.length > 0;

  function writeOn(): void {
    if (isBusy) return;
    takeChunk();
    if (chunk.length === 0) return;
    isBusy = true;
    write(descriptor, chunk, (error, written) => {
      isBusy = false;
      isRefused = error !== null;
      if (error === null) wrote(written);
      else setTimeout(writeOn, error.code === "EAGAIN" ? RETRY_MS.EAGAIN : RETRY_MS.other).unref();
    });
  }

  function wrote(bytes: number): void {
    chunk = chunk.subarray(bytes);
    if (chunk.length > 0) return writeOn();
    if (gathered.length >= CHUNK_CHARACTERS) writeOn();
  }

  /** When the process ends without close(): one attempt, since one that is repeated could go on for ever. */
  function writeLast(): void {
    takeChunk();
    try {
      if (!isBusy) writeSync(descriptor, chunk);
    } catch {
      // Nobody is left to be told.
    }
  }

  const timer = setInterval(() => isRefused || writeOn(), FLUSH_MS).unref();
  process.once("exit", writeLast);

  return {
    write(line) {
      if (gathered.length + line.length > MAX_WAITING_CHARACTERS) {
        lost += 1;
        return;
      }
      gathered += line;
      if (!isRefused && gathered.length >= CHUNK_CHARACTERS) writeOn();
    },
    async close() {
      clearInterval(timer);
      process.off("exit", writeLast);
      const end = performance.now() + CLOSE_MS;
      for (writeOn(); isOwing() && performance.now() < end; writeOn()) await sleep(CLOSE_LOOK_MS);
    },
  };
}
