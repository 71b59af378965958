/** Lines of YAML for an operator to copy. */

/** A map in maps by the names of a path, with the leaf's lines in the innermost. */
export function nest(path: readonly string[], leaf: readonly string[]): string {
  const lines = path.map((name, depth) => `${"  ".repeat(depth)}${name}:`);
  return [...lines, ...leaf.map((line) => "  ".repeat(path.length) + line)].join("\n");
}
