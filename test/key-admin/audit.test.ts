/** `keys audit` against the sandbox: a sound key, then each defect alone. */
import { afterEach, describe, expect, test } from "vitest";
import type { SandboxKey } from "../../src/sandbox/keys.ts";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { KeysRig } from "./support.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { ADMIN, ADMIN_KEY, bff, createKeysRig, inDays, NEXT, REVIEWS_BFF, SOUND_KEY, VALUE } from "./support.ts";

let open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open) await close();
  open = [];
});

async function openRig(keys: readonly SandboxKey[], yaml = REVIEWS_BFF): Promise<{ rig: KeysRig; sandbox: RunningSandbox }> {
  const sandbox = await startSandbox({ stores: 10, keys: [ADMIN_KEY, ...keys] });
  const rig = createKeysRig(sandbox.url, yaml);
  open.push(
    () => sandbox.close(),
    () => rig.remove(),
  );
  return { rig, sandbox };
}

test("says nothing of a sound key but what is known of it", async () => {
  const { rig } = await openRig([SOUND_KEY]);
  const { code, out, err } = await rig.run(["audit"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^reader: key \d+ of Partoo, labelled "reader", main integration, ORG_ADMIN, last used [\d-]+, never expires$/);
});

const ATTRIBUTES = bff(
  "{ 'GET /business/{business_id}/attributes': { query: { country: {} }, fields: [gmb_id] } }",
  "permissions: [business_edit_attributes]",
);

const DEFECTS: readonly [string, readonly string[], Partial<SandboxKey>, string?][] = [
  [
    "expired",
    ["key-expired"],
    { expires: "2025-01-31" },
    bff("{ GET /reviews: { fields: [id] } }", `permissions: [review_read]\n    expires: 2025-01-31`),
  ],
  ["expired today", ["key-expired"], { expires: inDays(0) }, REVIEWS_BFF.replace("permissions", `expires: ${inDays(0)}\n    permissions`)],
  [
    "expiring tomorrow",
    ["key-expiring"],
    { expires: inDays(1) },
    REVIEWS_BFF.replace("permissions", `expires: ${inDays(1)}\n    permissions`),
  ],
  [
    "expiring in 7 days",
    ["key-expiring"],
    { expires: inDays(7) },
    REVIEWS_BFF.replace("permissions", `expires: ${inDays(7)}\n    permissions`),
  ],
  [
    "expiring in 30 days",
    ["key-expiring"],
    { expires: inDays(30) },
    REVIEWS_BFF.replace("permissions", `expires: ${inDays(30)}\n    permissions`),
  ],
  [
    "expiring in 31 days: no defect",
    [],
    { expires: inDays(31) },
    REVIEWS_BFF.replace("permissions", `expires: ${inDays(31)}\n    permissions`),
  ],
  ["revoked", ["key-disabled"], { disabled: true }],
  ["a day that bff.yaml does not have", ["expires-differs"], { expires: "2999-06-30" }],
  ["no day, where bff.yaml has one", ["expires-differs"], {}, REVIEWS_BFF.replace("permissions", "expires: 2999-06-30\n    permissions")],
  [
    "another day than bff.yaml has",
    ["expires-differs"],
    { expires: "2999-06-30" },
    REVIEWS_BFF.replace("permissions", "expires: 2999-07-01\n    permissions"),
  ],
  ["no addresses", ["key-from-anywhere"], { ipWhitelist: [] }],
  ["a range that is all addresses", ["key-from-anywhere"], { ipWhitelist: ["0.0.0.0/0"] }],
  ["a permission too few", ["permission-missing"], { permissions: [] }],
  ["a parent too few", ["permission-missing"], { permissions: ["business_edit_attributes"] }, ATTRIBUTES],
  ["child and parent: no defect", [], { permissions: ["business_edit", "business_edit_attributes"] }, ATTRIBUTES],
  ["a permission too many", ["permission-unused"], { permissions: ["review_read", "business_edit"] }],
  ["a permission that its role can't have", ["permission-ineffective"], { role: "PUBLISHER" }],
  ["permissions that bff.yaml does not list", ["permissions-differ"], {}, bff("{ GET /reviews: { fields: [id] } }", "permissions: []")],
  ["a restriction that bff.yaml does not know of", ["permissions-differ"], {}, bff("{ GET /reviews: { fields: [id] } }")],
  ["personal", ["key-personal"], { type: "user" }],
  ["not used for a month", ["key-unused"], { lastUsed: `${inDays(-30)} 11:46:38.914467+00` }],
  ["another label", ["record-missing"], { label: "Store locator" }],
];

describe("finds exactly the defect", () => {
  test.each(DEFECTS)("%s", async (_name, codes, planted, yaml) => {
    const { rig } = await openRig([{ ...SOUND_KEY, ...planted }], yaml);
    const { codes: found, ran } = await rig.audit();
    expect(found).toEqual(codes);
    expect(ran.code).toBe(codes.length === 0 ? 0 : 1);
  });

  test("never used, since it was made long ago", async () => {
    const { lastUsed: _, ...neverUsed } = SOUND_KEY;
    const { rig } = await openRig([neverUsed]);
    expect((await rig.audit()).codes).toEqual(["key-unused"]);
  });

  test("unrestricted", async () => {
    const { permissions: _, ...unrestricted } = SOUND_KEY;
    const { rig } = await openRig([unrestricted]);
    expect((await rig.audit()).codes).toEqual(["key-unrestricted"]);
  });

  test("two usable keys of one name", async () => {
    const { rig } = await openRig([SOUND_KEY, { ...SOUND_KEY, value: "another-one" }]);
    expect((await rig.audit()).codes).toEqual(["several-records"]);
  });
});

test("tells a finding with its place, the way out and no excerpt", async () => {
  const { rig } = await openRig([{ ...SOUND_KEY, permissions: [] }]);
  const { out, code } = await rig.run(["audit", "reader"]);
  expect(code).toBe(1);
  expect(out.split("\n").slice(1)).toEqual([
    expect.stringMatching(
      /bff\.yaml:7:\d+: error permission-missing: GET \/reviews needs review_read \(inferred; Partoo does not say so\); key \d+ of Partoo has not review_read$/,
    ),
    "  hint: keys update reader adds it",
  ]);
});

describe("the values of the environment", () => {
  test("are not asked about where the label decides", async () => {
    const { rig, sandbox } = await openRig([SOUND_KEY]);
    await rig.audit({ PARTOO_KEY_READER: VALUE });
    expect(sandbox.counters().by_path["/v2/user/me"]).toBe(1);
  });

  test("find the record by its user where no label does", async () => {
    const { rig } = await openRig([{ ...SOUND_KEY, label: "Store locator" }]);
    const { out, code } = await rig.run(["audit"], { PARTOO_KEY_READER: VALUE });
    expect(code).toBe(0);
    expect(out).toContain(`labelled "Store locator"`);
  });

  test("leave it open where the user has several keys", async () => {
    const own = { ...SOUND_KEY, type: "user" } as const;
    const { rig } = await openRig([
      { ...own, label: "one" },
      { ...own, label: "two", value: "another-one" },
    ]);
    expect((await rig.audit({ PARTOO_KEY_READER: VALUE })).codes).toEqual(["several-records"]);
  });

  test("are tried in a rotation: both accepted, two records, no defect", async () => {
    const { rig } = await openRig([SOUND_KEY, { ...SOUND_KEY, value: NEXT }]);
    const { out, code } = await rig.run(["audit"], { PARTOO_KEY_READER: VALUE, PARTOO_KEY_READER_NEXT: NEXT });
    expect(code).toBe(0);
    expect(out).toContain("reader (next): Partoo accepts its value");
  });

  test("are told when Partoo refuses the next one", async () => {
    const { rig } = await openRig([{ ...SOUND_KEY, ipWhitelist: [] }]);
    const { codes, ran } = await rig.audit({ PARTOO_KEY_READER: VALUE, PARTOO_KEY_READER_NEXT: NEXT });
    expect(codes).toEqual(["value-refused", "key-from-anywhere"]);
    expect(ran.out).toContain("reader (next)");
  });

  test("may be refused from here where the key has addresses", async () => {
    const elsewhere = { ...SOUND_KEY, ipWhitelist: ["203.0.113.7"] };
    const { rig } = await openRig([elsewhere]);
    const { out, code } = await rig.run(["audit"], { PARTOO_KEY_READER: VALUE, PARTOO_KEY_READER_NEXT: VALUE });
    expect(code).toBe(0);
    expect(out).toContain("Partoo refuses its value from this machine");
  });
});

test("another organization's keys are not seen, and nothing of any value is shown", async () => {
  const { rig, sandbox } = await openRig([SOUND_KEY]);
  const other = await rig.run(["audit"], { PARTOO_ADMIN_KEY: "sandbox-other-org" });
  expect([other.code, other.out]).toEqual([1, expect.stringContaining("record-missing")]);
  const printed = JSON.stringify([other, await rig.run(["audit"], { PARTOO_KEY_READER: VALUE, PARTOO_KEY_READER_NEXT: NEXT })]);
  for (const value of [ADMIN, VALUE, NEXT, "sandbox-other-org"]) {
    expect(printed).not.toContain(value);
    expect(sandbox.lastCalls().join("\n")).not.toContain(value);
  }
});

test("a label that holds a key or moves the cursor is not shown as it is", async () => {
  const label = "old \u001b[2J key Zx81Qk29Lm37Vb46Np58Rt sold";
  const { rig } = await openRig([{ ...SOUND_KEY, label }]);
  const { out } = await rig.run(["audit"], { PARTOO_KEY_READER: VALUE });
  expect(out).toContain('labelled "old ·[2J key ••');
  expect(out).not.toContain("Zx81Qk29Lm37Vb46Np58Rt");
});
