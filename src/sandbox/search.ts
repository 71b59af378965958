/** The filters of /business/search (partoo reference §6). */
import type { Business } from "./business.ts";
import { STATUSES } from "./business.ts";
import { bySection } from "./groups.ts";
import { choices, flag, list, number, ordered, text } from "./query.ts";

type Test = (store: Business) => boolean;

/** Words a store is found by, remembered by whoever holds the stores. */
export type WordsOf = (store: Business) => readonly string[];

/** Filter values of `status`: the object's, and the second spelling of one of them. */
const STATUS_FILTERS = [...STATUSES, "closed_temporarily"];
const EXACT = ["code", "country", "name", "zipcode", "city"] as const;
/** Old yes/no parameters and the feature that replaced each. */
const SUBSCRIBED = { subscribed_to_rm: "review_management", subscribed_to_pm: "diffusion", subscribed_to_rb: "review_invite" } as const;
const ORDER = {
  name: (store: Business) => store.name,
  city: (store: Business) => store.city,
  zipcode: (store: Business) => store.zipcode ?? "",
  code: (store: Business) => store.code,
  country: (store: Business) => store.country,
  status: (store: Business) => store.status,
  created: (store: Business) => store.created,
  modified: (store: Business) => store.modified,
};

/**
 * The stores that a query finds, in its order. Where no status is sent only `open` ones are found, which is documented
 * for the sister endpoint with the same filters. @throws Refusal 400
 */
export function searchStores(stores: readonly Business[], query: URLSearchParams, wordsOf: WordsOf): readonly Business[] {
  const tests = [...testsOf(query), ...fuzzyTests(query, wordsOf)];
  return ordered(
    query,
    stores.filter((store) => tests.every((test) => test(store))),
    ORDER,
  );
}

function testsOf(query: URLSearchParams): readonly Test[] {
  const tests: Test[] = [statusTest(query)];
  for (const name of EXACT) {
    const wanted = text(query, name);
    if (wanted !== undefined) tests.push((store) => store[name] === wanted);
  }
  const ids = list(query, "business__in");
  if (ids !== undefined) tests.push((store) => ids.has(store.id));
  const codes = list(query, "code__in");
  if (codes !== undefined) tests.push((store) => codes.has(store.code));
  const since = number(query, "modified__gte");
  if (since !== undefined) tests.push((store) => store.modified >= since);
  return [...tests, ...groupTests(query), ...featureTests(query), ...connectionTests(query)];
}

function statusTest(query: URLSearchParams): Test {
  const sent = choices(query, "status", STATUS_FILTERS) ?? new Set(["open"]);
  const wanted = new Set([...sent].map((status) => (status === "closed_temporarily" ? "temporarily_closed" : status)));
  return (store) => wanted.has(store.status);
}

function groupTests(query: URLSearchParams): readonly Test[] {
  const groups = [...(list(query, "groups") ?? [])].map(Number);
  return bySection(groups).map((alternatives) => (store) => store.groups.some((group) => alternatives.includes(group)));
}

function featureTests(query: URLSearchParams): readonly Test[] {
  const tests: Test[] = [];
  const having = list(query, "features__in");
  if (having !== undefined) tests.push((store) => store.features.some((feature) => having.has(feature)));
  const lacking = list(query, "features__notin");
  if (lacking !== undefined) tests.push((store) => !store.features.some((feature) => lacking.has(feature)));
  for (const [name, feature] of Object.entries(SUBSCRIBED)) {
    const wanted = flag(query, name);
    if (wanted !== undefined) tests.push((store) => store.features.includes(feature) === wanted);
  }
  return tests;
}

function connectionTests(query: URLSearchParams): readonly Test[] {
  const tests: Test[] = [];
  const google = flag(query, "connected_to_gmb_location");
  if (google !== undefined) tests.push((store) => (store.google_location_id !== null) === google);
  const facebook = flag(query, "connected_to_facebook_location");
  if (facebook !== undefined) tests.push((store) => (store.facebook_page_id !== null) === facebook);
  return tests;
}

/** Every word of the query must begin a word of city, postcode or name, or be one slip away from it. */
function fuzzyTests(query: URLSearchParams, wordsOf: WordsOf): readonly Test[] {
  const wanted = words(query.get("query") ?? "");
  if (wanted.length === 0) return [];
  return [
    (store) => {
      const known = wordsOf(store);
      return wanted.every((word) => known.some((other) => other.startsWith(word) || isOneSlipAway(word, other)));
    },
  ];
}

/** The words a store is found by. `Aix-en-Provence` → aix, en, provence: no accents, lower case. */
export function words(value: string): readonly string[] {
  return value
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter((word) => word !== "");
}

/** One letter wrong, missing or too many, in words of five letters or more; never in numbers. */
function isOneSlipAway(word: string, other: string): boolean {
  if (word.length < 5 || Math.abs(word.length - other.length) > 1 || /\d/.test(word)) return false;
  let at = 0;
  while (at < word.length && word[at] === other[at]) at += 1;
  const skip = Math.sign(word.length - other.length);
  return word.slice(at + (skip >= 0 ? 1 : 0)) === other.slice(at + (skip <= 0 ? 1 : 0));
}
