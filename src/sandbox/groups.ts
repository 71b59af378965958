/** Sections and the groups in them: one section by country, one by region (partoo reference §8). */
import type { City, Country } from "./cities.ts";
import { CITIES } from "./cities.ts";
import { PHRASES } from "./phrases.ts";

/** A named set of stores. A store is in one group of each section here; Partoo allows several. */
export interface Group {
  readonly id: number;
  readonly name: string;
}

export interface Section {
  readonly id: number;
  readonly name: string;
  readonly order: number;
  readonly groups: readonly Group[];
}

const COUNTRIES: readonly Country[] = ["FR", "ES", "IT"];
const REGIONS: readonly string[] = [...new Set(CITIES.map((city: City) => city.region))];
const FIRST_COUNTRY_GROUP = 11;
const FIRST_REGION_GROUP = 101;

/** The two sections of every organization. */
export const SECTIONS: readonly Section[] = [
  {
    id: 1,
    name: "Country",
    order: 1,
    groups: COUNTRIES.map((country) => ({ id: countryGroup(country), name: PHRASES[country].countryName })),
  },
  { id: 2, name: "Region", order: 2, groups: REGIONS.map((region) => ({ id: regionGroup(region), name: region })) },
];

const SECTION_OF_GROUP: ReadonlyMap<number, number> = new Map(
  SECTIONS.flatMap((section) => section.groups.map((group) => [group.id, section.id])),
);

/** Number of the group that holds a country's stores. */
export function countryGroup(country: Country): number {
  return FIRST_COUNTRY_GROUP + COUNTRIES.indexOf(country);
}

/** Number of the group that holds a region's stores. */
export function regionGroup(region: string): number {
  return FIRST_REGION_GROUP + REGIONS.indexOf(region);
}

/** The groups by section: a store must be in one of each list (or inside a section, and between sections). */
export function bySection(groups: readonly number[]): readonly (readonly number[])[] {
  return [...Map.groupBy(groups, (group) => SECTION_OF_GROUP.get(group)).values()];
}
