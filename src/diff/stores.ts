/** Differences of the directory that a frontend offers. It shows what its key's two business routes show, those that `only` leaves out as well. */
import type { RatingsSource } from "../directory/ratings-source.ts";
import type { DirectoryRoutes } from "../directory/store-record.ts";
import type { Frontend, Route } from "../policy.ts";
import type { Difference } from "./change.ts";
import { lateAfterSecondsOf } from "../directory/directories.ts";
import { RATING_MEMBERS, ratingsSourceOf } from "../directory/ratings-source.ts";
import { routesOf } from "../directory/store-record.ts";
import { mayShowRatings } from "../directory/stores-match.ts";
import { createStoresRequestReader } from "../directory/stores-request.ts";
import { forcedFilters } from "../directory/visibility.ts";
import { ratingsFilters } from "../request/match.ts";
import { compareNames, compareValues } from "./change.ts";
import { diffFields, diffForced, exposures } from "./routes.ts";

/** Stands for all three addresses where nothing says otherwise. */
const LIST = "GET /stores";
const ONE = "GET /stores/{store}";

interface Differences {
  /** `GET /stores`, or of a store alone `GET /stores/{store}`. */
  readonly route: string;
  readonly differences: readonly Difference[];
}

/** What the directory of a frontend that had none begins to show; nothing where it offers none. */
export function openStores(frontend: Frontend): readonly Differences[] {
  const routes = offeredBy(frontend);
  if (routes === undefined) return [];
  const { search, single } = routes;
  const rated = ratingMembers(frontend);
  const detail = `a list shows ${[...shownBy(search), ...rated].join(", ")}; a store alone ${[...shownBy(single), ...rated].join(", ")}`;
  return [
    { route: LIST, differences: [{ kind: "stores-offered", detail, risk: "opens" }, ...exposures(search)] },
    { route: ONE, differences: exposures(single) },
  ];
}

export function diffStores(before: Frontend, after: Frontend): readonly Differences[] {
  const [old, current] = [offeredBy(before), offeredBy(after)];
  if (old === undefined) return openStores(after);
  if (current === undefined) {
    return [{ route: LIST, differences: [{ kind: "stores-withdrawn", detail: "its addresses answer 404", risk: "breaks" }] }];
  }
  const ratings = diffRatings(before, after);
  const ofList = [
    ...diffForced(forcedFilters(old.search), forcedFilters(current.search)),
    ...diffFields(old.search, current.search),
    ...ratings,
    ...diffParameters(old, current),
    ...compareValues(ageWords(old), ageWords(current), (change) => ({
      kind: "cache-changed",
      detail: `late after ${change}`,
      risk: "load",
    })),
  ];
  return [
    { route: LIST, differences: ofList },
    { route: ONE, differences: [...diffFields(old.single, current.single), ...ratings] },
  ];
}

function offeredBy({ stores, key }: Frontend): DirectoryRoutes | undefined {
  return stores ? routesOf(key) : undefined;
}

function shownBy({ selection: { fields, customFields } }: Route): readonly string[] {
  return [...fields, ...customFields];
}

function ratingMembers(frontend: Frontend): readonly string[] {
  return ratingsOf(frontend)?.figures.map((figure) => RATING_MEMBERS[figure]) ?? [];
}

/** Those that it shows: unlike the stores' fields they are of a route of its own. */
function ratingsOf(frontend: Frontend): RatingsSource | undefined {
  return mayShowRatings(frontend) ? ratingsSourceOf(frontend.key) : undefined;
}

/** Both lists and stores alone show them. */
function diffRatings(before: Frontend, after: Frontend): readonly Difference[] {
  const { added, removed } = compareNames(ratingMembers(before), ratingMembers(after));
  const [old, current] = [ratingsOf(before), ratingsOf(after)];
  const filters = old === undefined || current === undefined ? [] : diffForced(ratingsFilters(old.route), ratingsFilters(current.route));
  return [
    ...added.map((detail): Difference => ({ kind: "field-exposed", detail, risk: "opens" })),
    ...removed.map((detail): Difference => ({ kind: "field-withdrawn", detail, risk: "breaks" })),
    ...filters.map(({ detail }): Difference => ({ kind: "ratings-changed", detail: `of reviews with ${detail}`, risk: "opens" })),
  ];
}

/** Filters come and go with what is shown. */
function diffParameters(before: DirectoryRoutes, after: DirectoryRoutes): readonly Difference[] {
  const { added, removed } = compareNames(parametersOf(before), parametersOf(after));
  return [
    ...added.map((detail): Difference => ({ kind: "parameter-added", detail, risk: "opens" })),
    ...removed.map((detail): Difference => ({ kind: "parameter-removed", detail, risk: "breaks" })),
  ];
}

/** From when on answers say how old they are. How often all stores are read goes with it. */
function ageWords(routes: DirectoryRoutes): string {
  return `${lateAfterSecondsOf(routes)}s`;
}

function parametersOf(routes: DirectoryRoutes): ReadonlySet<string> {
  return createStoresRequestReader(routes).parameters;
}
