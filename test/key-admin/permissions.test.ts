/** What granting a permission takes, and the least privilege of a key. Pure. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PermissionBook } from "../../src/key-admin/permission-book.ts";
import type { KeyPolicy } from "../../src/policy.ts";
import { loadConfig } from "../../src/config/load.ts";
import { PermissionsAnswer } from "../../src/key-admin/answers.ts";
import { leastPrivilege } from "../../src/key-admin/least-privilege.ts";
import { closePermissions } from "../../src/key-admin/permission-book.ts";
import { createTemporaryConfig } from "../config/temporary-config.ts";
import { bff, REVIEWS_BFF } from "./support.ts";

/** As Partoo's page shows it (partoo reference §3), and a made-up grandchild. */
const BOOK = PermissionsAnswer.parse({
  sections: [
    {
      name: "presence",
      order: 1,
      subsections: [
        {
          name: "presence_pages",
          permissions: [
            { name: "business_edit", feature: "business_edition", depends_on: null, disabled_for_roles: [] },
            { name: "business_edit_attributes", depends_on: "business_edit", disabled_for_roles: ["BUSINESS_MANAGER"] },
            { name: "grandchild", depends_on: "business_edit_attributes" },
            { name: "review_read", depends_on: null, disabled_for_roles: [] },
          ],
        },
      ],
    },
  ],
});

describe("closure", () => {
  test("takes parents and their parents along", () => {
    expect(closePermissions(["grandchild"], BOOK)).toEqual(["business_edit", "business_edit_attributes", "grandchild"]);
    expect(closePermissions(["review_read", "review_read"], BOOK)).toEqual(["review_read"]);
    expect(closePermissions(["unknown"], BOOK)).toEqual(["unknown"]);
    expect(closePermissions([], BOOK)).toEqual([]);
  });

  test("ends in any graph, circles included, holds every parent, and closing it again adds nothing", () => {
    const names = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const graph = fc.dictionary(names, fc.array(names));
    fc.assert(
      fc.property(graph, fc.array(names), (parents, wanted) => {
        const book: PermissionBook = new Map(
          Object.entries(parents).map(([name, dependsOn]) => [name, { name, dependsOn, disabledForRoles: [] }]),
        );
        const closed = closePermissions(wanted, book);
        expect(wanted.every((name) => closed.includes(name))).toBe(true);
        expect(closed.flatMap((name) => parents[name] ?? []).every((name) => closed.includes(name))).toBe(true);
        expect(closePermissions(closed, book)).toEqual(closed);
      }),
    );
  });
});

function keyOf(yaml: string): KeyPolicy {
  const config = createTemporaryConfig();
  try {
    config.load(yaml, "key: reader\norigins: [https://stores.acme.example]\n");
    const key = loadConfig(config.directory).policy?.keys.get("reader");
    if (key === undefined) throw new Error("the test's configuration has faults");
    return key;
  } finally {
    config.remove();
  }
}

const NO_WISHES = { expires: undefined, addresses: [] };
const TODAY = "2026-11-22";

describe("least privilege", () => {
  test("is what the routes need, restricted, labelled with the key's name", () => {
    expect(leastPrivilege(keyOf(REVIEWS_BFF), NO_WISHES, { book: BOOK, today: TODAY }).body).toEqual({
      label: "reader",
      description: "partoo-bff, organization acme",
      expiration_date: null,
      ip_whitelist: [],
      has_restricted_permissions: true,
      permissions: ["review_read"],
    });
  });

  test("is no permission at all where no route needs one", () => {
    const key = keyOf(bff("{ GET /business/search: { fields: [id] } }", "permissions: []"));
    expect(leastPrivilege(key, NO_WISHES, { book: BOOK, today: TODAY })).toMatchObject({
      body: { has_restricted_permissions: true, permissions: [] },
      notes: [expect.stringContaining("no --ip"), expect.stringContaining("no --expires")],
    });
  });

  test("holds the parent of what a route needs", () => {
    const key = keyOf(bff("{ 'GET /business/{business_id}/attributes': { query: { country: {} }, fields: [gmb_id] } }"));
    expect(leastPrivilege(key, NO_WISHES, { book: BOOK, today: TODAY }).body.permissions).toEqual([
      "business_edit",
      "business_edit_attributes",
    ]);
  });

  test("leaves out what Partoo does not offer, and says so", () => {
    const { body, notes } = leastPrivilege(keyOf(REVIEWS_BFF), NO_WISHES, { book: new Map(), today: TODAY });
    expect(body.permissions).toEqual([]);
    expect(notes).toContainEqual(expect.stringContaining("review_read is left out"));
  });

  test("takes day and addresses from the options, then from bff.yaml, then from the record", () => {
    const key = keyOf(REVIEWS_BFF.replace("permissions", "expires: 2999-06-30\n    permissions"));
    const existing = {
      id: 7,
      label: "old",
      description: "Ours",
      userId: 1,
      role: "ORG_ADMIN",
      type: "bot",
      disabled: false,
      expires: "2999-01-01",
      lastUsed: undefined,
      created: undefined,
      addresses: ["203.0.113.7"],
      restricted: false,
      effective: [],
      listed: [],
    };
    const context = { book: BOOK, today: TODAY, existing };
    expect(leastPrivilege(key, { expires: "2999-12-31", addresses: ["198.51.100.1"] }, context).body).toMatchObject({
      description: "Ours",
      expiration_date: "2999-12-31",
      ip_whitelist: ["198.51.100.1"],
    });
    expect(leastPrivilege(key, NO_WISHES, context).body).toMatchObject({ expiration_date: "2999-06-30", ip_whitelist: ["203.0.113.7"] });
    expect(leastPrivilege(keyOf(REVIEWS_BFF), NO_WISHES, context).body.expiration_date).toBe("2999-01-01");
    expect(leastPrivilege(key, { expires: null, addresses: [] }, context).body.expiration_date).toBeNull();
  });

  test.each([TODAY, "2026-11-21"])("refuses to let a key expire on %s", (day) => {
    const wishes = { expires: day, addresses: [] };
    expect(() => leastPrivilege(keyOf(REVIEWS_BFF), wishes, { book: BOOK, today: TODAY })).toThrow("a day after 2026-11-22");
  });
});
