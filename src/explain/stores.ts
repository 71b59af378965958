/** Says of a request to the directory what would be done: nothing of it is a call to Partoo. */
import type { Decision } from "../decide.ts";
import type { RatingsSource } from "../directory/ratings-source.ts";
import type { DirectoryRoutes } from "../directory/store-record.ts";
import type { StoresMatch } from "../directory/stores-match.ts";
import type { Position } from "../directory/position.ts";
import type { Frontend } from "../policy.ts";
import type { Ask } from "./ask.ts";
import type { ExplainContext, Explanation, StageVerdict } from "./explain.ts";
import { lateAfterSecondsOf } from "../directory/directories.ts";
import { RATING_MEMBERS, ratingsSourceOf } from "../directory/ratings-source.ts";
import { routesOf } from "../directory/store-record.ts";
import { forcedFilters } from "../directory/visibility.ts";
import { cacheScope, sessionOfCaller } from "./session.ts";
import { callerWords, fieldWords, frontendWords, limitWords, locateRoute } from "./words.ts";

const PIN_FIELDS = ["id", "name", "lat", "long"];

/** Every stage of an answer that is made from memory. */
export function explainStores(
  { locate }: ExplainContext,
  ask: Ask,
  { frontend, kind, stores }: Decision & { readonly decision: "directory" },
): Explanation {
  const { key } = frontend;
  const where = locate.frontend(frontend.name, "stores");
  const routes = routesOf(key);
  const decided: readonly Omit<StageVerdict, "verdict">[] = [
    { stage: "request-line", words: "well formed" },
    { stage: "frontend", ...frontendWords(locate, frontend) },
    { stage: "caller", ...callerWords(locate, frontend, kind) },
    ...sessionOfCaller(locate, frontend, kind),
    { stage: "route", words: `GET ${stores.template} of the directory`, where },
    { stage: "parameters", words: askedWords(stores, ask) },
  ];
  const ahead: readonly Omit<StageVerdict, "verdict">[] = [
    { stage: "limit", ...limitWords(locate, frontend, kind) },
    ...(routes === undefined ? [] : shownStages({ locate }, { frontend, stores, routes })),
    { stage: "present", words: `ETag; Cache-Control: ${cacheScope(frontend)}, until a store in it opens or closes, a minute at most` },
  ];
  return {
    decision: "allowed",
    stage: "present",
    where,
    stages: [
      ...decided.map((stage) => ({ ...stage, verdict: "passed" as const })),
      ...ahead.map((stage) => ({ ...stage, verdict: "ahead" as const })),
    ],
    cache: "memory",
  };
}

interface Shown {
  readonly frontend: Frontend;
  readonly stores: StoresMatch;
  readonly routes: DirectoryRoutes;
}

function shownStages(
  { locate }: Pick<ExplainContext, "locate">,
  { frontend: { key }, stores, routes }: Shown,
): readonly Omit<StageVerdict, "verdict">[] {
  const { search, single } = routes;
  const late = lateAfterSecondsOf(routes);
  const forced = [...forcedFilters(search)].map(([name, value]) => `${name}=${value}`);
  const which = forced.length === 0 ? "" : ` with ${forced.join(" and ")}`;
  const shown = stores.template === "/stores/{store}" ? single : search;
  return [
    {
      stage: "cache",
      words: `memory: the stores held for ${key.name}${which}, none that closed for good; older than ${late} s it says so (as_of)`,
      where: locateRoute(locate, key, search, "force"),
    },
    { stage: "spend", words: "nothing: no answer needs a call, so misses, share and quota stay as they are" },
    { stage: "upstream", words: "nothing is asked of Partoo" },
    {
      stage: "shape",
      words: shapeWords(stores, routes, stores.showsRatings ? ratingsSourceOf(key) : undefined),
      where: locateRoute(locate, key, shown, "fields"),
    },
  ];
}

function shapeWords(
  { template, form, request }: StoresMatch,
  { search, single }: DirectoryRoutes,
  rated: RatingsSource | undefined,
): string {
  const { fields } = search.selection;
  const shows = (...names: readonly string[]): boolean => names.every((name) => fields.includes(name));
  if (form === "json-ld") return `in the words of schema.org: ${fieldWords(single.selection)}`;
  const open = `open${shows("open_hours") ? "" : " (without today: open_hours is not among the search's fields)"}`;
  const rating = rated === undefined ? "" : `; ${rated.figures.map((figure) => RATING_MEMBERS[figure]).join(", ")}`;
  if (template === "/stores/{store}") return `${fieldWords(single.selection)}; ${open}${rating}`;
  if (template === "/stores/all") return `of each store: ${PIN_FIELDS.filter((name) => shows(name)).join(", ")}; open`;
  const isNear = request.kind === "list" && request.query.near !== undefined;
  const distance = shows("lat", "long") ? "distance_m; " : "no distance_m: lat and long are not both among the fields; ";
  return `of each store: ${fieldWords(search.selection)}; ${isNear ? distance : ""}${open}${rating}`;
}

/** What was asked, as it is understood. */
function askedWords({ request, sentNames }: StoresMatch, { target }: Ask): string {
  if (request.kind === "one") return `store=${request.name} (path)`;
  if (request.kind === "all") return "none";
  const { near, bounds, limit, page } = request.query;
  const sent = new URLSearchParams(target.split("?")[1]);
  const read: Readonly<Record<string, string | undefined>> = {
    near: near && `${positionWords(near)} (sent, rounded)`,
    bounds: bounds && `${[bounds.west, bounds.south, bounds.east, bounds.north].join(",")} (sent, rounded)`,
  };
  return [
    ...sentNames.map((name) => `${name}=${read[name] ?? `${sent.get(name)?.trim()} (sent)`}`),
    ...Object.entries({ limit, page }).flatMap(([name, value]) => (sentNames.includes(name) ? [] : [`${name}=${value} (default)`])),
  ].join(", ");
}

function positionWords({ lat, lon }: Position): string {
  return `${lat},${lon}`;
}
