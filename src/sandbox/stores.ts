/** Makes the stores: seeded, plausible, spread over real cities, with every oddity a frontend meets in real data. */
import type { Business, Status } from "./business.ts";
import type { City } from "./cities.ts";
import type { Random } from "./random.ts";
import { CITIES } from "./cities.ts";
import { countryGroup, regionGroup } from "./groups.ts";
import { SPECIFIC_HOURS, WEEKS } from "./hours.ts";
import type { HolidayHabit, WeekName } from "./hours.ts";
import { PHRASES } from "./phrases.ts";
import { createRandom } from "./random.ts";
import { contactsOf, customFieldsOf, photosOf, subscriptionsOf } from "./store-parts.ts";

export interface StoreOptions {
  readonly count: number;
  readonly seed: number;
  readonly organization: number;
  /** First word of every store's name. */
  readonly brand: string;
  /** The day it is, for the opening dates of stores that open soon. */
  readonly today: Date;
}

/** A kind of store: its suffix to the brand, main category first, and the weeks it may have. */
interface Kind {
  readonly suffix: string;
  readonly share: number;
  readonly categories: readonly string[];
  readonly weeks: readonly WeekName[];
}

const KINDS: readonly Kind[] = [
  {
    suffix: "",
    share: 12,
    categories: ["gcid:supermarket", "gcid:grocery_store"],
    weeks: ["continuous", "everyDay", "lunchBreak", "siesta"],
  },
  { suffix: " Café", share: 4, categories: ["gcid:cafe", "gcid:bakery"], weeks: ["everyDay", "lunchBreak", "continuous"] },
  { suffix: " Cantina", share: 2, categories: ["gcid:restaurant"], weeks: ["kitchen"] },
  { suffix: " Bar", share: 1, categories: ["gcid:bar", "gcid:restaurant"], weeks: ["lateBar"] },
  { suffix: " 24", share: 1, categories: ["gcid:convenience_store"], weeks: ["wholeDay"] },
];
const KIND_WHEEL: readonly Kind[] = KINDS.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
const CITY_WHEEL: readonly City[] = CITIES.flatMap((city) => Array.from({ length: city.weight }, () => city));

const FIRST_CREATED = Date.UTC(2014, 0, 6) / 1000;
const LAST_CREATED = Date.UTC(2024, 11, 20) / 1000;
const LAST_MODIFIED = Date.UTC(2026, 5, 30) / 1000;
const KM_PER_DEGREE = 111.2;

/** The stores of one organization. The same options give the same stores; only opening dates follow `today`, by the month. */
export function createStores(options: StoreOptions): Business[] {
  const random = createRandom(options.seed);
  const perCity = new Map<City, number>();
  return Array.from({ length: options.count }, (_, index) => {
    // Each city has its first store before any has its second, so that a small world is spread out too.
    const city = index < CITIES.length ? (CITIES[index] as City) : random.pick(CITY_WHEEL);
    const rank = (perCity.get(city) ?? 0) + 1;
    perCity.set(city, rank);
    return withOddities(createStore(options, random, city, { index, rank }), index);
  });
}

function createStore(options: StoreOptions, random: Random, city: City, at: { readonly index: number; readonly rank: number }): Business {
  const kind = random.pick(KIND_WHEEL);
  const code = `${city.country}-${city.short}-${String(at.rank).padStart(3, "0")}`;
  const created = round(FIRST_CREATED + random.next() * (LAST_CREATED - FIRST_CREATED), 2);
  const status = statusOf(at.index);
  const [quarter, zipcode] = city.quarters[(at.rank - 1) % city.quarters.length] as readonly [string, string];
  const again = Math.floor((at.rank - 1) / city.quarters.length);
  const name = `${options.brand}${kind.suffix} ${city.name} ${quarter}${again === 0 ? "" : ` ${again + 1}`}`;
  const host = `${options.brand.toLowerCase()}.example`;
  return {
    id: Math.floor(created).toString(16).padStart(8, "0") + random.hex(10) + at.index.toString(16).padStart(6, "0"),
    code,
    status,
    opening_date: openingDateOf(status, created, options.today, at.index),
    created,
    modified: round(created + random.next() * (LAST_MODIFIED - created), 6),
    org_id: options.organization,
    groups: [countryGroup(city.country), regionGroup(city.region)],
    name,
    ...addressOf(random, city, zipcode),
    ...placeOf(random, city),
    categories: kind.categories,
    ...hoursOf(random, city, kind),
    ...textsOf(random, city, { quarter, name, code, host }),
    contacts: contactsOf(random, city, host),
    photos: photosOf(random, code, host),
    ...subscriptionsOf(random),
    google_location_id: random.chance(0.9) ? random.integer(1e9).toString().padStart(20, "1") : null,
    facebook_page_id: random.chance(0.6) ? random.integer(1e9).toString().padStart(15, "1") : null,
    national_identification_number: random.integer(1e9).toString().padStart(14, "0"),
    completion_rate: 60 + random.integer(41),
    reach: "LOCAL",
    custom_fields: customFieldsOf(random, city.country),
  };
}

/** Every status by rule rather than by luck: a world of 34 stores has them all, most are open, and small cities keep theirs open. */
function statusOf(index: number): Status {
  if (index % 40 === 9) return "closed";
  if (index % 40 === 21) return "temporarily_closed";
  return index % 50 === 33 ? "opening_soon" : "open";
}

function openingDateOf(status: Status, created: number, today: Date, index: number): string | null {
  if (status !== "opening_soon") return index % 3 === 0 ? null : new Date(created * 1000).toISOString().slice(0, 10);
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 2 + (index % 5), 6 + (index % 20))).toISOString().slice(0, 10);
}

function addressOf(random: Random, city: City, zipcode: string) {
  const { streets, lang, countryName } = PHRASES[city.country];
  const number = String(1 + random.integer(180));
  const street = random.pick(streets);
  const address = city.country === "FR" ? `${number} ${street}` : `${street}, ${number}`;
  return {
    address,
    address_full: `${address}, ${zipcode} ${city.name}, ${countryName}`,
    address2: random.chance(0.1) ? "Centre commercial, niveau 1" : null,
    city: city.name,
    zipcode,
    region: city.region,
    country: city.country,
    default_lang: lang,
  };
}

/** A point at most `spreadKm` from the centre, denser towards it, as shops are. */
function placeOf(random: Random, city: City): { readonly lat: number; readonly long: number } {
  const angle = random.next() * 2 * Math.PI;
  const km = random.next() * city.spreadKm;
  const kmPerDegreeEast = KM_PER_DEGREE * Math.cos((city.lat * Math.PI) / 180);
  return {
    lat: round(city.lat + (km * Math.sin(angle)) / KM_PER_DEGREE, 6),
    long: round(city.long + (km * Math.cos(angle)) / kmPerDegreeEast, 6),
  };
}

function hoursOf(random: Random, city: City, kind: Kind) {
  const wanted = random.pick(kind.weeks);
  const week = wanted === "siesta" && city.country === "FR" ? "lunchBreak" : wanted;
  const habits: readonly HolidayHabit[] = kind.weeks[0] === "wholeDay" ? ["short-days"] : ["closed", "closed", "short-days", "august"];
  return { time_slot_reference: [], open_hours: WEEKS[week], specific_hours: SPECIFIC_HOURS[city.country][random.pick(habits)] };
}

function textsOf(
  random: Random,
  city: City,
  words: { readonly quarter: string; readonly name: string; readonly code: string; readonly host: string },
) {
  const phrases = PHRASES[city.country];
  const fill = (text: string): string =>
    text.replace("{name}", words.name).replace("{city}", city.name).replace("{quarter}", words.quarter);
  const page = words.code.toLowerCase();
  return {
    description_short: fill(random.pick(phrases.shortDescriptions)),
    description_long: fill(random.pick(phrases.longDescriptions)),
    website_url: `https://www.${words.host}/${phrases.storePath}/${page}`,
    facebook_url: random.chance(0.5) ? `https://social.example/${words.host}.${page}` : null,
    twitter_url: null,
    logo_url: `https://photos.${words.host}/logo.png`,
  };
}

/** What real data lacks: members that are null or not there at all, at fixed places. */
function withOddities(store: Business, index: number): Business {
  if (index % 29 === 3) return { ...store, open_hours: null };
  if (index % 37 === 5) return { ...store, description_long: null, zipcode: null, default_lang: null };
  if (index % 53 === 17) return { ...store, custom_fields: [], specific_hours: null };
  if (index % 61 === 7) return without(store, ["contacts", "photos", "description_short"]);
  if (index % 73 === 11) return { ...store, lat: null, long: null };
  return store;
}

function without(store: Business, members: readonly string[]): Business {
  return Object.fromEntries(Object.entries(store).filter(([name]) => !members.includes(name))) as unknown as Business;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
