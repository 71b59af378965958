/** Request targets: of routes that there are, with honest and with spoiled parameters, and of what there is not. */
import type { Random } from "../src/sandbox/random.ts";
import type { Endpoint, ParameterSchema } from "../src/partoo/endpoint.ts";
import { CATALOGUE } from "../src/partoo/catalogue.ts";
import { escape, gibberish, spoil, word } from "./words.ts";
import { FRONTEND_NAMES } from "./world-config.ts";

const ENDPOINTS: readonly Endpoint[] = [...CATALOGUE.values()];
const ELSEWHERE = [
  "/",
  "/healthz",
  "/readyz",
  "/webhooks/partoo/acme",
  "/v2/business/search",
  "/session",
  "/stores",
  "/.env",
  "/metrics",
  "*",
];
const BELOW_FRONTEND = ["/v2/api_keys", "/v2/user/me", "/v2", "/v2/", "/session", "/openapi.json", "/", "", "/metrics", "/v2/business"];
const DEGREES = [
  "48.85,2.35",
  "0,0",
  "90,180",
  "-90,-180",
  "91,0",
  "48.85",
  "48.85,2.35,1",
  "1e3,2",
  "NaN,NaN",
  ",",
  "-0,-0",
  "0.0000001,179.9999999",
];
const BOUNDS = ["48,2,49,3", "-90,-180,90,180", "10,170,20,-170", "49,3,48,2", "0,0,0,0", "1,2,3", "a,b,c,d", "-90,0,-90,0"];
/** Few, so that many requests ask for the same, and many find something stored. */
const IDS = Array.from({ length: 40 }, (_, nth) => `5f3c8f1de1b2a3000100${(0x1000 + nth).toString(16)}`);

/** A store's id; the same few again and again. */
export function storeId(random: Random): string {
  return random.pick(IDS);
}

export function target(random: Random): string {
  const honest = honestTarget(random);
  const spoiled = random.chance(0.35) ? spoil(random, honest) : honest;
  if (random.chance(0.96)) return spoiled;
  return random.pick([
    () => `http://proxy.example${spoiled}`,
    () => "proxy.example:443",
    () => `//evil.example${spoiled}`,
    () => spoiled + "x".repeat(random.pick([100, 8000, 8192, 9000, 40_000])),
    () => `${spoiled}${spoiled.includes("?") ? "&" : "?"}${"a=1&".repeat(random.integer(1500))}`,
    () => gibberish(random, 12),
  ])();
}

/** Of a frontend that there is, mostly, with parameters that it takes, mostly. */
export function honestTarget(random: Random): string {
  if (random.chance(0.06)) return random.pick(ELSEWHERE);
  const frontend = random.chance(0.5) ? "wide" : random.chance(0.97) ? random.pick(FRONTEND_NAMES) : word(random);
  if (random.chance(0.08)) return `/${frontend}${random.pick(BELOW_FRONTEND)}`;
  if (random.chance(0.3)) return `/${frontend}/stores${storesTarget(random)}`;
  const endpoint = random.pick(ENDPOINTS);
  return `/${frontend}/v2${pathOf(random, endpoint)}${queryOf(random, endpoint)}`;
}

function pathOf(random: Random, { template, path }: Endpoint): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => escape(valueOf(random, path[name])));
}

function queryOf(random: Random, { query, requiredQuery = [] }: Endpoint): string {
  const names = Object.keys(query);
  const chosen = new Set(random.chance(0.9) ? requiredQuery : []);
  for (let left = random.integer(4); left > 0 && names.length > 0; left -= 1) chosen.add(random.pick(names));
  const pairs = [...chosen].map((name) => `${name}=${escape(valueOf(random, query[name]))}`);
  if (random.chance(0.05)) pairs.push(random.pick(pairs.length === 0 ? ["a=1"] : pairs));
  if (random.chance(0.05)) pairs.push(`${word(random)}=${escape(word(random))}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** A value that the schema takes, mostly. */
function valueOf(random: Random, schema: ParameterSchema | Omit<ParameterSchema, "description" | "items"> | undefined): string {
  if (schema === undefined || random.chance(0.06)) return gibberish(random, 3);
  if (schema.enum !== undefined) return random.pick(schema.enum);
  if (schema.type === "array" && "items" in schema) {
    return Array.from({ length: 1 + random.integer(3) }, () => valueOf(random, schema.items)).join(",");
  }
  if (schema.type === "boolean") return random.pick(["true", "false", "True", "False"]);
  if (schema.type === "integer")
    return String(random.pick([1, 2, 3, 50, 100, random.integer(3000), schema.minimum ?? 0, schema.maximum ?? 2 ** 40]));
  return textOf(random, schema.pattern ?? "");
}

function textOf(random: Random, pattern: string): string {
  if (pattern.includes("{24}")) return pattern.includes("c-") && random.chance(0.3) ? `c-FR-${random.integer(50)}` : storeId(random);
  if (pattern.includes("gcid")) return `gcid:${random.pick(["bakery", "bank", "hotel", "x_1"])}`;
  if (pattern.includes("T(?:")) return `20${10 + random.integer(20)}-0${1 + random.integer(9)}-1${random.integer(9)}T00:00:00`;
  return pattern.startsWith("^[A-Z]{2}") ? random.pick(["FR", "DE", "XX"]) : word(random);
}

function storesTarget(random: Random): string {
  const form = random.next();
  if (form < 0.1) return random.pick(["/all", "/all?x=1", "/all/"]);
  if (form < 0.35) return `/${random.pick([storeId(random), "c-FR-1", "c-", word(random)])}`;
  const values: Readonly<Record<string, () => string>> = {
    near: () => random.pick(DEGREES),
    radius: () => random.pick(["1", "1000", "0", "20000000", "99999999", "1.5", word(random)]),
    bounds: () => random.pick(BOUNDS),
    q: () => (random.chance(0.5) ? word(random) : gibberish(random)),
    open_now: () => random.pick(["true", "false", "1", "", word(random)]),
    limit: () => random.pick(["1", "10", "100", "101", "0", "-1"]),
    page: () => random.pick(["1", "2", "10", "1001", "0", "99999999999"]),
    category: () => random.pick(["gcid:bakery", "gcid:bank,gcid:hotel", "", word(random)]),
    "custom.Parking": () => word(random),
    [word(random)]: () => word(random),
  };
  const pairs = Array.from({ length: random.integer(4) }, () => random.pick(Object.entries(values)));
  return pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${name}=${escape(value())}`).join("&")}`;
}
