/** Writes to a store: checks the body member by member, as Partoo does, and makes the store that results. */
import { randomBytes } from "node:crypto";
import type { Business, CustomField } from "./business.ts";
import type { Country } from "./cities.ts";
import { invalid } from "./answer.ts";
import { countryGroup } from "./groups.ts";
import { DAYS } from "./hours.ts";
import { PHRASES } from "./phrases.ts";

type Body = Readonly<Record<string, unknown>>;
/** What is wrong with a value, or undefined. */
type Check = (value: unknown) => string | undefined;

const WINDOW = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;
const text: Check = (value) => (typeof value === "string" ? undefined : "Not a valid string.");
const textOrNull: Check = (value) => (value === null ? undefined : text(value));
const filled: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "Shorter than minimum length 1.");
const coordinate: Check = (value) => (value === null || typeof value === "number" ? undefined : "Not a valid number.");
const record: Check = (value) => (isRecord(value) ? undefined : "Not a valid object.");
const items: Check = (value) => (Array.isArray(value) ? undefined : "Not a valid list.");
const oneOf =
  (...choices: readonly string[]): Check =>
  (value) =>
    choices.includes(String(value)) ? undefined : `Must be one of: ${choices.join(", ")}.`;

/** Members that can be written; `opening_soon` follows from a date and can't. */
const CHECKS: Readonly<Record<string, Check>> = {
  name: filled,
  code: filled,
  status: oneOf("open", "closed", "temporarily_closed"),
  opening_date: textOrNull,
  city: textOrNull,
  zipcode: textOrNull,
  region: textOrNull,
  country: oneOf(...Object.keys(PHRASES)),
  address: text,
  address_full: text,
  address2: textOrNull,
  lat: coordinate,
  long: coordinate,
  categories: items,
  open_hours: openHours,
  specific_hours: record,
  description_short: textOrNull,
  description_long: textOrNull,
  website_url: textOrNull,
  facebook_url: textOrNull,
  twitter_url: textOrNull,
  contacts: items,
  photos: record,
  groups: items,
  national_identification_number: textOrNull,
  custom_fields: record,
};

/** The store after an edit. `modified` moves, unless only custom fields were written: Partoo does not count those. @throws Refusal 400 */
export function editedStore(store: Business, body: unknown, now: number): Business {
  const { custom_fields: custom, ...members } = checked(body);
  const touched = Object.keys(members).length > 0;
  return {
    ...store,
    ...members,
    custom_fields: custom === undefined ? store.custom_fields : written(store.custom_fields, custom as Body),
    modified: touched ? Math.max(now / 1000, store.modified + 0.001) : store.modified,
  };
}

/** A new store with what a body gives; the rest is empty. Name and country are required. @throws Refusal 400 */
export function createdStore(body: unknown, { organization, now }: { readonly organization: number; readonly now: number }): Business {
  const { custom_fields: _, ...members } = checked(body);
  const absent = ["name", "country"].filter((name) => members[name] === undefined);
  if (absent.length > 0) throw invalid(Object.fromEntries(absent.map((name) => [name, "Missing data for required field."])));
  const id = randomBytes(12).toString("hex");
  const country = members["country"] as Country;
  const off = { active: false };
  return {
    id,
    code: id.slice(0, 8),
    status: "open",
    opening_date: null,
    created: now / 1000,
    modified: now / 1000,
    org_id: organization,
    groups: [countryGroup(country)],
    name: "",
    city: "",
    zipcode: null,
    region: "",
    country,
    lat: null,
    long: null,
    open_hours: null,
    specific_hours: { open: [], close: [] },
    contacts: [],
    categories: [],
    website_url: null,
    features: ["business_edition"],
    subscriptions: { presence_management: off, review_management: off, review_booster: off, messages: off },
    google_location_id: null,
    facebook_page_id: null,
    custom_fields: [],
    ...members,
  };
}

function checked(body: unknown): Body {
  if (!isRecord(body)) throw invalid("Not a JSON object.");
  const faults: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
    const fault = check === undefined ? "Unknown field." : check(value);
    if (fault !== undefined) faults[name] = fault;
  }
  if (Object.keys(faults).length > 0) throw invalid(faults);
  return body;
}

/** Custom fields are written by name; unknown names are refused. */
function written(fields: readonly CustomField[], values: Body): readonly CustomField[] {
  for (const name of Object.keys(values)) {
    if (!fields.some((field) => field.name === name)) throw invalid({ custom_fields: { [name]: "Unknown field." } });
  }
  return fields.map((field) =>
    Object.hasOwn(values, field.name) ? { ...field, value: values[field.name] as CustomField["value"] } : field,
  );
}

function openHours(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (!isRecord(value)) return "Not a valid object.";
  const whole = DAYS.every((day) => Array.isArray(value[day]) && (value[day] as unknown[]).every((window) => WINDOW.test(String(window))));
  return whole ? undefined : "Seven days of HH:MM-HH:MM windows are expected.";
}

function isRecord(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
