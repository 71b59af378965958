/** The nested parts of a made-up store: people, custom fields, pictures, what it has subscribed to. */
import type { Contact, CustomField } from "./business.ts";
import type { City, Country } from "./cities.ts";
import type { Random } from "./random.ts";
import { PHRASES, SERVICES } from "./phrases.ts";

const FEATURES = [
  "business_edition",
  "diffusion",
  "review_management",
  "review_invite",
  "messages",
  "posts",
  "feedback_management",
] as const;

/** One or two people in charge; the first number of the first is the store's. */
export function contactsOf(random: Random, city: City, host: string): readonly Contact[] {
  const first = contact(random, city, host);
  return random.chance(0.15) ? [first, contact(random, city, host)] : [first];
}

/** A made-up person of the country, as `First Last`. */
export function personOf(random: Random, country: Country): string {
  const { firstNames, lastNames } = PHRASES[country];
  return `${random.pick(firstNames)} ${random.pick(lastNames)}`;
}

/** A number in E.164. French ones belong to the blocks kept for fiction; the others carry 555 after the area. */
export function phoneOf(random: Random, city: City): string {
  const { callingCode } = PHRASES[city.country];
  if (city.country === "FR") return `${callingCode}${city.dial}${digits(random, 4)}`;
  const length = city.country === "IT" ? 10 : 9;
  return `${callingCode}${city.dial}555${digits(random, length - city.dial.length - 3)}`;
}

/** The organization's five custom fields; ManagerName and SupervisorName are people. */
export function customFieldsOf(random: Random, country: Country): readonly CustomField[] {
  return [
    { id: 1, name: "Parking", type: "BOOLEAN", value: random.chance(0.1) ? null : random.chance(0.6), order: 1 },
    { id: 2, name: "Drive", type: "BOOLEAN", value: random.chance(0.35), order: 2 },
    { id: 3, name: "ManagerName", type: "TEXT", value: personOf(random, country), order: 3 },
    { id: 4, name: "SupervisorName", type: "TEXT", value: random.chance(0.2) ? null : personOf(random, country), order: 4 },
    { id: 5, name: "Services", type: "MULTIPLE_SELECT", value: SERVICES.filter(() => random.chance(0.4)), order: 5 },
  ];
}

/** Addresses of pictures on an example host: nothing is there to be fetched. */
export function photosOf(random: Random, code: string, host: string) {
  const base = `https://photos.${host}/${code.toLowerCase()}`;
  const secondary = Array.from({ length: random.integer(4) }, (_, at) => `${base}/inside-${at + 1}.jpg`);
  return { LOGO: `https://photos.${host}/logo.png`, primary: `${base}/front.jpg`, secondary };
}

/** Products the store has, in the old form and the new one. */
export function subscriptionsOf(random: Random) {
  const presence = random.chance(0.95);
  const reviews = random.chance(0.8);
  const booster = random.chance(0.3);
  const has: Readonly<Record<string, boolean>> = {
    diffusion: presence,
    review_management: reviews,
    review_invite: booster,
    messages: random.chance(0.4),
  };
  return {
    subscriptions: {
      presence_management: { active: presence },
      review_management: { active: reviews },
      review_booster: { active: booster },
      messages: { active: has["messages"] === true },
    },
    features: FEATURES.filter((name) => has[name] ?? true),
  };
}

function contact(random: Random, city: City, host: string): Contact {
  const name = personOf(random, city.country);
  const phones = [phoneOf(random, city), ...(random.chance(0.2) ? [phoneOf(random, city)] : [])];
  return { name, email: `${mailboxOf(name)}@${host}`, phone_numbers: phones, fax: random.chance(0.4) ? phoneOf(random, city) : null };
}

/** `Élodie D’Angelo Ruiz` → `elodie.dangelo.ruiz`. */
function mailboxOf(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[^\p{Letter} -]/gu, "")
    .toLowerCase()
    .replace(/[ -]+/g, ".");
}

function digits(random: Random, count: number): string {
  return random
    .integer(10 ** count)
    .toString()
    .padStart(count, "0");
}
