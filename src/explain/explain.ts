/** Says of one request what the proxy would do and why: every stage with its verdict and the line that decided. */
import type { UpstreamBase } from "../environment.ts";
import type { Location } from "../config/diagnostic.ts";
import type { Locator } from "../config/locate.ts";
import type { CallerKind } from "../caller/gate.ts";
import type { Decision, Stage } from "../decide.ts";
import type { Frontend, KeyPolicy, Policy, Rate, Route } from "../policy.ts";
import type { RouteMatch } from "../request/match.ts";
import type { Ask } from "./ask.ts";
import type { Suggestion } from "./suggestion.ts";
import { createCacheKeys } from "../cache/cache-key.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import { decideAsk } from "./ask.ts";
import { suggest } from "./suggestion.ts";

/** One stage on the way of a request. */
export interface StageVerdict {
  /** As in the log, where a stage refuses. */
  readonly stage: Stage | "limit" | "cache" | "spend" | "upstream" | "shape" | "present";
  /** `ahead`: it depends on what happens before it, or on Partoo; the words say what would apply. */
  readonly verdict: "passed" | "refused" | "not-reached" | "ahead";
  readonly words: string;
  /** The line that decides it; undefined where no configuration does. */
  readonly where?: Location;
}

export interface Explanation {
  readonly decision: "allowed" | "refused";
  /** Problem code; undefined when allowed. */
  readonly code?: string;
  /** The stage that refused, or the last one. */
  readonly stage: StageVerdict["stage"];
  readonly where: Location;
  /** What a refused caller is told. */
  readonly detail?: string;
  readonly stages: readonly StageVerdict[];
  readonly upstream?: UpstreamRequest;
  readonly cache?: CachePlan;
  /** The smallest change of the configuration that would allow it, or why there is none. */
  readonly suggestion?: Suggestion;
}

export interface UpstreamRequest {
  /** Path and query after Partoo's base. */
  readonly target: string;
  readonly url: string;
  /** Name of the key whose value is sent. */
  readonly key: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly value: string;
    readonly source: "sent" | "default" | "forced" | "path";
  }[];
}

/** Lifetimes in seconds. */
export interface CachePlan {
  readonly key: string;
  readonly fresh: number;
  readonly stale: number;
  readonly browser: number;
}

export interface ExplainContext {
  readonly policy: Policy;
  readonly locate: Locator;
  /** Where Partoo is. */
  readonly base: UpstreamBase;
}

const BEFORE: readonly Stage[] = ["request-line", "frontend", "caller", "route", "parameters"];
const AFTER = ["limit", "cache", "spend", "upstream", "shape", "present"] as const;

export function explain(context: ExplainContext, ask: Ask): Explanation {
  const decision = decideAsk(context.policy, ask);
  if (decision.decision === "refused") return explainRefusal(context, ask, decision);
  if (decision.decision === "preflight") return explainPreflight(context, decision.frontend);
  if (decision.decision === "description") return explainDescription(context, decision.frontend);
  return decision.decision === "directory" ? explainDirectory(context, decision) : explainAllowed(context, decision);
}

function explainRefusal(context: ExplainContext, ask: Ask, refused: Decision & { readonly decision: "refused" }): Explanation {
  const { stage, fault, frontend } = refused;
  const suggestion = suggest(context, ask, refused);
  const where = suggestion.at;
  const stages = BEFORE.map((name): StageVerdict => {
    if (name === stage) return { stage, verdict: "refused", words: `${fault.code}: ${fault.detail}`, where };
    const isBefore = BEFORE.indexOf(name) < BEFORE.indexOf(stage);
    if (!isBefore) return { stage: name, verdict: "not-reached", words: "" };
    return {
      stage: name,
      verdict: "passed",
      ...(name === "frontend" && frontend !== undefined ? frontendWords(context, frontend) : { words: "" }),
    };
  });
  const rest = AFTER.map((name): StageVerdict => ({ stage: name, verdict: "not-reached", words: "" }));
  return { decision: "refused", code: fault.code, stage, where, detail: fault.detail, stages: [...stages, ...rest], suggestion };
}

function explainPreflight(context: ExplainContext, frontend: Frontend): Explanation {
  const where = context.locate.frontend(frontend.name, "origins");
  const words = "a preflight of a listed origin: 204, for any path of this frontend, without a call";
  return { decision: "allowed", stage: "caller", where, stages: [{ stage: "caller", verdict: "passed", words, where }] };
}

function explainDescription(context: ExplainContext, frontend: Frontend): Explanation {
  const where = context.locate.frontend(frontend.name, "key");
  const words = "what this frontend may be asked for, as OpenAPI: for everybody, without a call";
  return { decision: "allowed", stage: "frontend", where, stages: [{ stage: "frontend", verdict: "passed", words, where }] };
}

function explainAllowed(context: ExplainContext, allowed: Decision & { readonly decision: "allowed" }): Explanation {
  const { frontend, kind, match } = allowed;
  const { route } = match;
  const upstream = upstreamRequest(context, frontend.key, match);
  const cache = cachePlan(context, frontend.key, match);
  const decided: readonly StageVerdict[] = [
    { stage: "request-line", verdict: "passed", words: "well formed" },
    { stage: "frontend", verdict: "passed", ...frontendWords(context, frontend) },
    { stage: "caller", verdict: "passed", ...callerWords(context, frontend, kind) },
    { stage: "route", verdict: "passed", words: `GET ${route.template}, allowed for the key ${frontend.key.name}`, where: route.where },
    { stage: "parameters", verdict: "passed", words: parameterWords(upstream), where: route.where },
  ];
  const ahead = aheadOf(context, { frontend, kind, route, upstream, cache });
  return { decision: "allowed", stage: "present", where: route.where, stages: [...decided, ...ahead], upstream, cache };
}

function explainDirectory(context: ExplainContext, { frontend, kind, stores }: Decision & { readonly decision: "directory" }): Explanation {
  const { locate } = context;
  const { key, limits } = frontend;
  const where = locate.frontend(frontend.name, "stores");
  const sent = stores.sentNames.join(", ") || "none";
  const shown = stores.template === "/stores/{store}" ? BUSINESS_BY_ID : BUSINESS_SEARCH;
  const route = key.routes.find(({ template }) => template === shown.template);
  const { fields, customFields } = route?.selection ?? { fields: [], customFields: [] };
  const words =
    stores.template === "/stores/all" ? "id, name, lat and long, as far as a list shows them" : fieldWords(fields, customFields);
  const limit = kind === "server" ? "none for servers" : `requests ${rateWords(limits.requests)} for one address`;
  return {
    decision: "allowed",
    stage: "present",
    where,
    stages: [
      { stage: "request-line", verdict: "passed", words: "well formed" },
      { stage: "frontend", verdict: "passed", ...frontendWords(context, frontend) },
      { stage: "caller", verdict: "passed", ...callerWords(context, frontend, kind) },
      { stage: "route", verdict: "passed", words: `GET ${stores.template} of the directory`, where },
      { stage: "parameters", verdict: "passed", words: sent, where },
      { stage: "limit", verdict: "ahead", words: limit, where: locate.frontend(frontend.name, "limits") },
      { stage: "cache", verdict: "ahead", words: `answered from the stores held for ${key.name}: never a call to Partoo`, where },
      { stage: "shape", verdict: "ahead", words, ...(route === undefined ? {} : { where: locateRoute(locate, key, route, "fields") }) },
      { stage: "present", verdict: "ahead", words: "ETag; Cache-Control: public, until a store in it opens or closes, a minute at most" },
    ],
  };
}

function fieldWords(fields: readonly string[], customFields: readonly string[]): string {
  return `of each item: ${fields.join(", ")}${customFields.length === 0 ? "" : `; custom fields ${customFields.join(", ")}`}`;
}

interface Allowed {
  readonly frontend: Frontend;
  readonly kind: CallerKind;
  readonly route: Route;
  readonly upstream: UpstreamRequest;
  readonly cache: CachePlan;
}

function aheadOf({ locate }: ExplainContext, { frontend, kind, route, upstream, cache }: Allowed): readonly StageVerdict[] {
  const { key, limits, share } = frontend;
  const { organization } = key;
  const isServer = kind === "server";
  const limitsAt = locate.frontend(frontend.name, "limits");
  const budget = organization.quotaPerMinute - organization.reservePerMinute;
  const report = limits.reportOnly ? " (only reported)" : "";
  const spend = `when a call is needed: ${isServer ? "no limit by address" : `misses ${rateWords(limits.misses)} for one address${report}`}; at most ${percent(share)} of ${organization.name}'s ${budget} calls a minute`;
  const items: readonly Omit<StageVerdict, "verdict">[] = [
    {
      stage: "limit",
      words: isServer ? "none for servers" : `requests ${rateWords(limits.requests)} for one address${report}`,
      where: limitsAt,
    },
    {
      stage: "cache",
      words: `${cache.key}; fresh ${cache.fresh} s, then usable ${cache.stale} s while stale`,
      where: locateRoute(locate, key, route, "cache"),
    },
    { stage: "spend", words: spend, where: limitsAt },
    { stage: "upstream", words: `GET ${upstream.url} with x-APIKey of ${upstream.key}`, where: route.where },
    {
      stage: "shape",
      words: fieldWords(route.selection.fields, route.selection.customFields),
      where: locateRoute(locate, key, route, "fields"),
    },
    {
      stage: "present",
      words: `ETag; Cache-Control: public, max-age=${cache.browser} and the answer's age`,
      where: locateRoute(locate, key, route, "cache"),
    },
  ];
  return items.map((item) => ({ ...item, verdict: "ahead" }));
}

/** Where a part of a route is written, or the route where it says nothing of it. */
function locateRoute(locate: Locator, key: KeyPolicy, route: Route, part: string): Location {
  return locate.bff("keys", key.name, "allow", `GET ${route.template}`, part);
}

function frontendWords({ locate }: ExplainContext, { name, key }: Frontend): { words: string; where: Location } {
  return { words: `${name}, with the key ${key.name}`, where: locate.frontend(name, "key") };
}

const KIND_WORDS: Readonly<Record<CallerKind, readonly [words: string, member: string]>> = {
  page: ["a page of a listed origin", "origins"],
  "same-origin": ["a page on the proxy's own origin", "key"],
  server: ["a listed server with its bearer token", "servers"],
  app: ["a caller without Origin: an app or a script", "apps"],
};

function callerWords({ locate }: ExplainContext, { name }: Frontend, kind: CallerKind): { words: string; where: Location } {
  const [words, member] = KIND_WORDS[kind];
  return { words, where: locate.frontend(name, member) };
}

function parameterWords({ parameters }: UpstreamRequest): string {
  return parameters.map(({ name, value, source }) => `${name}=${value} (${source})`).join(", ") || "none";
}

function upstreamRequest({ base }: ExplainContext, key: KeyPolicy, match: RouteMatch): UpstreamRequest {
  const { route, target, sentNames } = match;
  const [path = "", query = ""] = target.split("?");
  const segments = path.split("/").slice(1);
  const inPath = route.segments.flatMap((segment, position) =>
    "literal" in segment ? [] : [{ name: segment.parameter, value: decodeURIComponent(segments[position] ?? ""), source: "path" as const }],
  );
  const inQuery = [...new URLSearchParams(query)].map(([name, value]) => {
    return {
      name,
      value,
      source: route.force.has(name) ? ("forced" as const) : sentNames.includes(name) ? ("sent" as const) : ("default" as const),
    };
  });
  return { target, url: base.origin + base.prefix + target, key: key.name, parameters: [...inPath, ...inQuery] };
}

function cachePlan({ base }: ExplainContext, key: KeyPolicy, { route, target }: RouteMatch): CachePlan {
  const { freshSeconds, staleSeconds, browserSeconds } = route.lifetimes;
  return { key: createCacheKeys(base).of(key, route, target), fresh: freshSeconds, stale: staleSeconds, browser: browserSeconds };
}

const UNITS: ReadonlyMap<number, string> = new Map([
  [1, "s"],
  [60, "min"],
  [3600, "h"],
]);

function rateWords({ count, windowSeconds }: Rate): string {
  return `${count}/${UNITS.get(windowSeconds) ?? `${windowSeconds} s`}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
