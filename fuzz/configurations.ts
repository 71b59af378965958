/** Configurations: of the form that the schema asks for, nearly of it, and text that is none. */
import { stringify } from "yaml";
import type { Random } from "../src/sandbox/random.ts";
import type { Endpoint } from "../src/partoo/endpoint.ts";
import { CATALOGUE } from "../src/partoo/catalogue.ts";
import { REFUSED } from "../src/partoo/refused-table.ts";
import type { Care } from "./choices.ts";
import {
  EXPIRES,
  FILE_NAME,
  FRESH,
  IDS_AND_WORDS,
  INSTANCES,
  JUNK,
  MODE,
  ORIGIN,
  PATTERNS,
  PERCENTAGE,
  PERMISSIONS,
  PROOF,
  QUOTA,
  RATE,
  SERVER,
  SESSION,
  STALE,
  WEBHOOKS,
  choose,
} from "./choices.ts";
import { gibberish, spoil, word } from "./words.ts";

/** Texts of files by path below the folder of a configuration. */
export type ConfigurationFiles = Readonly<Record<string, string>>;

const ENDPOINTS: readonly Endpoint[] = [...CATALOGUE.values()];

/** The same stream gives the same files. More than a third of them load. */
export function createConfiguration(random: Random): ConfigurationFiles {
  const care: Care = { random, slips: random.chance(0.6) ? 0 : 0.06 };
  const changes = random.chance(0.7) ? 0 : 1 + random.integer(3);
  const bff = bffFile(care);
  const frontends = Array.from({ length: 1 + random.integer(2) }, (_, nth) => [
    `frontends/${String(choose(care, FILE_NAME))}${nth}.yaml`,
    write(random, spoilTree(random, frontendFile(care, bff.keys.reader.allow), random.chance(0.9) ? 0 : 1)),
  ]);
  const tests = random.chance(0.1)
    ? { "tests/some.yaml": write(random, [{ name: "x", frontend: "site0", request: gibberish(random) }]) }
    : {};
  return { "bff.yaml": write(random, spoilTree(random, bff, changes)), ...Object.fromEntries(frontends), ...tests };
}

function write(random: Random, tree: unknown): string {
  const text = random.chance(0.4) ? JSON.stringify(tree) : stringify(tree, { aliasDuplicateObjects: random.chance(0.5) });
  if (random.chance(0.92)) return text;
  return random.chance(0.8) ? spoil(random, text) : gibberish(random, 20);
}

type Routes = Readonly<Record<string, object>>;

function bffFile(care: Care): {
  readonly keys: { readonly reader: Readonly<Record<string, unknown>> & { readonly allow: Routes } };
  readonly version: unknown;
  readonly organizations: object;
} {
  const { random, slips } = care;
  const both = random.chance(0.5)
    ? ["/business/search", "/business/{business_id}"].map((template) => CATALOGUE.get(template) as Endpoint)
    : [];
  const others = Array.from({ length: (both.length === 0 ? 1 : 0) + random.integer(4) }, () => random.pick(ENDPOINTS));
  const organization = some(random, {
    quota: () => choose(care, QUOTA),
    reserve: () => choose(care, PERCENTAGE),
    instances: () => choose(care, INSTANCES),
    webhooks: () => choose(care, WEBHOOKS),
  });
  const key = some(random, {
    permissions: () => choose(care, PERMISSIONS),
    expires: () => choose(care, EXPIRES),
    sweep: () => both.length > 0 && random.chance(0.5),
  });
  return {
    version: random.chance(slips) ? random.pick(JUNK) : 1,
    organizations: { acme: organization },
    keys: {
      reader: {
        organization: random.chance(slips) ? word(random) : "acme",
        ...key,
        allow: Object.fromEntries([...both, ...others].map((endpoint) => route(care, endpoint))),
      },
    },
  };
}

function route(care: Care, endpoint: Endpoint): readonly [name: string, file: object] {
  const { random, slips } = care;
  const refused = random.pick(REFUSED);
  const name = random.chance(slips) ? `${random.pick(["GET", refused.method])} ${refused.template}` : `GET ${endpoint.template}`;
  const required = endpoint.requiredQuery ?? [];
  const names = Object.keys(endpoint.query);
  const forced = pickSome(random, names).filter((parameter) => random.chance(0.3) && !required.includes(parameter));
  const asked = [...required, ...pickSome(random, names)].filter((parameter) => !forced.includes(parameter) || random.chance(slips));
  const fields = pickSome(random, [...Object.keys(endpoint.fields), ...Object.keys(endpoint.shorthands)]);
  return [
    name,
    {
      ...(asked.length === 0
        ? {}
        : {
            query: Object.fromEntries(
              asked.map((parameter) => [parameter, random.chance(0.7) ? {} : narrowing(care, endpoint, parameter)]),
            ),
          }),
      ...(forced.length === 0
        ? {}
        : { force: Object.fromEntries(forced.map((parameter) => [parameter, forcedValue(random, endpoint, parameter)])) }),
      ...some(random, {
        custom_fields: () => (endpoint.customFields || random.chance(slips) ? ["Parking", "Drive"] : undefined),
        cache: () => (random.chance(0.5) ? choose(care, FRESH) : { fresh: choose(care, FRESH), stale: choose(care, STALE) }),
      }),
      fields: fields.length === 0 ? Object.keys(endpoint.fields).slice(0, 1) : fields,
      ...(random.chance(slips) ? {} : { expose_personal: true }),
    },
  ];
}

function forcedValue(random: Random, { query }: Endpoint, name: string): unknown {
  const schema = query[name];
  const words = schema?.enum ?? schema?.items?.enum;
  if (words !== undefined) return random.pick(words);
  if (schema?.type === "integer" || schema?.items?.type === "integer") return random.pick([1, 50, 100]);
  if (schema?.type === "boolean") return random.chance(0.5);
  return name.startsWith("business") ? IDS_AND_WORDS[2] : random.pick(IDS_AND_WORDS);
}

function narrowing({ random, slips }: Care, { query }: Endpoint, name: string): unknown {
  const { type } = query[name] ?? {};
  const isOdd = random.chance(slips * 3);
  const isNumber = type === "integer" || isOdd;
  const isText = type === "string" || isOdd;
  return some(random, {
    minimum: () => (isNumber ? random.pick([1, 2, 5]) : undefined),
    maximum: () => (isNumber ? random.pick([20, 50, 100]) : undefined),
    maxLength: () => (isText ? random.pick([60, 10, 2]) : undefined),
    pattern: () => (isOdd ? random.pick(PATTERNS) : undefined),
    maxItems: () => (type === "array" || isOdd ? random.pick([20, 1, 3]) : undefined),
    enum: () => (isOdd ? random.pick<unknown>([["a", "b"], [], [1], ["open"]]) : undefined),
    default: () => (isOdd || name === "per_page" ? random.pick<unknown>([10, 20, ...(isOdd ? ["a", true, ["open"]] : [])]) : undefined),
    [word(random)]: () => (isOdd ? 1 : undefined),
  });
}

function frontendFile(care: Care, allow: Routes): object {
  const { random, slips } = care;
  const routes = Object.keys(allow);
  const hasBoth = ["GET /business/search", "GET /business/{business_id}"].every((name) => routes.includes(name));
  return {
    key: random.chance(slips) ? word(random) : "reader",
    ...(random.chance(slips) ? {} : { origins: [choose(care, ORIGIN)] }),
    ...some(random, {
      apps: () => random.chance(0.5),
      only: () => [random.chance(slips) ? "GET /x" : random.pick(routes)],
      servers: () => [choose(care, SERVER)],
      limits: () => ({ requests: choose(care, RATE), misses: choose(care, RATE), mode: choose(care, MODE) }),
      share: () => choose(care, PERCENTAGE),
      stores: () => hasBoth || random.chance(slips),
      session: () => choose(care, SESSION),
      proof: () => choose(care, PROOF),
    }),
  };
}

/** Some of the members; one whose value is undefined is left out. */
function some(random: Random, members: Readonly<Record<string, () => unknown>>): object {
  const chosen = Object.entries(members).filter(() => random.chance(0.35));
  return Object.fromEntries(chosen.map(([name, make]) => [name, make()]).filter(([, made]) => made !== undefined));
}

function pickSome(random: Random, names: readonly string[]): readonly string[] {
  return names.filter(() => random.chance(0.3));
}

/** Replaces, removes, renames or adds so many nodes anywhere in the tree. */
function spoilTree(random: Random, tree: unknown, changes: number): unknown {
  return changes === 0 ? tree : spoilTree(random, spoilNode(random, tree), changes - 1);
}

function spoilNode(random: Random, node: unknown): unknown {
  const isList = Array.isArray(node);
  if (typeof node !== "object" || node === null || random.chance(0.15)) return random.pick(JUNK);
  const entries = Object.entries(node);
  if (entries.length === 0) return random.pick(JUNK);
  const at = random.integer(entries.length);
  const [name, child] = entries[at] as [string, unknown];
  const changed = random.pick<() => readonly [string, unknown][]>([
    () => [[name, spoilNode(random, child)]],
    () => [[name, spoilNode(random, child)]],
    () => [[name, spoilNode(random, child)]],
    () => [],
    () => [[spoil(random, name), child]],
    () => [
      [name, child],
      [`${name}2`, random.pick(JUNK)],
    ],
  ])();
  const spoiled = entries.toSpliced(at, 1, ...changed);
  return isList ? spoiled.map(([, element]) => element) : Object.fromEntries(spoiled);
}
