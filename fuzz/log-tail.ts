/** Reads the log of the attacked process as it grows, and judges each line. */
import { closeSync, openSync, readSync } from "node:fs";
import { findCallersWord, findSecret } from "./secrets.ts";

export interface LogState {
  readonly operatorPort: number | undefined;
  /** Exchanges that left a line, or were counted in one. */
  readonly exchanges: number;
  /** Lines that could not be written. */
  readonly lost: number;
}

/** A line that must not be there. */
export interface LogFault {
  readonly fault: string;
  readonly line: string;
  readonly requestId: string | undefined;
}

export interface LogTail {
  /** Takes in what was written since. */
  read(): LogState;
  /** Faults found since this was asked last. */
  takeFaults(): readonly LogFault[];
}

const CHUNK = 1024 * 1024;

export function openLogTail(file: string): LogTail {
  const buffer = Buffer.alloc(CHUNK);
  let faults: LogFault[] = [];
  let position = 0;
  let rest = "";
  let state: LogState = { operatorPort: undefined, exchanges: 0, lost: 0 };

  const take = (line: string): void => {
    const entry = parse(line);
    const fault = judgeLine(line, entry);
    if (fault !== undefined) faults.push({ fault, line: line.slice(0, 600), requestId: textOf(entry?.["request_id"]) });
    if (entry !== undefined) state = count(state, entry);
  };
  const readMore = (descriptor: number): boolean => {
    const bytes = readSync(descriptor, buffer, 0, CHUNK, position);
    position += bytes;
    const lines = (rest + buffer.toString("latin1", 0, bytes)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
    return bytes > 0;
  };
  return {
    read() {
      const descriptor = openOrNot(file);
      if (descriptor === undefined) return state;
      while (readMore(descriptor));
      closeSync(descriptor);
      return state;
    },
    takeFaults() {
      const taken = faults;
      faults = [];
      return taken;
    },
  };
}

type Entry = Readonly<Record<string, unknown>>;

function judgeLine(line: string, entry: Entry | undefined): string | undefined {
  if (entry === undefined) return "a log line is no JSON";
  const isAlarm = entry["alarm"] !== undefined;
  if (entry["code"] === "internal" || (entry["level"] === "error" && !isAlarm) || entry["level"] === "fatal")
    return "the log tells of an internal error";
  const found = findSecret(line) ?? findCallersWord(line);
  return found === undefined ? undefined : `a log line holds ${found}`;
}

function count(state: LogState, entry: Entry): LogState {
  if (entry["msg"] === "operator listener") return { ...state, operatorPort: Number(entry["port"]) };
  if (typeof entry["lost_lines"] === "number") return { ...state, lost: state.lost + entry["lost_lines"] };
  if (entry["request_id"] !== undefined) return { ...state, exchanges: state.exchanges + 1 };
  const omitted = Object.entries((entry["omitted"] as Readonly<Record<string, number>> | undefined) ?? {});
  const more = omitted.reduce((sum, [kind, exchanges]) => (kind === "connection-dropped" ? sum : sum + exchanges), 0);
  return { ...state, exchanges: state.exchanges + more };
}

function parse(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function openOrNot(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch {
    return undefined;
  }
}
