/** A store as the directory holds it: what the key's routes may show, as JSON, and what is needed to find it. */
import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { KeyRing } from "../keys.ts";
import type { Endpoint } from "../partoo/endpoint.ts";
import type { KeyPolicy, Route } from "../policy.ts";
import type { OpenState } from "./open-state.ts";
import type { Position } from "./position.ts";
import { readMetadata } from "../cache/held-stores.ts";
import { refuseEcho } from "../key-echo.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import type { OpenObject } from "./json-bytes.ts";
import { closedText, keptBytes, openObject } from "./json-bytes.ts";
import { readHours } from "./hours.ts";
import { createOpenState } from "./open-state.ts";
import { readPosition } from "./position.ts";
import { compileVisibility } from "./visibility.ts";

/** Chains have few different weeks and holidays: each is held once. */
const DIFFERENT_HOURS = 50_000;
const HOURS_MEMBERS: ReadonlySet<string> = new Set(["open_hours", "specific_hours"]);
/** Of a store on a map. */
export const PIN_MEMBERS: ReadonlySet<string> = new Set(["id", "name", "lat", "long"]);
/** Who it is, where, and when it is open. */
const FACTS: readonly string[] = ["id", "code", "modified", "status", "opening_date", "lat", "long", "country", ...HOURS_MEMBERS];
/** What is searched. */
const TEXTS = ["name", "city", "zipcode"] as const;
const DAY_MS = 86_400_000;
const DIGEST_LENGTH = 16;

/** A business as Partoo sends it. */
export type Business = Readonly<Record<string, unknown>>;

export interface StoreRecord {
  readonly id: string;
  readonly code?: string;
  /** Unix seconds, Partoo's clock. */
  readonly modified?: number;
  /** Never leaves but as a shown member. */
  readonly position?: Position;
  /** undefined: it can't be told whether the store is open. */
  readonly open?: OpenState;
  /** What decides who it is, where, and when it is open, as far as it is not in `listed`: JSON. Never leaves; for `recordText()`. */
  readonly facts: string;
  /** Of all that may leave. */
  readonly digest: string;
  /** In a list, by the fields of `/business/search`. */
  readonly listed: OpenObject;
  /** Alone, by the fields of `/business/{business_id}`. */
  readonly alone: OpenObject;
  /** On a map: id, name and place, as far as they are shown. */
  readonly pin: string;
  /** What is searched: name, town and postcode, as far as they are shown. */
  readonly texts: readonly string[];
  /** What is filtered by, as far as it is shown: `category=gcid:cafe`, `custom.Parking=true`. */
  readonly facets: readonly string[];
}

export interface RecordReader {
  /** @returns undefined when the store has no id or is not to be shown. @throws Problem upstream-failed when a key is in it */
  read(business: Business): StoreRecord | undefined;
  /** What `recordText()` wrote of a store. @returns undefined for anything else */
  restore(text: string): StoreRecord | undefined;
  /** What `recordText()` wrote of a store for other routes: what these do not show is left out, what they show besides is yet to be seen. */
  narrow(text: string): StoreRecord | undefined;
}

/** The two routes that say what a directory may show. */
export interface DirectoryRoutes {
  readonly search: Route;
  readonly single: Route;
}

/** Of a key that shows both lists and single stores; undefined of any other. */
export function routesOf(key: KeyPolicy): DirectoryRoutes | undefined {
  const named = ({ template }: Endpoint): Route | undefined => key.routes.find((route) => route.template === template);
  const [search, single] = [named(BUSINESS_SEARCH), named(BUSINESS_BY_ID)];
  return search === undefined || single === undefined ? undefined : { search, single };
}

/** What is kept of a business, as objects. */
interface ShapedStore {
  /** What decides who it is, where, and when it is open. Never leaves. */
  readonly facts: Business;
  readonly listed: Business;
  readonly alone: Business;
}

export function createRecordReader({ search, single }: DirectoryRoutes, keys: KeyRing): RecordReader {
  const isVisible = compileVisibility(search);
  const shared = createSharing();
  const showsHours = search.selection.fields.includes("open_hours");
  const openStateOf = (facts: Business): OpenState | undefined => {
    const hours = readHours(facts);
    if (hours === undefined) return undefined;
    // A store that opened long ago is like the others of its hours.
    const firstDay = hours.firstDay <= Date.now() / DAY_MS - 1 ? -Infinity : hours.firstDay;
    const text = JSON.stringify([hours.clock.zone, firstDay, hours.schedule]);
    return shared.of(text, () => createOpenState({ ...hours, firstDay }, showsHours));
  };
  const openObjectOf = (shaped: Business): OpenObject => {
    const hours = selectText(shaped, (name) => HOURS_MEMBERS.has(name));
    const own = selectText(shaped, (name) => !HOURS_MEMBERS.has(name));
    return openObject(own, hours, (text) => shared.of(`bytes ${text}`, () => keptBytes(text)));
  };
  const recordOf = ({ facts, listed, alone }: ShapedStore): StoreRecord | undefined => {
    const known = { ...listed, ...facts };
    const metadata = readMetadata(known);
    if (metadata === undefined) return undefined;
    const position = readPosition(known);
    const open = openStateOf(known);
    const inList = openObjectOf(listed);
    return {
      ...metadata,
      ...(position === undefined ? {} : { position }),
      ...(open === undefined ? {} : { open }),
      facts: JSON.stringify(facts),
      digest: hash("sha1", JSON.stringify([listed, alone]), "base64").slice(0, DIGEST_LENGTH),
      listed: inList,
      alone: alone === listed ? inList : openObjectOf(alone),
      pin: selectText(listed, (name) => PIN_MEMBERS.has(name)),
      texts: TEXTS.flatMap((name) => {
        const text = listed[name];
        return typeof text === "string" ? [name === "name" ? text : shared.of(text, () => text)] : [];
      }),
      facets: facetsOf(listed).map((facet) => shared.of(facet, () => facet)),
    };
  };
  return {
    read(business) {
      const listed = firstOf(search.shape({ businesses: [business] }));
      const whole = single.shape(business);
      if (!isObject(listed) || !isObject(whole) || !isVisible(business)) return undefined;
      const alone = JSON.stringify(listed) === JSON.stringify(whole) ? listed : whole;
      refuseEcho(Buffer.from(JSON.stringify([listed, alone])), keys);
      return recordOf({ facts: factsOf(business, listed), listed, alone });
    },
    restore(text) {
      const stored = parseStored(text);
      return stored && recordOf(stored);
    },
    narrow(text) {
      const stored = parseStored(text);
      if (stored === undefined) return undefined;
      const known = { ...stored.alone, ...stored.listed, ...stored.facts };
      if (!isVisible(known)) return undefined;
      const listed = onlySelected(stored.listed, search);
      const alone = onlySelected(stored.alone, single);
      return recordOf({ facts: factsOf(known, listed), listed, alone: JSON.stringify(listed) === JSON.stringify(alone) ? listed : alone });
    },
  };
}

/** Who it is, where, and when it is open, as far as it is not among what is shown. */
function factsOf(business: Business, listed: Business): Business {
  const isHidden = (name: string): boolean => Object.hasOwn(business, name) && !(name in listed);
  return Object.fromEntries(FACTS.filter(isHidden).map((name) => [name, business[name]]));
}

/** Of what another selection has shown: in the order of this one. */
function onlySelected(shown: Business, { selection: { fields, customFields } }: Route): Business {
  const members = fields.filter((name) => Object.hasOwn(shown, name)).map((name) => [name, shown[name]] as const);
  const { custom_fields: custom } = shown;
  if (customFields.length === 0 || !Array.isArray(custom)) return Object.fromEntries(members);
  const isShown = (item: unknown): boolean => isObject(item) && typeof item["name"] === "string" && customFields.includes(item["name"]);
  return Object.fromEntries([...members, ["custom_fields", custom.filter(isShown)]]);
}

function parseStored(text: string): ShapedStore | undefined {
  const { facts, listed, alone = listed } = parseObject(text);
  return isObject(facts) && isObject(listed) && isObject(alone) ? { facts, listed, alone } : undefined;
}

/** One line of JSON from which `restore()` makes the same record. */
export function recordText({ facts, listed, alone }: StoreRecord): string {
  const ofAlone = alone === listed ? "" : `,"alone":${closedText(alone)}`;
  return `{"facts":${facts},"listed":${closedText(listed)}${ofAlone}}`;
}

/** `category` and `custom.<Name>` with each value of a store. */
export function facetText(name: string, value: string): string {
  return `${name}=${value}`;
}

function facetsOf({ categories, custom_fields: customFields }: Business): readonly string[] {
  const ofCategories = scalarsOf(categories).map((value) => facetText("category", value));
  const ofCustomFields = (Array.isArray(customFields) ? customFields : [])
    .filter(isObject)
    .flatMap(({ name, value }) => (typeof name === "string" ? scalarsOf(value).map((text) => facetText(`custom.${name}`, text)) : []));
  return [...ofCategories, ...ofCustomFields];
}

function scalarsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
    typeof one === "string" || typeof one === "number" || typeof one === "boolean" ? [String(one)] : [],
  );
}

interface Sharing {
  of<Value extends object | string>(text: string, make: () => Value): Value;
}

/** Equal values are held once. */
function createSharing(): Sharing {
  const values = new LRUCache<string, object | string>({ max: DIFFERENT_HOURS });
  return {
    of<Value extends object | string>(text: string, make: () => Value): Value {
      const name = text.length > 64 ? hash("sha1", text, "base64") : text;
      const known = values.get(name);
      if (known !== undefined) return known as Value;
      const made = make();
      values.set(name, made);
      return made;
    },
  };
}

function selectText(source: Business, isMember: (name: string) => boolean): string {
  return JSON.stringify(Object.fromEntries(Object.entries(source).filter(([name]) => isMember(name)))).slice(1, -1);
}

function parseObject(text: string): Business {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function firstOf(answer: unknown): unknown {
  return isObject(answer) && Array.isArray(answer["businesses"]) ? answer["businesses"][0] : undefined;
}

function isObject(value: unknown): value is Business {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
