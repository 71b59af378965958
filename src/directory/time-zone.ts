/** The time zone of a store: Partoo's data has none, so it comes from the coordinates, or from a country with a single one. */
import tzLookup from "@photostructure/tz-lookup";
import { readPosition } from "./position.ts";

const COUNTRY = /^[A-Z]{2}$/;
const byCountry = new Map<string, string | undefined>();

/** Members of a business as Partoo sends them. @returns an IANA name; undefined when it can't be known */
export function findZone(place: { readonly lat?: unknown; readonly long?: unknown; readonly country?: unknown }): string | undefined {
  const position = readPosition(place);
  return position === undefined ? zoneOfCountry(place.country) : tzLookup(position.lat, position.lon);
}

function zoneOfCountry(country: unknown): string | undefined {
  if (typeof country !== "string" || !COUNTRY.test(country)) return undefined;
  if (!byCountry.has(country)) byCountry.set(country, soleZone(country));
  return byCountry.get(country);
}

function soleZone(country: string): string | undefined {
  const zones = new Intl.Locale(`und-${country}`).getTimeZones() ?? [];
  return zones.length === 1 ? zones[0] : undefined;
}
