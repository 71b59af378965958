/** Says of one request what the proxy would do and why: every stage with its verdict and the line that decided. */
import type { UpstreamBase } from "../environment.ts";
import type { Location } from "../config/diagnostic.ts";
import type { Locator } from "../config/locate.ts";
import type { CallerKind } from "../caller/gate.ts";
import type { Decision, Stage } from "../decide.ts";
import type { Frontend, KeyPolicy, Policy, Route } from "../policy.ts";
import type { RouteMatch } from "../request/match.ts";
import type { Ask } from "./ask.ts";
import type { Suggestion } from "./suggestion.ts";
import { createCacheKeys } from "../cache/cache-key.ts";
import { decideAsk } from "./ask.ts";
import { cacheScope, explainSession, sessionOfCall, sessionOfCaller } from "./session.ts";
import { explainStores } from "./stores.ts";
import { suggest } from "./suggestion.ts";
import { callerWords, fieldWords, frontendWords, limitWords, locateRoute, rateWords } from "./words.ts";

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
  /** `memory`: the directory, which is held there whole. */
  readonly cache?: CachePlan | "memory";
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
  if (decision.decision === "session") return explainSession(context, decision);
  return decision.decision === "directory" ? explainStores(context, ask, decision) : explainAllowed(context, ask, decision);
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
      ...(name === "frontend" && frontend !== undefined ? frontendWords(context.locate, frontend) : { words: "" }),
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

function explainAllowed(context: ExplainContext, ask: Ask, allowed: Decision & { readonly decision: "allowed" }): Explanation {
  const { frontend, kind, match } = allowed;
  const { route } = match;
  const upstream = upstreamRequest(context, frontend.key, match);
  const cache = cachePlan(context, frontend.key, match);
  const decided: readonly StageVerdict[] = [
    { stage: "request-line", verdict: "passed", words: "well formed" },
    { stage: "frontend", verdict: "passed", ...frontendWords(context.locate, frontend) },
    { stage: "caller", verdict: "passed", ...callerWords(context.locate, frontend, kind) },
    ...sessionOfCaller(context.locate, frontend, kind).map((stage) => ({ ...stage, verdict: "passed" as const })),
    { stage: "route", verdict: "passed", words: `GET ${route.template}, allowed for the key ${frontend.key.name}`, where: route.where },
    { stage: "parameters", verdict: "passed", words: parameterWords(upstream), where: route.where },
  ];
  const ahead = aheadOf(context, { ask, frontend, kind, route, upstream, cache });
  return { decision: "allowed", stage: "present", where: route.where, stages: [...decided, ...ahead], upstream, cache };
}

interface Allowed {
  readonly ask: Ask;
  readonly frontend: Frontend;
  readonly kind: CallerKind;
  readonly route: Route;
  readonly upstream: UpstreamRequest;
  readonly cache: CachePlan;
}

function aheadOf({ locate }: ExplainContext, { ask, frontend, kind, route, upstream, cache }: Allowed): readonly StageVerdict[] {
  const { key, limits, share } = frontend;
  const { organization } = key;
  const isServer = kind === "server";
  const limitsAt = locate.frontend(frontend.name, "limits");
  const budget = organization.quotaPerMinute - organization.reservePerMinute;
  const report = limits.reportOnly ? " (only reported)" : "";
  const spend = `when a call is needed: ${isServer ? "no limit by address" : `misses ${rateWords(limits.misses)} for one address${frontend.session === "none" ? "" : " and one session"}${report}`}; at most ${percent(share)} of ${organization.name}'s ${budget} calls a minute`;
  const items: readonly Omit<StageVerdict, "verdict">[] = [
    { stage: "limit", ...limitWords(locate, frontend, kind) },
    {
      stage: "cache",
      words: `${cache.key}; fresh ${cache.fresh} s, then usable ${cache.stale} s while stale`,
      where: locateRoute(locate, key, route, "cache"),
    },
    ...sessionOfCall(locate, frontend, { kind, ask }),
    { stage: "spend", words: spend, where: limitsAt },
    { stage: "upstream", words: `GET ${upstream.url} with x-APIKey of ${upstream.key}`, where: route.where },
    {
      stage: "shape",
      words: `of each item: ${fieldWords(route.selection)}`,
      where: locateRoute(locate, key, route, "fields"),
    },
    {
      stage: "present",
      words: `ETag; Cache-Control: ${cacheScope(frontend)}, max-age=${cache.browser} and the answer's age`,
      where: locateRoute(locate, key, route, "cache"),
    },
  ];
  return items.map((item) => ({ ...item, verdict: "ahead" }));
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

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
