/** One store in the words of schema.org, as a schema: members that the shown fields can fill. */
import type { JsonSchema, Members, SchemaBook } from "./schemas.ts";
import { objectOf } from "./schemas.ts";

const TEXT = { type: "string" };
const NUMBER = { type: "number" };
const TIME = { type: "string", description: "HH:MM, local time." };
const DATE = { type: "string", format: "date" };

/** Members with the fields of a business that they are made from: one is enough. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  name: ["name"],
  branchCode: ["code"],
  description: ["description_long", "description_short"],
  url: ["website_url"],
  telephone: ["phone"],
  logo: ["logo_url", "photos"],
  image: ["photos"],
};
const ADDRESS: Readonly<Record<string, readonly string[]>> = {
  streetAddress: ["address", "address_full"],
  addressLocality: ["city"],
  postalCode: ["zipcode"],
  addressRegion: ["region"],
  addressCountry: ["country"],
};
const PLACE: Readonly<Record<string, readonly string[]>> = { latitude: ["lat"], longitude: ["long"] };

const HOURS = objectOf(
  {
    "@type": { const: "OpeningHoursSpecification" },
    dayOfWeek: { type: "array", items: TEXT },
    validFrom: DATE,
    validThrough: DATE,
    opens: TIME,
    closes: TIME,
  },
  ["@type", "opens", "closes"],
);

/** What is shown of one store: its fields, and whether average and number of its reviews are. */
export interface Shown {
  readonly fields: readonly string[];
  readonly isRated: boolean;
}

/** @returns a reference to LocalBusiness */
export function localBusiness({ fields, isRated }: Shown, book: SchemaBook): JsonSchema {
  const filled = (members: typeof TEXTS, schema: JsonSchema): Members =>
    Object.fromEntries(Object.keys(members).flatMap((name) => (members[name]?.some((of) => fields.includes(of)) ? [[name, schema]] : [])));
  const members = {
    "@context": { const: "https://schema.org" },
    "@type": { const: "LocalBusiness" },
    ...filled(TEXTS, TEXT),
    ...typed("address", "PostalAddress", filled(ADDRESS, TEXT)),
    ...typed("geo", "GeoCoordinates", filled(PLACE, NUMBER)),
    ...(fields.includes("open_hours") ? { openingHoursSpecification: { type: "array", items: HOURS } } : {}),
    ...(isRated ? typed("aggregateRating", "AggregateRating", { ratingValue: NUMBER, reviewCount: { type: "integer" } }) : {}),
  };
  return book.name(objectOf(members, ["@context", "@type"]), "LocalBusiness");
}

/** Nothing when nothing can fill it. */
function typed(member: string, type: string, members: Members): Members {
  return Object.keys(members).length === 0 ? {} : { [member]: objectOf({ "@type": { const: type }, ...members }, ["@type"]) };
}
