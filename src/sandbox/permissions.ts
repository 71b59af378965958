/** The permissions that public pages name, and the answer of /permissions (partoo reference §3). */
import type { Role } from "./keys.ts";

interface Permission {
  readonly name: string;
  readonly feature: string;
  readonly depends_on: string | null;
  readonly disabled_for_roles: readonly Role[];
}

const EDITION: readonly Permission[] = [
  edition("business_edit", null),
  edition("business_edit_name", "business_edit"),
  { ...edition("business_edit_categories", "business_edit"), disabled_for_roles: ["BUSINESS_MANAGER"] },
  edition("business_edit_open_hours", "business_edit"),
  edition("business_edit_attributes", "business_edit"),
];
/** Readers of listings have no reviews (partoo reference §3): GET /reviews asks for a manager of stores. */
const REVIEWS: readonly Permission[] = [
  { name: "review_read", feature: "review_management", depends_on: null, disabled_for_roles: ["PUBLISHER"] },
];
const ALL = [...EDITION, ...REVIEWS];

/** Names a key may be restricted to. */
export const PERMISSION_NAMES: readonly string[] = ALL.map(({ name }) => name);

/** The body of /permissions: sections, subsections, permissions. */
export const PERMISSION_TREE: unknown = {
  sections: [
    { name: "presence", order: 1, subsections: [{ name: "presence_pages", order: 1, permissions: EDITION.map(numbered) }] },
    { name: "reviews", order: 2, subsections: [{ name: "review_management", order: 1, permissions: REVIEWS.map(numbered) }] },
  ],
};

/** What a key's user may do: a key never can do more than that. */
export function permissionsOfRole(role: Role): ReadonlySet<string> {
  return new Set(ALL.filter(({ disabled_for_roles }) => !disabled_for_roles.includes(role)).map(({ name }) => name));
}

/** Those of the names that have what they depend on: a parent must be granted too. */
export function withTheirParents(names: readonly string[]): readonly string[] {
  const parentOf = new Map(ALL.map(({ name, depends_on }) => [name, depends_on]));
  return names.filter((name) => {
    const parent = parentOf.get(name) ?? null;
    return parent === null || names.includes(parent);
  });
}

function edition(name: string, depends_on: string | null): Permission {
  return { name, feature: "business_edition", depends_on, disabled_for_roles: [] };
}

function numbered(permission: Permission, at: number): unknown {
  return { ...permission, order: at + 1 };
}
