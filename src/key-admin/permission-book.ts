/** The permissions that Partoo lists for an organization, and what granting one of them takes (partoo reference §3). */

/** One permission of `GET /permissions`. */
export interface ListedPermission {
  readonly name: string;
  /** Permissions that must be granted too. */
  readonly dependsOn: readonly string[];
  /** Roles whose users can't have it. */
  readonly disabledForRoles: readonly string[];
}

/** By name. What is not in it is not offered to the organization, or does not exist. */
export type PermissionBook = ReadonlyMap<string, ListedPermission>;

/** The names with everything they depend on, directly or not: each once, sorted. A circle of dependencies ends; an unknown name stays. */
export function closePermissions(names: Iterable<string>, book: PermissionBook): readonly string[] {
  const closed = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (closed.has(name)) continue;
    closed.add(name);
    open.push(...(book.get(name)?.dependsOn ?? []));
  }
  return [...closed].toSorted();
}
