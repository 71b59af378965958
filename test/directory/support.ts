/** Keys, records and an index for the tests of the directory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { KeyRing } from "../../src/keys.ts";
import type { KeyPolicy } from "../../src/policy.ts";
import type { Business, DirectoryRoutes, RecordReader, StoreRecord } from "../../src/directory/store-record.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createRecordReader } from "../../src/directory/store-record.ts";
import { FIRST_ORGANIZATION } from "../../src/sandbox/keys.ts";
import { createStores } from "../../src/sandbox/stores.ts";
import { openKeyRing } from "../../src/keys.ts";
import { CANARY_KEY, writeConfig } from "../support/proxy.ts";

export const ALL_FIELDS =
  "id, code, name, status, opening_date, address_full, city, zipcode, country, lat, long, open_hours, specific_hours, categories, website_url, photos, phone";

export interface DirectoryOptions {
  /** Of the list. */
  readonly fields?: string;
  /** Of one store; default those of the list. */
  readonly pageFields?: string;
  readonly force?: string;
}

export interface DirectoryRig {
  readonly key: KeyPolicy;
  readonly routes: DirectoryRoutes;
  readonly keys: KeyRing;
  readonly reader: RecordReader;
}

/** A key that shows stores, from a configuration as an operator writes it. */
export function directoryRig({ fields = ALL_FIELDS, pageFields = fields, force = "{}" }: DirectoryOptions = {}): DirectoryRig {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-directory-"));
  const bff = `version: 1
organizations: { acme: { quota: 300/min } }
keys:
  locator-read:
    organization: acme
    permissions: [review_read]
    allow:
      GET /business/search: { query: { page: {} }, force: ${force}, fields: [${fields}], custom_fields: [Parking, Drive] }
      GET /business/{business_id}: { fields: [${pageFields}], custom_fields: [Parking, Drive] }
`;
  const { policy, diagnostics } = loadConfig(writeConfig(directory, { bff }));
  rmSync(directory, { recursive: true, force: true });
  const key = policy?.keys.get("locator-read");
  if (key === undefined) throw new Error(JSON.stringify(diagnostics));
  const env = { PARTOO_KEY_LOCATOR_READ: CANARY_KEY };
  const { keys } = openKeyRing(["locator-read"], env, { origin: "https://partoo.example", logger: pino({ level: "silent" }) });
  const [search, single] = key.routes as [KeyPolicy["routes"][number], KeyPolicy["routes"][number]];
  const routes = { search, single };
  return { key, routes, keys, reader: createRecordReader(routes, keys) };
}

/** A store that is always complete enough to be found. @param nth its id and code */
export function aStore(nth: number, different: Business = {}): Business {
  return { id: nth.toString(16).padStart(24, "0"), code: `S-${nth}`, name: `Acme ${nth}`, status: "open", country: "FR", ...different };
}

export function recordsOf(reader: RecordReader, stores: readonly Business[]): readonly StoreRecord[] {
  return stores.flatMap((store) => reader.read(store) ?? []);
}

/** Stores of the sandbox, with its oddities. */
export function sandboxStores(count: number): readonly Business[] {
  return createStores({ count, seed: 1, organization: FIRST_ORGANIZATION, brand: "Acme", today: new Date("2026-11-22") });
}
