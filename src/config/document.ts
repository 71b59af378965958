/** Reads YAML text into places: plain data that remembers line and column. */
import type { Alias, Document, ErrorCode, Node, Pair, YAMLError } from "yaml";
import type { Location } from "./diagnostic.ts";
import type { Place } from "./place.ts";
import type { Reporter } from "./reporter.ts";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";

/** Nodes in one file after aliases are followed. A large real file has about 2,000. */
const MAX_NODES = 50_000;
const MAX_DEPTH = 32;
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

interface Walk {
  readonly file: string;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly text: string;
  readonly lines: LineCounter;
  readonly reporter: Reporter;
  nodesLeft: number;
  /** Whether an alias leads nowhere: what it stands for can't be checked. */
  isBroken: boolean;
}

class TooLarge extends Error {}

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
  const walk: Walk = { file, text, lines, reporter, targets: aliasTargets(document), nodesLeft: MAX_NODES, isBroken: false };
  const firstOfLines = new Map(document.errors.map((fault) => [locate(walk, fault.pos).line, fault] as const).toReversed());
  for (const fault of [...firstOfLines.values()].toReversed().slice(0, MAX_SYNTAX_FAULTS)) reportSyntax(walk, fault);
  for (const fault of document.warnings) {
    reporter.error(
      locate(walk, fault.pos),
      "yaml-tag",
      "tags (a word after !) have no meaning here",
      "remove the tag; write the value itself",
    );
  }
  if (document.errors.length > 0) return undefined;
  const start = { file, line: 1, column: 1, length: 1 };
  const root = build(walk, document.contents, { nameAt: start, depth: 0, atName: true });
  return walk.isBroken ? undefined : root;
}

/** Each alias with the node it stands for: the last one of that anchor above it. */
function aliasTargets(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return targets;
}

/** The first line that a syntax error concerns, in words that help. */
function reportSyntax(walk: Walk, fault: YAMLError): void {
  const at = locate(walk, fault.pos);
  const line = walk.text.split("\n")[at.line - 1] ?? "";
  const [message, hint] = explainSyntax(fault, line);
  walk.reporter.error(at, "yaml-syntax", message, hint);
}

function explainSyntax(fault: YAMLError, line: string): readonly [string, string?] {
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

interface Position {
  readonly nameAt: Location;
  readonly depth: number;
  /** Whether a value of several lines is pointed at by its name. */
  readonly atName: boolean;
}

function build(walk: Walk, node: Node | null, position: Position): Place {
  walk.nodesLeft -= 1;
  if (walk.nodesLeft < 0 || position.depth > MAX_DEPTH) throw new TooLarge();
  if (isAlias(node)) return buildAlias(walk, node, position);
  const at = pointAt(walk, node, position);
  const nameAt = position.atName ? position.nameAt : at;
  if (isMap(node)) return { ...buildMembers(walk, node.items as Pair<Node, Node | null>[], position.depth), at, nameAt, items: [] };
  if (isSeq(node)) {
    const items = node.items.map((item) => build(walk, item as Node | null, { nameAt: at, depth: position.depth + 1, atName: false }));
    return { value: items.map((item) => item.value), at, nameAt, members: new Map(), items };
  }
  return { value: isScalar(node) ? plainScalar(node.value) : null, at, nameAt, members: new Map(), items: [] };
}

/** What an alias stands for. Its inside is pointed at where it is written; a list or map as a whole, where the alias is. */
function buildAlias(walk: Walk, node: Alias, position: Position): Place {
  const target = walk.targets.get(node);
  const here = locate(walk, node.range);
  if (target === undefined) {
    walk.isBroken = true;
    walk.reporter.error(here, "yaml-alias", "no anchor of this name stands above", "write & and the name where the value is first written");
    return { value: null, at: here, nameAt: position.nameAt, members: new Map(), items: [] };
  }
  const built = build(walk, target, { ...position, depth: position.depth + 1 });
  return isScalar(target) ? built : { ...built, at: here };
}

function buildMembers(walk: Walk, pairs: readonly Pair<Node, Node | null>[], depth: number): Pick<Place, "value" | "members"> {
  const members = new Map<string, Place>();
  const value: Record<string, unknown> = Object.create(null);
  for (const pair of pairs) {
    const nameAt = locate(walk, pair.key?.range);
    const name = nameOf(pair.key);
    if (name === undefined || !isUsable(walk, { name, nameAt, taken: members })) {
      if (name === undefined) walk.reporter.error(nameAt, "yaml-name", "a name must be text", "put it in quotes");
      continue;
    }
    const place = build(walk, pair.value, { nameAt, depth: depth + 1, atName: true });
    members.set(name, place);
    value[name] = place.value;
  }
  return { value, members };
}

function isUsable(walk: Walk, entry: { name: string; nameAt: Location; taken: ReadonlyMap<string, Place> }): boolean {
  const { name, nameAt, taken } = entry;
  if (name === "<<") {
    walk.reporter.error(
      nameAt,
      "yaml-merge-key",
      "merge keys are not used here: what a route allows must be readable in one place",
      "write the members out; a whole list or map may be an alias, as in fields: *store",
    );
    return false;
  }
  if (name === "__proto__") {
    walk.reporter.error(nameAt, "yaml-name", "this name can't be used");
    return false;
  }
  const first = taken.get(name);
  if (first === undefined) return true;
  walk.reporter.error(nameAt, "yaml-duplicate", `this name is already used in line ${first.nameAt.line}`, "keep one of the two");
  return false;
}

function nameOf(key: Node | null): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function plainScalar(value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : (value ?? null);
}

function pointAt(walk: Walk, node: Node | null, position: Position): Location {
  const range = node?.range;
  if (range === undefined || range === null || range[0] === range[1]) return position.nameAt;
  const spans = walk.text.slice(range[0], range[1]).trimEnd().includes("\n");
  return spans && position.atName ? position.nameAt : locate(walk, range);
}

function locate(walk: Walk, range: readonly number[] | null | undefined): Location {
  const start = range?.[0] ?? 0;
  const { line, col } = walk.lines.linePos(start);
  const firstLine = walk.text.slice(start, range?.[1] ?? start).split(/\r?\n/, 1)[0] ?? "";
  return { file: walk.file, line: Math.max(line, 1), column: Math.max(col, 1), length: Math.max(firstLine.trimEnd().length, 1) };
}
