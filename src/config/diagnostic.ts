/** One fault of a configuration, and the two ways of printing a list of them. */
import { readFileSync } from "node:fs";
import { maskFrom, maskSecrets } from "./secret-look.ts";

export type Severity = "error" | "warning";

/** A place in a file. Lines and columns count from 1. */
export interface Location {
  /** As the operator wrote it: relative to the working directory where possible. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters under the caret, at least 1. */
  readonly length?: number;
}

export interface Diagnostic extends Location {
  readonly severity: Severity;
  /** Stable word for pipelines, e.g. `field-unknown`. */
  readonly code: string;
  readonly message: string;
  /** The way out: a suggestion, or what to write instead. */
  readonly hint?: string;
  /** Column from which on nothing of the line is shown, whichever fault shows it: a secret stands there. */
  readonly hiddenFrom?: number;
}

/** Gives one line of a file, without its end; undefined when there is none. Lines count from 1. */
export type ReadLine = (file: string, line: number) => string | undefined;

/** More of a line than this is not shown. */
const SHOWN_COLUMNS = 160;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * For people: `FILE:LINE:COLUMN: error code: message`, the line with a caret below, and `hint: …`, one block for each fault.
 * Secret-looking text in a line is shown as dots.
 * @param readLine default: from the files themselves
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], readLine: ReadLine = createLineReader()): string {
  const shown = hideSecrets(diagnostics, readLine);
  return diagnostics.map((fault) => formatOne(fault, shown)).join("\n\n");
}

/** Faults of the file system, not of what is written: the configuration could not be judged. */
const UNREADABLE: ReadonlySet<string> = new Set(["directory-unreadable", "file-unreadable"]);

/** Exit code of a command that needs a configuration: 0 no error, 1 errors, 2 it could not be read. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): 0 | 1 | 2 {
  if (diagnostics.some(({ code }) => UNREADABLE.has(code))) return 2;
  return diagnostics.some(({ severity }) => severity === "error") ? 1 : 0;
}

/** For pipelines: one array, each member with file, line, column, severity, code, message and hint (null when there is none). */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): string {
  const items = diagnostics.map(({ file, line, column, severity, code, message, hint }) => ({
    file,
    line,
    column,
    severity,
    code,
    message,
    hint: hint ?? null,
  }));
  return JSON.stringify(items, null, 2);
}

/** Reads lines from files, each file once. A file that can't be read has no lines. */
function createLineReader(): ReadLine {
  const files = new Map<string, readonly string[]>();
  return (file, line) => {
    let lines = files.get(file);
    if (lines === undefined) files.set(file, (lines = readLines(file)));
    return lines[line - 1];
  };
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/);
  } catch {
    return [];
  }
}

/** Lines as they may be shown. */
function hideSecrets(diagnostics: readonly Diagnostic[], readLine: ReadLine): ReadLine {
  const hidden = new Map<string, number>();
  for (const { file, line, hiddenFrom = Infinity } of diagnostics) {
    const place = `${line} ${file}`;
    hidden.set(place, Math.min(hiddenFrom, hidden.get(place) ?? Infinity));
  }
  return (file, number) => {
    const line = readLine(file, number);
    return line === undefined ? undefined : maskFrom(maskSecrets(line), (hidden.get(`${number} ${file}`) ?? Infinity) - 1);
  };
}

function formatOne(fault: Diagnostic, readLine: ReadLine): string {
  const head = `${fault.file}:${fault.line}:${fault.column}: ${fault.severity} ${fault.code}: ${fault.message}`;
  const hint = fault.hint === undefined ? [] : [`  hint: ${fault.hint}`];
  return [head, ...excerpt(fault, readLine(fault.file, fault.line)), ...hint].join("\n");
}

/** The line and its caret; nothing for an empty line. */
function excerpt({ column, length = 1 }: Diagnostic, line: string | undefined): readonly string[] {
  if (line === undefined || line.trim() === "") return [];
  const from = column > SHOWN_COLUMNS ? column - SHOWN_COLUMNS / 2 : 0;
  const shown = line.slice(from, from + SHOWN_COLUMNS).replaceAll(CONTROL, "·");
  const before = shown.slice(0, column - 1 - from).replaceAll(/[^\t]/g, " ");
  const room = Math.max(1, shown.length - before.length);
  return [`  ${shown}`, `  ${before}${"^".repeat(Math.min(length, room))}`];
}
