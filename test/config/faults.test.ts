/** Each broken configuration in test/fixtures/config is named with its line, its code and its severity. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";

const FIXTURES = "test/fixtures/config";
const TODAY = Date.parse("2026-06-01T12:00:00Z");

/** Folder, then each fault as FILE:LINE code, in order. Warnings begin with "~". Counted by hand in the files. */
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  sound: [],
  "allow-empty": ["bff.yaml:8 option-invalid"],
  "cache-fresh": ["bff.yaml:13 cache-fresh"],
  "cache-unknown": ["bff.yaml:13 option-unknown"],
  "custom-fields-empty": ["bff.yaml:13 option-empty"],
  "custom-fields-unsupported": ["bff.yaml:13 custom-fields-unsupported"],
  "default-refused": ["bff.yaml:11 value-refused"],
  duration: ["bff.yaml:13 option-invalid"],
  "duration-in-map": ["bff.yaml:15 option-invalid"],
  "expires-no-day": ["bff.yaml:8 option-invalid"],
  "field-custom": ["bff.yaml:12 field-unknown"],
  "field-personal": ["bff.yaml:14 field-personal"],
  "field-through-alias": ["bff.yaml:14 field-unknown"],
  "field-twice": ["bff.yaml:12 duplicate"],
  "field-unknown": ["bff.yaml:14 field-unknown"],
  "fields-empty": ["bff.yaml:12 option-empty"],
  "fields-missing": ["bff.yaml:9 option-missing"],
  "file-empty": ["bff.yaml:1 option-invalid"],
  "file-missing": ["bff.yaml:1 file-missing"],
  "file-name": ["frontends/Shop_1.yaml:1 frontend-name"],
  "file-yml": ["frontends/shop.yml:1 file-extension"],
  "force-list": ["bff.yaml:13 value-refused"],
  "force-number": ["bff.yaml:13 value-refused"],
  "force-refused": ["bff.yaml:13 value-refused"],
  "force-word": ["bff.yaml:13 value-refused"],
  "frontend-reserved": ["frontends/healthz.yaml:1 frontend-reserved"],
  "frontend-unreachable": ["frontends/site.yaml:2 frontend-unreachable"],
  "key-collision": ["bff.yaml:21 name-collision"],
  "key-name": ["bff.yaml:5 name-invalid", "frontends/site.yaml:1 option-invalid"],
  "key-suffix": ["bff.yaml:5 name-suffix"],
  "key-unknown": ["frontends/site.yaml:1 key-unknown"],
  "narrowing-contradiction": ["bff.yaml:11 narrowing-contradiction"],
  "narrowing-enum-number": ["bff.yaml:11 narrowing-type"],
  "narrowing-keyword": ["bff.yaml:11 option-unknown"],
  "narrowing-list": ["bff.yaml:11 narrowing-type"],
  "narrowing-pattern": ["bff.yaml:11 narrowing-pattern"],
  "narrowing-pattern-slow": ["bff.yaml:11 narrowing-pattern"],
  "narrowing-quoted": ["bff.yaml:11 option-invalid"],
  "narrowing-type": ["bff.yaml:11 narrowing-type"],
  "narrowing-widens": ["bff.yaml:13 narrowing-widens"],

  "only-not-allowed": ["frontends/site.yaml:5 only-not-allowed"],
  "option-swapped": ["frontends/site.yaml:1 option-missing", "frontends/site.yaml:1 option-unknown"],
  "option-secret": ["bff.yaml:8 option-unknown"],
  "option-unknown": ["~bff.yaml:5 key-unrestricted", "bff.yaml:7 option-unknown"],
  "organization-unknown": ["bff.yaml:6 organization-unknown"],
  "origin-case": ["frontends/site.yaml:4 origin-case"],
  "origin-case-app": ["frontends/site.yaml:2 origin-case"],
  "origin-credentials": ["frontends/site.yaml:4 origin-credentials"],
  "origin-file": ["frontends/site.yaml:4 origin-invalid"],
  "origin-http": ["frontends/site.yaml:4 origin-http"],
  "origin-no-scheme": ["frontends/site.yaml:4 origin-invalid"],
  "origin-null": ["frontends/site.yaml:4 origin-null"],
  "origin-path": ["frontends/site.yaml:4 origin-path"],
  "origin-port": ["frontends/site.yaml:4 origin-port"],
  "origin-slash": ["frontends/site.yaml:4 origin-slash"],
  "origin-twice": ["frontends/site.yaml:4 duplicate"],
  "origin-wildcard": ["frontends/site.yaml:4 origin-wildcard"],
  "parameter-forced-too": ["bff.yaml:13 parameter-forced"],
  "parameter-null": ["bff.yaml:11 option-invalid"],
  "parameter-org-id": ["bff.yaml:12 parameter-unknown"],
  "parameter-required": ["bff.yaml:9 parameter-required"],
  "parameter-unknown": ["bff.yaml:11 parameter-unknown"],
  rate: ["frontends/site.yaml:4 option-invalid"],
  "reserve-whole": ["bff.yaml:5 quota-empty"],
  "route-no-method": ["bff.yaml:9 route-format"],
  "route-parameter-name": ["bff.yaml:9 route-unknown"],
  "route-post": ["bff.yaml:9 route-method"],
  "route-refused": ["bff.yaml:9 route-refused"],
  "route-unknown": ["bff.yaml:9 route-unknown"],
  "secret-pem": ["frontends/site.yaml:3 secret-in-config"],
  "secret-permission": ["bff.yaml:7 secret-in-config"],
  "secret-value": ["bff.yaml:8 secret-in-config"],
  "server-suffix": ["frontends/site.yaml:4 name-suffix"],
  "session-word": ["frontends/site.yaml:3 option-invalid"],
  several: [
    "bff.yaml:3 option-invalid",
    "bff.yaml:6 organization-unknown",
    "bff.yaml:11 parameter-unknown",
    "bff.yaml:12 option-unknown",
    "bff.yaml:13 field-unknown",
    "bff.yaml:13 field-personal",
    "bff.yaml:14 route-unknown",
    "frontends/site.yaml:1 key-unknown",
    "frontends/site.yaml:2 origin-slash",
    "frontends/site.yaml:3 option-unknown",
  ],
  "jwks-address": ["frontends/site.yaml:8 option-invalid"],
  "jwks-http": ["frontends/site.yaml:8 option-invalid"],
  "subject-twice": ["frontends/site.yaml:11 duplicate"],
  "warn-proof-apps": ["~frontends/site.yaml:4 proof-apps"],
  "warn-proof-firebase": ["~frontends/site.yaml:6 proof-firebase", "~frontends/site.yaml:7 proof-firebase"],
  "warn-session-unused": ["~frontends/site.yaml:3 session-unused"],
  "proof-unused": ["~frontends/site.yaml:3 proof-unused"],
  "proof-unused-jwt": ["~frontends/site.yaml:3 proof-unused"],
  "share-empty": ["frontends/site.yaml:3 share-empty"],
  "stores-force": ["frontends/site.yaml:3 stores-force"],
  "stores-routes": ["frontends/site.yaml:3 stores-routes"],
  "stores-sound": [],
  "stores-sweep": ["frontends/site.yaml:3 stores-sweep"],
  "sweep-routes": ["bff.yaml:8 sweep-routes"],
  "version-missing": ["bff.yaml:1 option-missing"],
  "version-quoted": ["bff.yaml:1 option-invalid"],
  "version-wrong": ["bff.yaml:1 option-invalid"],
  "warn-cache-browser": ["~bff.yaml:13 cache-browser"],
  "warn-cache-stale": ["~bff.yaml:13 cache-stale"],
  "warn-expose-personal": ["~bff.yaml:13 expose-personal-unneeded"],
  "warn-file-ignored": ["~shop.yaml:1 file-ignored"],
  "warn-frontends-missing": ["~bff.yaml:1 frontends-missing"],
  "warn-key-expired": ["~bff.yaml:8 key-expired"],
  "warn-key-expires-soon": ["~bff.yaml:8 key-expires-soon"],
  "warn-key-unrestricted": ["~bff.yaml:5 key-unrestricted"],
  "warn-key-unused": ["~bff.yaml:13 key-unused"],
  "warn-organization-unused": ["~bff.yaml:4 organization-unused"],
  "warn-organization-without-frontend": ["~bff.yaml:4 organization-without-frontend", "~bff.yaml:14 key-unused"],
  "warn-permission-missing": ["~bff.yaml:9 permission-missing"],
  "warn-permission-unused": ["~bff.yaml:7 permission-unused"],
  "warn-quota-thin": ["~bff.yaml:3 quota-thin"],
  "warn-stores-hours": ["~frontends/site.yaml:3 stores-hours"],
  "warn-stores-position": ["~frontends/site.yaml:3 stores-position"],
  "yaml-alias-bomb": ["bff.yaml:1 yaml-too-large"],
  "yaml-alias-circle": ["bff.yaml:12 yaml-alias"],
  "yaml-alias-unknown": ["bff.yaml:12 yaml-alias"],
  "yaml-duplicate": ["bff.yaml:8 yaml-duplicate"],
  "yaml-flow-route": ["frontends/site.yaml:3 yaml-syntax"],
  "yaml-flow-map": ["bff.yaml:9 yaml-syntax"],
  "yaml-flow-route-lines": ["frontends/site.yaml:5 yaml-syntax"],
  "yaml-merge-key": ["~bff.yaml:4 organization-unused", "bff.yaml:5 yaml-merge-key"],
  "yaml-tab": ["bff.yaml:3 yaml-syntax"],
  "yaml-tag": ["bff.yaml:6 yaml-tag"],
  "yaml-two-documents": ["frontends/site.yaml:3 yaml-syntax"],
  "yaml-unclosed": ["frontends/site.yaml:2 yaml-syntax"],
  "yaml-wildcard": ["frontends/site.yaml:2 yaml-syntax"],
};

/** Folder, and what its error must say: the way out. */
const WAYS_OUT: readonly (readonly [folder: string, code: string, hint: string])[] = [
  ["option-unknown", "option-unknown", '"permissions"'],
  ["cache-unknown", "option-unknown", '"stale"'],
  ["parameter-unknown", "parameter-unknown", '"city"'],
  ["field-unknown", "field-unknown", '"address_full"'],
  ["field-through-alias", "field-unknown", '"name"'],
  ["key-unknown", "key-unknown", '"reader"'],
  ["organization-unknown", "organization-unknown", '"acme"'],
  ["session-word", "option-invalid", '"on-miss"'],
  ["route-unknown", "route-unknown", '"GET /business/search"'],
  ["route-parameter-name", "route-unknown", '"GET /business/{business_id}"'],
  ["route-no-method", "route-format", '"GET /business/search"'],
  ["route-post", "route-method", "server-to-server"],
  ["route-refused", "route-refused", "API keys"],
  ["field-personal", "field-personal", "expose_personal: true"],
  ["field-custom", "field-unknown", "custom_fields: ["],
  ["yaml-flow-route", "yaml-syntax", "double quotes"],
  ["yaml-flow-route-lines", "yaml-syntax", "double quotes"],
  ["yaml-flow-map", "yaml-syntax", "double quotes"],
  ["yaml-unclosed", "yaml-syntax", "close it"],
  ["yaml-alias-circle", "yaml-alias", "write the value out"],
  ["force-number", "value-refused", "quotes"],
  ["yaml-merge-key", "yaml-merge-key", "fields: *store"],
  ["origin-path", "origin-path", "https://stores.acme.example"],
  ["origin-case", "origin-case", "https://stores.acme.example"],
  ["origin-http", "origin-http", "DEV_ORIGINS"],
  ["narrowing-list", "narrowing-type", "items: { enum"],
  ["option-secret", "option-unknown", "PARTOO_KEY_<NAME>"],
  ["version-quoted", "option-invalid", "write 1 without quotes"],
  ["narrowing-quoted", "option-invalid", "write 20 without quotes"],
  ["allow-empty", "option-invalid", "GET /business/search:"],
  ["option-swapped", "option-unknown", '"key"'],
  ["origin-case-app", "origin-case", "capacitor://localhost"],
  ["file-yml", "file-extension", "shop.yaml"],
];

function faultsOf(folder: string): readonly string[] {
  const directory = join(FIXTURES, folder);
  return loadConfig(directory, { now: () => TODAY }).diagnostics.map(({ file, line, severity, code }) => {
    return `${severity === "warning" ? "~" : ""}${relative(directory, file)}:${line} ${code}`;
  });
}

describe("a fault is named with its file, line and code", () => {
  test.each(Object.entries(FAULTS))("%s", (folder, expected) => {
    expect(faultsOf(folder)).toEqual(expected);
  });

  test("every folder of broken configurations is in the table", () => {
    expect(Object.keys(FAULTS).toSorted()).toEqual(readdirSync(FIXTURES).toSorted());
  });
});

describe("a fault shows the way out", () => {
  test.each(WAYS_OUT)("%s", (folder, code, hint) => {
    const found = loadConfig(join(FIXTURES, folder)).diagnostics.find((fault) => fault.code === code);
    expect(`${found?.message} ${found?.hint}`).toContain(hint);
  });
});

test("where nothing stands and something must, {} is no way out", () => {
  const [fault] = loadConfig(join(FIXTURES, "allow-empty")).diagnostics;
  expect(fault?.hint).not.toContain("{}");
});

test.each([
  ["2026-05-08", undefined],
  ["2026-05-09", "in 30 days"],
  ["2026-06-01", "in 7 days"],
  ["2026-06-07", "in 1 day"],
  ["2026-06-08", "today"],
])("on %s, a key of 2026-06-08 expires %s", (day, words) => {
  for (const time of ["T00:00:00Z", "T23:59:59Z"]) {
    const found = loadConfig(join(FIXTURES, "warn-key-expires-soon"), { now: () => Date.parse(day + time) }).diagnostics;
    expect(found.map(({ message }) => message)).toEqual(words === undefined ? [] : [`this key expires ${words}`]);
  }
});

test.each(Object.entries(FAULTS))("an error means no policy, a warning does not: %s", (folder, faults) => {
  const { policy } = loadConfig(join(FIXTURES, folder), { now: () => TODAY });
  expect(policy === undefined).toBe(faults.some((fault) => !fault.startsWith("~")));
});
