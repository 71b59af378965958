/** Explains what the YAML parser could not read, or what it read and nobody here means. */
import type { Document, ErrorCode, YAMLError } from "yaml";
import type { ParsedText } from "./positions.ts";
import type { Reporter } from "./reporter.ts";
import { isMap, isSeq, visit } from "yaml";
import { locate } from "./positions.ts";

/** More syntax errors than these are consequences of the first ones, and so are further ones in one line. */
const MAX_SYNTAX_FAULTS = 5;

/** The commoner mistakes, by the parser's code: what is wrong, and the way out. */
const SYNTAX_WORDS: Partial<Record<ErrorCode, readonly [string, string]>> = {
  TAB_AS_INDENT: ["a tab is used to indent", "indent with spaces"],
  MULTIPLE_DOCS: ["a second document starts here", "keep one document in a file: remove the line ---"],
  BAD_ALIAS: ["a * starts an alias, and this one has no name", "a wildcard has no meaning here; text that begins with * needs quotes"],
  BLOCK_AS_IMPLICIT_KEY: ["a second colon makes a map inside a line", "put the value in quotes, or start a new line and indent it"],
  BAD_SCALAR_START: ["a plain value can't start with this character", "put the value in quotes"],
};

/** A fault and the range of text that it is about. */
interface Placed {
  readonly fault: YAMLError;
  readonly range: readonly number[];
  readonly isUnclosed: boolean;
}

/** Reports the syntax errors and tags of a file. */
export function reportSyntaxFaults(document: Document, source: ParsedText, reporter: Reporter): void {
  const opened = unclosed(document);
  const placed = document.errors.map((fault): Placed => {
    const bracket = opened.get(fault.pos[0]);
    return { fault, range: bracket ?? fault.pos, isUnclosed: bracket !== undefined };
  });
  const firstOfLines = new Map(placed.map((one) => [locate(source, one.range).line, one] as const).toReversed());
  for (const one of [...firstOfLines.values()].toReversed().slice(0, MAX_SYNTAX_FAULTS)) {
    const at = locate(source, one.range);
    reporter.error(at, "yaml-syntax", ...explain(one, source.text.split("\n")[at.line - 1] ?? ""));
  }
  for (const { pos } of document.warnings) {
    const message = "tags (a word after !) have no meaning here";
    reporter.error(locate(source, pos), "yaml-tag", message, "remove the tag; write the value itself");
  }
}

/** Lists and maps in brackets without their end: the range of the opening bracket, by the offset where the parser gave up. */
function unclosed(document: Document): ReadonlyMap<number, readonly number[]> {
  const gaveUp = new Set(document.errors.filter(({ code }) => code === "BAD_INDENT").map(({ pos }) => pos[0]));
  const opened = new Map<number, readonly number[]>();
  visit(document, {
    Collection(_key, node) {
      const [start, end] = node.range ?? [];
      const isFlow = (isMap(node) || isSeq(node)) && node.flow === true;
      if (isFlow && start !== undefined && end !== undefined && gaveUp.has(end)) opened.set(end, [start, start + 1]);
    },
  });
  return opened;
}

function explain({ fault, isUnclosed }: Placed, line: string): readonly [string, string?] {
  if (isUnclosed) return ["this bracket has no end", "close it, or write one line for each item"];
  if (fault.code === "MISSING_CHAR" && /[A-Z]+ \/[^"']*\{/.test(line)) {
    return [
      "a route with { } can't stand inside [ ] or { }: YAML takes its brace for the start of a map",
      'write one line for each, as in "- GET /business/{business_id}", or put the route in double quotes',
    ];
  }
  return SYNTAX_WORDS[fault.code] ?? [`this is not YAML: ${lowerFirst(fault.message)}`];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
