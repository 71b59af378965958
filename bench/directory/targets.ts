/** What visitors ask of the directory and of Partoo's own search, as request targets. */
import type { Agent } from "node:http";
import { CITIES } from "../../src/sandbox/cities.ts";
import { ask } from "../ask.ts";
import { partooBff } from "../rivals/partoo-bff.ts";
import { BROWSER_FIELDS, ORIGIN } from "../world.ts";
import { LISTS } from "./running.ts";

/** As many stores as an answer of the directory has. */
const PER_PAGE = 10;
const PAGES = 20;
const SHORTEST = 3;
/** Ways to write one part of a name, at most: small letters and capitals. */
const SPELLINGS = 128;

/** Another position each time (bench/wrk.lua). */
export const NEAR_TARGETS: readonly string[] = [`${LISTS}?near={position}`];
export const OPEN_TARGETS: readonly string[] = [`${LISTS}?near={position}&open_now=true`];

/** Asks once for each page of each city, and once as a browser: then all are stored. @returns those that are full */
export async function storeTargets(proxyUrl: string, agent: Agent): Promise<readonly string[]> {
  const full: string[] = [];
  for (const { name } of CITIES) {
    for (let page = 1; page <= PAGES; page += 1) {
      const target = `${partooBff.prefix}/v2/business/search?per_page=${PER_PAGE}&page=${page}&city=${encodeURIComponent(name)}`;
      const { status, body } = await ask(`${proxyUrl}${target}`, { origin: ORIGIN }, agent);
      if (status !== 200) throw new Error(`${target} answered ${status}`);
      await ask(`${proxyUrl}${target}`, BROWSER_FIELDS, agent);
      const { businesses } = JSON.parse(body.toString()) as { readonly businesses: readonly unknown[] };
      if (businesses.length === PER_PAGE) full.push(target);
    }
  }
  return full;
}

/** What is typed of a city's name, from its third letter on. */
export function wordTargets(): readonly string[] {
  return wordParts().map(wordTarget);
}

/** The same in very many spellings, so that each answer has to be made. */
export function newWordTargets(): readonly string[] {
  const spellings = new Set<string>();
  for (let nth = 0; nth < SPELLINGS; nth += 1) for (const part of wordParts()) spellings.add(spelled(part, nth));
  return [...spellings].map(wordTarget);
}

function wordParts(): readonly string[] {
  const parts = CITIES.flatMap(({ name }) =>
    Array.from({ length: name.length - SHORTEST + 1 }, (_, further) => name.slice(0, SHORTEST + further).trimEnd()),
  );
  return [...new Set(parts)];
}

/** A letter is a capital where the number's bit is set. */
function spelled(part: string, nth: number): string {
  return Array.from(part.toLowerCase(), (letter, place) => ((nth >> place) & 1 ? letter.toUpperCase() : letter)).join("");
}

function wordTarget(text: string): string {
  return `${LISTS}?q=${encodeURIComponent(text)}`;
}
