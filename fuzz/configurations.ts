/** Configurations: of the form that the schema asks for, nearly of it, and text that is none. */
import { stringify } from "yaml";
import type { Random } from "../src/sandbox/random.ts";
import type { Endpoint } from "../src/partoo/endpoint.ts";
import { CATALOGUE } from "../src/partoo/catalogue.ts";
import { REFUSED } from "../src/partoo/refused-table.ts";
import { gibberish, spoil, word } from "./words.ts";

/** Texts of files by path below the folder of a configuration. */
export type ConfigurationFiles = Readonly<Record<string, string>>;

const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  [],
  {},
  [[]],
  { a: { b: [] } },
  "__proto__",
  "\u0000",
  "10m",
  "100%",
  "300/min",
];
const DURATIONS = ["10m", "1s", "0s", "1d", "90d", "1000d", "10", "1h30m", "-1m", "1e3s", "99999999999999d"];
const PERCENTAGES = ["20%", "0%", "100%", "101%", "-1%", "1.5%", 20];
const RATES = ["300/min", "1/s", "0/min", "9999999/s", "1/h", "1e3/min", "300", "5/d"];
const ORIGINS = [
  "https://a.example",
  "http://localhost:3000",
  "capacitor://localhost",
  "https://a.example/",
  "null",
  "*",
  "https://é.example",
  "x",
];
const PATTERNS = ["^a", "(a+)+$", "[", "^[A-Z]{2}$", "(a|aa)*b", "\\d{1,40}", "(?=a)", "\\u{1f600}", "^(a|b|c){1,100}$", ".*.*.*=.*"];
const FRONTEND_NAMES = ["site", "app", "v2", "healthz", "Site", "a-b", "x".repeat(70), "stores", "__proto__"];
const ENDPOINTS: readonly Endpoint[] = [...CATALOGUE.values()];

/** The same stream gives the same files. About one of three loads. */
export function createConfiguration(random: Random): ConfigurationFiles {
  const spoiled = random.chance(0.6) ? 0 : 1 + random.integer(3);
  const bff = spoilTree(random, bffFile(random), spoiled);
  const frontends = Array.from({ length: 1 + random.integer(2) }, (_, nth) => [
    `frontends/${random.chance(0.85) ? `site${nth}` : fileName(random)}.yaml`,
    write(random, spoilTree(random, frontendFile(random), random.chance(0.8) ? 0 : 1)),
  ]);
  const tests = random.chance(0.1)
    ? { "tests/some.yaml": write(random, [{ name: "x", frontend: "site0", request: gibberish(random) }]) }
    : {};
  return { "bff.yaml": write(random, bff), ...Object.fromEntries(frontends), ...tests };
}

function fileName(random: Random): string {
  return random.pick(FRONTEND_NAMES).replaceAll("/", "_");
}

function write(random: Random, tree: unknown): string {
  const text = random.chance(0.4) ? JSON.stringify(tree) : stringify(tree, { aliasDuplicateObjects: random.chance(0.5) });
  if (random.chance(0.9)) return text;
  return random.chance(0.8) ? spoil(random, text) : gibberish(random, 20);
}

function bffFile(random: Random): object {
  const webhooks = random.pick<object | undefined>([undefined, undefined, { header: "X-Hook" }, { header: "Host" }, { public_key: "x" }]);
  return {
    version: random.chance(0.97) ? 1 : random.pick(JUNK),
    organizations: {
      acme: some(random, {
        quota: () => random.pick(RATES.slice(0, 1)),
        reserve: () => random.pick(PERCENTAGES),
        instances: () => random.pick([1, 2, 1000, 0]),
        webhooks: () => webhooks,
      }),
    },
    keys: {
      reader: {
        organization: random.chance(0.98) ? "acme" : word(random),
        ...some(random, {
          permissions: () => random.pick([[], ["review_read"], ["x"]]),
          expires: () => random.pick(["2027-06-30", "2020-01-01", "2027-02-30"]),
          sweep: () => random.chance(0.5),
        }),
        allow: Object.fromEntries(Array.from({ length: 1 + random.integer(5) }, () => route(random))),
      },
    },
  };
}

function route(random: Random): readonly [name: string, file: object] {
  const endpoint = random.pick(ENDPOINTS);
  const refused = random.pick(REFUSED);
  const name = random.chance(0.97) ? `GET ${endpoint.template}` : `${random.pick(["GET", refused.method])} ${refused.template}`;
  const names = Object.keys(endpoint.query);
  const query = pickSome(random, names).map((parameter) => [parameter, random.chance(0.6) ? {} : narrowing(random)]);
  const required = (endpoint.requiredQuery ?? []).map((parameter) => [parameter, {}]);
  const forced = pickSome(random, names).filter(() => random.chance(0.3));
  const fields = pickSome(random, [...Object.keys(endpoint.fields), ...Object.keys(endpoint.shorthands)]);
  return [
    name,
    {
      ...some(random, {
        query: () =>
          Object.fromEntries([...required, ...query].filter(([parameter]) => !forced.includes(parameter as string) || random.chance(0.02))),
        force: () => Object.fromEntries(forced.map((parameter) => [parameter, forcedValue(random, endpoint, parameter)])),
        custom_fields: () => (endpoint.customFields ? ["Parking", word(random)] : undefined),
        cache: () =>
          random.pick<unknown>([
            random.pick(DURATIONS),
            { fresh: "10m", stale: random.pick(DURATIONS) },
            { fresh: random.pick(DURATIONS) },
          ]),
      }),
      fields: fields.length === 0 ? Object.keys(endpoint.fields).slice(0, 1) : fields,
      expose_personal: random.chance(0.9),
    },
  ];
}

function forcedValue(random: Random, { query }: Endpoint, name: string): unknown {
  const schema = query[name];
  const words = schema?.enum ?? schema?.items?.enum;
  if (words !== undefined) return random.chance(0.5) ? random.pick(words) : [...new Set([random.pick(words), random.pick(words)])];
  if (schema?.type === "integer") return random.pick([1, 50, 100]);
  return schema?.type === "boolean" ? random.chance(0.5) : random.pick(["FR", "a", "5f3c8f1de1b2a30001001000", "2026-01-01T00:00:00"]);
}

function narrowing(random: Random): unknown {
  return some(random, {
    minimum: () => random.pick([0, 1, 5, -1, 1.5]),
    maximum: () => random.pick([20, 100, 0, 1e9]),
    maxLength: () => random.pick([60, 1, 0]),
    pattern: () => random.pick(PATTERNS),
    maxItems: () => random.pick([20, 1, 0]),
    enum: () => random.pick<unknown>([["a", "b"], [], [1], ["open"]]),
    default: () => random.pick<unknown>([1, 50, "a", true, ["open"]]),
    [word(random)]: () => (random.chance(0.05) ? 1 : undefined),
  });
}

function frontendFile(random: Random): object {
  return {
    key: random.chance(0.97) ? "reader" : word(random),
    ...some(random, {
      origins: () => [random.chance(0.8) ? "https://a.example" : random.pick(ORIGINS)],
      apps: () => random.chance(0.5),
      only: () => (random.chance(0.2) ? [`GET ${random.pick(ENDPOINTS).template}`] : undefined),
      servers: () => [random.pick(["web", "Web", "a b"])],
      limits: () => ({ requests: random.pick(RATES.slice(0, 5)), mode: random.pick(["enforce", "report", "report", "x"]) }),
      share: () => random.pick(PERCENTAGES.slice(0, 4)),
      stores: () => random.chance(0.3),
      session: () => random.pick(["none", "none", "on-miss", "required"]),
      proof: () =>
        random.pick<unknown>(["none", "none", "altcha", { jwt: { issuer: "x", audience: "y", jwks: "https://a.example/jwks" } }]),
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
