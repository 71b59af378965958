/** The configuration that is attacked: the shipped one, and beside it an organization, a key and frontends that use every option. */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Endpoint, FieldSchema } from "../src/partoo/endpoint.ts";
import { CATALOGUE } from "../src/partoo/catalogue.ts";

/** A route as a key is allowed it. */
export interface AllowedRoute {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly force?: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly custom_fields?: readonly string[];
}

/** bff.yaml as far as the attack has to know it. */
interface BffFile {
  readonly organizations: Record<string, object>;
  readonly keys: Record<string, { readonly allow: Readonly<Record<string, AllowedRoute>> }>;
}

const SHIPPED = join(import.meta.dirname, "../config");

/** An Ed25519 key that is the same in every run: RFC 8410's prefix and 32 bytes. */
const WEBHOOK_KEY = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]),
  format: "der",
  type: "pkcs8",
});
export const WEBHOOK_FIELD = "X-Bff-Hook";

/** Value of x-partoo-signature-v1. */
export function signWebhook(body: Buffer): string {
  return sign(null, body, WEBHOOK_KEY).toString("base64");
}

const ORIGINS_OF_MOST = ["https://one.example", "https://two.example:8443", "capacitor://localhost", "https://stores.acme.example"];
const WIDE = { requests: "9999999/s", misses: "9999999/s" };
const SESSIONS = { key: "loose-read", origins: ORIGINS_OF_MOST, apps: true, limits: WIDE } as const;
/** Nobody listens there: no key set is ever read. */
const NO_ISSUER = { jwt: { issuer: "https://issuer.example", audience: "fuzz", jwks: "http://127.0.0.1:1/jwks" } };
const FRONTENDS: Readonly<Record<string, object>> = {
  visits: { ...SESSIONS, session: "on-miss" },
  members: { ...SESSIONS, session: "required", servers: ["web"], stores: true },
  puzzled: { ...SESSIONS, session: "on-miss", proof: { altcha: { cost: 100 } } },
  vouched: { ...SESSIONS, session: "required", proof: NO_ISSUER },
  wide: {
    key: "loose-read",
    origins: ORIGINS_OF_MOST,
    apps: true,
    servers: ["web"],
    stores: true,
    limits: WIDE,
  },
  single: { key: "loose-read", origins: ["https://one.example"], limits: WIDE },
  narrow: {
    key: "loose-read",
    apps: true,
    only: ["GET /posts", "GET /categories"],
    limits: { requests: "20/s", misses: "5/s" },
    share: "10%",
  },
  told: {
    key: "loose-read",
    origins: ORIGINS_OF_MOST,
    apps: true,
    stores: true,
    limits: { requests: "5/min", misses: "1/min", mode: "report" },
  },
};

/** Asks for a session always. */
export const MEMBERS = "members";

/** Names of all frontends, the shipped ones included. */
export const FRONTEND_NAMES: readonly string[] = ["store-locator", "mobile-app", ...Object.keys(FRONTENDS)];
export const ORIGINS: readonly string[] = ORIGINS_OF_MOST;

/** Writes DIR/config. @returns its path, and what its keys may be used for by key and route: `GET /posts` */
export function writeWorldConfig(directory: string): {
  readonly path: string;
  readonly allowed: ReadonlyMap<string, Readonly<Record<string, AllowedRoute>>>;
} {
  const path = join(directory, "config");
  cpSync(SHIPPED, path, { recursive: true });
  const bff = parse(readFileSync(join(SHIPPED, "bff.yaml"), "utf8")) as BffFile;
  const publicKey = createPublicKey(WEBHOOK_KEY).export({ type: "spki", format: "der" }).toString("base64");
  bff.organizations["acme"] = { ...bff.organizations["acme"], webhooks: { public_key: publicKey } };
  bff.organizations["loose"] = { quota: "999999/min", reserve: "0%", webhooks: { header: WEBHOOK_FIELD } };
  bff.keys["loose-read"] = { organization: "loose", allow: looseRoutes() } as BffFile["keys"][string];
  writeFileSync(join(path, "bff.yaml"), JSON.stringify(bff));
  mkdirSync(join(path, "frontends"), { recursive: true });
  for (const [name, content] of Object.entries(FRONTENDS)) writeFileSync(join(path, "frontends", `${name}.yaml`), JSON.stringify(content));
  return { path, allowed: new Map(Object.entries(bff.keys).map(([name, { allow }]) => [name, allow])) };
}

/** Every endpoint of the catalogue with every parameter and every field that is about nobody, kept for a second. */
function looseRoutes(): Readonly<Record<string, AllowedRoute>> {
  return Object.fromEntries(
    [...CATALOGUE.values()].map((endpoint) => [
      `GET ${endpoint.template}`,
      {
        query: Object.fromEntries(Object.keys(endpoint.query).map((name) => [name, {}])),
        fields: impersonalFields(endpoint),
        ...(endpoint.customFields ? { custom_fields: ["Parking"] } : {}),
        cache: { fresh: "1s", stale: "3s" },
      },
    ]),
  );
}

function impersonalFields({ fields, shorthands }: Endpoint): readonly string[] {
  const impersonal = Object.keys(fields).filter((name) => !isPersonal(fields[name]));
  return [...impersonal, ...Object.keys(shorthands)];
}

/** Whether a field, or a member of it, is about a person. */
export function isPersonal(schema: FieldSchema | undefined): boolean {
  if (schema === undefined) return false;
  if (schema.personal !== undefined || isPersonal(schema.items)) return true;
  return [...Object.values(schema.properties ?? {}), ...(schema.options ?? [])].some(isPersonal);
}
