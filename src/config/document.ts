/** Reads YAML text into places: plain data that remembers line and column. */
import type { Document } from "yaml";
import type { Place } from "./place.ts";
import type { Reporter } from "./reporter.ts";
import { LineCounter, parseDocument } from "yaml";
import { buildTree, TooLarge } from "./document-tree.ts";
import { reportSyntaxFaults } from "./syntax-faults.ts";

/**
 * The tree of one file. Merge keys, tags, duplicate names and alias bombs are faults; anchors and aliases are fine.
 * @returns undefined when the text is not YAML, or is too large once aliases are followed. Never throws on any text.
 */
export function readDocument(file: string, text: string, reporter: Reporter): Place | undefined {
  const start = { file, line: 1, column: 1, length: 1 };
  try {
    return read(file, text, reporter);
  } catch (error) {
    // Nesting by the thousand ends the parser's stack.
    const tooLarge = error instanceof TooLarge || error instanceof RangeError;
    const message = tooLarge ? "this file is too large or too deep once its aliases are followed" : "this is not YAML";
    reporter.error(start, tooLarge ? "yaml-too-large" : "yaml-syntax", message, "write it flatter, with fewer aliases");
    return undefined;
  }
}

function read(file: string, text: string, reporter: Reporter): Place | undefined {
  const lines = new LineCounter();
  const options = { schema: "core", merge: false, prettyErrors: false, uniqueKeys: false, logLevel: "error" } as const;
  const document = parseDocument(text, { ...options, lineCounter: lines }) as Document;
  const source = { file, text, lines };
  reportSyntaxFaults(document, source, reporter);
  return document.errors.length > 0 ? undefined : buildTree(document, source, reporter);
}
