/** Turns offsets in a text into places that people can find. */
import type { LineCounter } from "yaml";
import type { Location } from "./diagnostic.ts";

/** A file as its parser has read it. */
export interface ParsedText {
  readonly file: string;
  readonly text: string;
  /** Filled by the parser. */
  readonly lines: LineCounter;
}

/** Where a range of offsets begins; its length is that of its first line. Without a range: the start of the file. */
export function locate({ file, text, lines }: ParsedText, range: readonly number[] | null | undefined): Location {
  const start = range?.[0] ?? 0;
  const { line, col } = lines.linePos(start);
  const firstLine = text.slice(start, range?.[1] ?? start).split(/\r?\n/, 1)[0] ?? "";
  return { file, line: Math.max(line, 1), column: Math.max(col, 1), length: Math.max(firstLine.trimEnd().length, 1) };
}
