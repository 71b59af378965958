/** What Partoo's answers say: JSON in the shape of the catalogue and out of it, with people wherever nobody should see them. */
import type { Random } from "../src/sandbox/random.ts";
import type { Endpoint, FieldSchema } from "../src/partoo/endpoint.ts";
import { BUSINESS_BY_ID } from "../src/partoo/business.ts";
import { KEYS, PERSON } from "./secrets.ts";
import { storeId } from "./targets.ts";
import { isPersonal } from "./world-config.ts";

/** What JSON knows besides lists and objects, at its edges. */
export const SCALARS: readonly unknown[] = [
  "",
  "text",
  "é\u{1f600}\u0000\u2028",
  "</script>",
  0,
  -0,
  1e21,
  1e-7,
  2 ** 53,
  true,
  false,
  null,
  "\ud800",
];
const WEEK = ["09:00-12:00", "14:00-19:00", "22:00-02:00", "00:00-24:00", "25:00-26:00", "", "x"];
/** A business with everything the catalogue knows, some of it in a wrong kind, and people wherever nobody should see them. */
export function business(random: Random): object {
  return item(random, BUSINESS_BY_ID);
}

/** As many as make the directory worth asking. */
export function manyStores(random: Random): readonly object[] {
  return Array.from({ length: 60 }, () => business(random));
}

/** The content of an answer of this endpoint. */
export function document(random: Random, endpoint: Endpoint): unknown {
  if (endpoint.items.at === "body") return item(random, endpoint);
  const items = Array.from({ length: random.integer(8) }, () => (random.chance(0.95) ? item(random, endpoint) : strange(random)));
  return {
    page: 1,
    max_page: random.chance(0.9) ? 1 : random.pick<unknown>([0, 2, 1e9, "2", null, -1]),
    count: random.chance(0.9) ? items.length : random.pick<unknown>([1e9, -1, "x", null]),
    [random.chance(0.97) ? endpoint.items.member : "others"]: random.chance(0.97) ? items : strange(random),
    stranger: PERSON,
  };
}

function item(random: Random, { fields, customFields }: Endpoint): object {
  const entries = Object.entries(fields).filter(() => random.chance(0.85));
  const known = Object.fromEntries(entries.map(([name, schema]) => [name, value(random, name, schema)]));
  return {
    ...known,
    ...("id" in fields && random.chance(0.95) ? { id: storeId(random) } : {}),
    ...(customFields ? { custom_fields: customs(random) } : {}),
    ...(random.chance(0.002) ? { secret_of_partoo: { echoed: KEYS["loose-read"] } } : {}),
    nobody_knows: PERSON,
  };
}

function customs(random: Random): unknown {
  const named = (name: string, content: unknown): object => ({
    id: 1,
    name,
    type: "TEXT",
    value: content,
    order: 1,
    section_id: 1,
    who: PERSON,
  });
  return [named("Parking", random.pick(["yes", true, ["a", "b"], null])), named("Drive", 1), named("Manager", PERSON), PERSON, null].slice(
    random.integer(3),
  );
}

function value(random: Random, name: string, schema: FieldSchema): unknown {
  if (isPersonal(schema) && schema.properties === undefined && schema.items === undefined) return PERSON;
  const isStrange = random.chance(0.04) && !hasFreeKeys(schema);
  return isStrange ? strange(random) : sound(random, name, schema);
}

/** A value of the kind that the schema tells, with strangers beside the members that it tells. */
function sound(random: Random, name: string, { type, items = { type: "string" }, properties = {}, options = [] }: FieldSchema): unknown {
  if (type === "either") return sound(random, name, random.pick(options));
  if (type === "array") return Array.from({ length: random.integer(4) }, () => value(random, name, items));
  if (type === "map") return { [name]: value(random, name, items) };
  if (type !== "object") return scalar(random, name, type);
  const members = Object.entries(properties).map(([member, inner]) => [member, value(random, member, inner)]);
  return {
    ...Object.fromEntries(members),
    unlisted: PERSON,
    ...(random.chance(0.05) ? JSON.parse(`{"__proto__":{"x":"${PERSON}"}}`) : {}),
  };
}

/** Whatever is in a map may leave. */
function hasFreeKeys({ type, options = [] }: FieldSchema): boolean {
  return type === "map" || options.some(hasFreeKeys);
}

function scalar(random: Random, name: string, type: FieldSchema["type"]): unknown {
  if (random.chance(0.1)) return random.pick(SCALARS);
  if (name === "lat") return random.pick([48.85, -90, 90, 91, 0, random.next() * 180 - 90]);
  if (name === "long") return random.pick([2.35, -180, 180, 181, 0, random.next() * 360 - 180]);
  if (name === "status") return random.pick(["open", "closed", "opening_soon", "temporarily_closed", "other"]);
  if (name === "modified") return random.pick([1.7e9 + random.integer(1e6), 0, -1, 1e15]);
  if (name === "code") return `FR-${random.integer(50)}`;
  if (name.endsWith("_at") || name.endsWith("date")) return random.pick(["2026-12-24", "2026-02-30", "x", "0000-00-00"]);
  if (type === "integer" || type === "number") return random.pick([random.integer(1000), 1.5, -1, 1e300]);
  if (type === "boolean") return random.chance(0.5);
  return random.pick([...WEEK, "Boulangerie", "gcid:bakery", "https://example.org/a.png", random.hex(8)]);
}

/** Of a kind that is expected nowhere; what is in it must not come out. */
function strange(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => [],
    () => ({}),
    () => ({ unlisted: PERSON }),
    () => [[{ unlisted: PERSON }]],
    () => random.pick(SCALARS),
  ])();
}
