/** The endpoints that a configuration may allow, by template. */
import type { Endpoint } from "./endpoint.ts";
import { BUSINESS_ATTRIBUTES, MORE_HOURS, PARTNER_URLS, PLACE_ACTION_LINKS } from "./business-details.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "./business.ts";
import { ATTRIBUTES_LIST, CATEGORIES, CATEGORY_BY_ID } from "./categories.ts";
import { POSTS } from "./posts.ts";
import { REFUSED } from "./refused-table.ts";
import { REVIEW_METRICS, REVIEWS } from "./reviews.ts";
import { SECTIONS } from "./sections.ts";

const ENDPOINTS: readonly Endpoint[] = [
  BUSINESS_SEARCH,
  BUSINESS_BY_ID,
  BUSINESS_ATTRIBUTES,
  MORE_HOURS,
  PLACE_ACTION_LINKS,
  PARTNER_URLS,
  CATEGORIES,
  CATEGORY_BY_ID,
  ATTRIBUTES_LIST,
  POSTS,
  SECTIONS,
  REVIEWS,
  REVIEW_METRICS,
];

/** All endpoints known completely, in the order of the documentation. Every one is a GET. */
export const CATALOGUE: ReadonlyMap<string, Endpoint> = new Map(ENDPOINTS.map((endpoint) => [endpoint.template, endpoint]));

const NO_LITERALS: ReadonlySet<string> = new Set();
const LITERALS_BY_POSITION = collectLiterals([...CATALOGUE.keys(), ...REFUSED.map(({ template }) => template)]);

/** @param template exactly as in the catalogue: `/business/{business_id}` */
export function findEndpoint(template: string): Endpoint | undefined {
  return CATALOGUE.get(template);
}

/**
 * Every literal segment that any known endpoint of Partoo, allowed or refused, has there. Such a segment never fills a parameter:
 * `search` is no business id, whatever the route.
 * @param position of the segment in Partoo's path, from 0: `business` is at 0
 */
export function literalSegmentsAt(position: number): ReadonlySet<string> {
  return LITERALS_BY_POSITION[position] ?? NO_LITERALS;
}

function collectLiterals(templates: readonly string[]): readonly ReadonlySet<string>[] {
  const literals: Set<string>[] = [];
  for (const template of templates) {
    template
      .split("/")
      .slice(1)
      .forEach((segment, position) => {
        const here = (literals[position] ??= new Set());
        if (!segment.startsWith("{")) here.add(segment);
      });
  }
  return literals;
}
