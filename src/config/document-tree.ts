/** Builds the tree of a parsed file: places with plain data, aliases followed. */
import type { Alias, Document, Node, Pair } from "yaml";
import type { Location } from "./diagnostic.ts";
import type { Place } from "./place.ts";
import type { ParsedText } from "./positions.ts";
import type { Reporter } from "./reporter.ts";
import { isAlias, isMap, isScalar, isSeq, visit } from "yaml";
import { locate } from "./positions.ts";

/** Nodes in one file after aliases are followed. A large real file has about 2,000. */
const MAX_NODES = 50_000;
const MAX_DEPTH = 32;
const NOWHERE = ["no anchor of this name stands above", "write & and the name where the value is first written"] as const;
const CIRCLE = ["this alias stands inside what it stands for, without end", "write the value out, or remove it"] as const;

interface Walk extends ParsedText {
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly reporter: Reporter;
  nodesLeft: number;
  /** Whether an alias leads nowhere: what it stands for can't be checked. */
  isBroken: boolean;
}

/** More nodes or levels than a file written by hand can have. */
export class TooLarge extends Error {}

/**
 * The places of a document without syntax errors. Merge keys and duplicate names are reported and left out.
 * @returns undefined, reported, when an alias leads nowhere or into itself
 * @throws TooLarge
 */
export function buildTree(document: Document, source: ParsedText, reporter: Reporter): Place | undefined {
  const walk: Walk = { ...source, reporter, targets: aliasTargets(document), nodesLeft: MAX_NODES, isBroken: false };
  const start = { file: source.file, line: 1, column: 1, length: 1 };
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
  if (target === undefined || holds(target, node)) {
    walk.isBroken = true;
    const [message, hint] = target === undefined ? NOWHERE : CIRCLE;
    walk.reporter.error(here, "yaml-alias", message, hint);
    return { value: null, at: here, nameAt: position.nameAt, members: new Map(), items: [] };
  }
  const built = build(walk, target, { ...position, depth: position.depth + 1 });
  return isScalar(target) ? built : { ...built, at: here };
}

/** Whether an alias stands inside what it stands for. A circle of several has one such alias, too: each anchor stands above its aliases. */
function holds(target: Node, alias: Alias): boolean {
  const [from, to] = [target.range?.[0] ?? 0, target.range?.[1] ?? 0];
  const at = alias.range?.[0] ?? 0;
  return from <= at && at < to;
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
