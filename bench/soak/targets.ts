/** What visitors ask for: 5,000 store pages and 50 city searches, as popular as Zipf's law says. */
import { createRandom } from "../../src/sandbox/random.ts";
import { CITIES } from "../../src/sandbox/cities.ts";
import { FIRST_ORGANIZATION } from "../../src/sandbox/keys.ts";
import { createWorld } from "../../src/sandbox/world.ts";

export const STORES = 5000;
const SEARCHES = 50;
/** The sandbox's default: the same stores as in its own process. */
const SEED = 1;
/** The same order of popularity in every run. */
const ORDER_SEED = 20_261_122;

/** One address that visitors ask for. */
export interface Target {
  readonly kind: "store" | "search";
  /** Path and query: `/store-locator/v2/business/search?city=Paris`. */
  readonly path: string;
}

/** The most popular one first. @param frontend first path segment */
export function createTargets(frontend: string): readonly Target[] {
  const world = createWorld({
    stores: STORES,
    seed: SEED,
    window: "rolling",
    windowMs: 60_000,
    limitPerMinute: 1,
    fail: null,
    keys: [],
    signal: AbortSignal.abort(),
  });
  const stores = world.organizations.get(FIRST_ORGANIZATION)?.book.all() ?? [];
  const pages = stores.map(({ id }): Target => ({ kind: "store", path: `/${frontend}/v2/business/${id}` }));
  return shuffled([...pages, ...searchesOf(frontend)]);
}

/** Every city of the sandbox, and the second page of the first few. */
function searchesOf(frontend: string): readonly Target[] {
  const cities = CITIES.map(({ name }) => `city=${encodeURIComponent(name)}`);
  const queries = [...cities, ...cities.map((query) => `${query}&page=2`)].slice(0, SEARCHES);
  return queries.map((query) => ({ kind: "search", path: `/${frontend}/v2/business/search?${query}` }));
}

/** Fisher and Yates, seeded. */
function shuffled<T>(list: readonly T[]): readonly T[] {
  const random = createRandom(ORDER_SEED);
  const order = [...list];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

/** Zipf's law with s = 1: the nth of `count` is asked for n times less often than the first. @returns a place from 0 on for a number in [0, 1) */
export function createZipf(count: number): (random: number) => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let place = 0; place < count; place += 1) sums[place] = sum += 1 / (place + 1);
  return (random) => {
    const wanted = random * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
