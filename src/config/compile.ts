/** Compiles a checked configuration into the one frozen policy that requests are decided by. */
import type { Frontend, KeyPolicy, Organization, Policy, Route, WebhookPolicy } from "../policy.ts";
import type { ProofPolicy } from "../session/proofs.ts";
import type { Location } from "./diagnostic.ts";
import type { ParameterReaders } from "./parameters.ts";
import type { Place } from "./place.ts";
import type { BffFile, FrontendFile } from "./schema.ts";
import { createHash } from "node:crypto";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import { readJwksUrl } from "../session/jwks-url.ts";
import { compileRoute, METHOD } from "./compile-route.ts";
import * as defaults from "./defaults.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { member } from "./place.ts";
import { required } from "./required.ts";
import { callsPerMinute, percentage, rate } from "./units.ts";

/** A file's typed value and its places. */
interface Checked<Config> {
  readonly config: Config;
  readonly root: Place;
}

/** A configuration without a fault. */
export interface CompileInput {
  readonly bff: Checked<BffFile>;
  /** By name, sorted. */
  readonly frontends: ReadonlyMap<string, Checked<FrontendFile>>;
}

export interface CompileOptions {
  readonly readers: ParameterReaders;
  /** Origins that every frontend takes besides its own. */
  readonly devOrigins?: readonly string[];
}

const VERSION_LENGTH = 12;

/**
 * The policy of a configuration in which loading found no error.
 * @throws TypeError when it was not checked: a name that leads nowhere, a value that a reader refuses
 */
export function compilePolicy(input: CompileInput, options: CompileOptions): Policy {
  const { bff } = input;
  const organizations = new Map(
    Object.entries(bff.config.organizations).map(([name, file]) => [
      name,
      compileOrganization(name, file, member(member(bff.root, "organizations"), name)),
    ]),
  );
  const keys = new Map<string, KeyPolicy>();
  for (const [name, file] of Object.entries(bff.config.keys)) {
    const place = required(member(member(bff.root, "keys"), name), name);
    const organization = required(organizations.get(file.organization), file.organization);
    const routes = Object.entries(file.allow).map(([route, allowed]) =>
      compileRoute(allowed, { name: route, place: required(member(member(place, "allow"), route), route) }, options.readers),
    );
    const inPartoo = {
      ...(file.permissions === undefined ? {} : { permissions: file.permissions }),
      ...(file.expires === undefined ? {} : { expires: file.expires }),
    };
    keys.set(name, { name, organization, ...inPartoo, routes, sweep: file.sweep ?? showsStores(routes), where: place.nameAt });
  }
  const frontends = new Map<string, Frontend>();
  for (const [name, { config, root }] of input.frontends) {
    const key = required(keys.get(config.key), config.key);
    frontends.set(name, compileFrontend(config, { name, key, where: { ...root.nameAt } }, options.devOrigins ?? []));
  }
  return deepFreeze({ version: versionOf(input, options), organizations, keys, frontends });
}

function compileOrganization(name: string, file: BffFile["organizations"][string], at: Place | undefined): Organization {
  const quotaPerMinute = file.quota ?? callsPerMinute.parse(defaults.DEFAULT_QUOTA);
  const reserve = file.reserve ?? percentage.parse(defaults.DEFAULT_RESERVE);
  return {
    name,
    quotaPerMinute,
    reservePerMinute: Math.ceil(quotaPerMinute * reserve),
    instances: file.instances ?? defaults.DEFAULT_INSTANCES,
    ...(file.webhooks === undefined ? {} : { webhooks: compileWebhooks(file.webhooks, required(member(at, "webhooks"), name).nameAt) }),
  };
}

function compileWebhooks(file: NonNullable<BffFile["organizations"][string]["webhooks"]>, where: Location): WebhookPolicy {
  return "header" in file ? { kind: "header", field: file.header, where } : { kind: "signature", publicKey: file.public_key, where };
}

/** Whether both routes that show stores are there: then holding all of them pays. */
function showsStores(routes: readonly Route[]): boolean {
  return [BUSINESS_SEARCH, BUSINESS_BY_ID].every(({ template }) => routes.some((route) => route.template === template));
}

function compileFrontend(file: FrontendFile, known: Pick<Frontend, "name" | "key" | "where">, devOrigins: readonly string[]): Frontend {
  const { key } = known;
  const origins = new Set([...(file.origins ?? []), ...devOrigins]);
  const [soleOrigin] = origins;
  const only = file.only === undefined ? undefined : new Set(file.only.map((route) => route.slice(METHOD.length)));
  return {
    ...known,
    routes: key.routes.filter(({ template }) => only === undefined || only.has(template)),
    origins,
    ...(origins.size === 1 && soleOrigin !== undefined ? { soleOrigin } : {}),
    apps: file.apps ?? false,
    servers: new Set(file.servers ?? []),
    session: file.session ?? "none",
    proof: compileProof(file.proof ?? "none"),
    limits: {
      requests: file.limits?.requests ?? rate.parse(defaults.DEFAULT_REQUESTS),
      misses: file.limits?.misses ?? rate.parse(defaults.DEFAULT_MISSES),
      reportOnly: file.limits?.mode === "report",
    },
    share: file.share ?? percentage.parse(defaults.DEFAULT_SHARE),
    stores: file.stores ?? false,
  };
}

function compileProof(file: NonNullable<FrontendFile["proof"]>): ProofPolicy {
  if (typeof file === "string") return { kind: file };
  if ("altcha" in file) return { kind: "altcha", cost: file.altcha.cost };
  const { issuer, audience, jwks, subjects } = file.jwt;
  return { kind: "jwt", issuer, audience, jwks: readJwksUrl(jwks), ...(subjects === undefined ? {} : { subjects: new Set(subjects) }) };
}

/** Changes with what the configuration says, not with how it is laid out. */
function versionOf({ bff, frontends }: CompileInput, { devOrigins = [] }: CompileOptions): string {
  const content = [bff.config, [...frontends].map(([name, { config }]) => [name, config]), devOrigins];
  return createHash("sha256").update(JSON.stringify(content, sortedMembers)).digest("hex").slice(0, VERSION_LENGTH);
}

function sortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
