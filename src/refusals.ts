/** The last refusals, for the operator: counted by frontend, code and stage, with a few examples in names of ours. Nothing a visitor sent. */
import type { Caller } from "./caller/caller.ts";
import type { Decision, Stage } from "./decide.ts";
import type { Problem, ProblemCode } from "./problem.ts";
import type { RequestHead } from "./request/request-line.ts";
import { CATALOGUE } from "./partoo/catalogue.ts";
import { STORES_PARAMETERS } from "./directory/stores-request.ts";
import { STORES_SEGMENT, templateOfStores } from "./directory/stores-match.ts";
import { templateOfPath } from "./partoo/refused.ts";

const MAX_EXAMPLES = 5;
/** A flood is counted; finding names for each of its requests would help it. */
const EXAMPLES_PER_SECOND = 20;
const MAX_NAMES = 8;
const MAX_ORIGIN_LENGTH = 100;
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[a-z0-9.:[\]-]+)$/;
const SITES: ReadonlySet<string | undefined> = new Set(["same-origin", "same-site", "cross-site", "none"]);
const MODES: ReadonlySet<string | undefined> = new Set(["cors", "no-cors", "navigate", "same-origin", "websocket"]);
const DESTS: ReadonlySet<string | undefined> = new Set(["document", "empty", "iframe", "image", "script", "style"]);

/** Besides limits. `challenge-required` is none: whoever asks for a challenge is told so. */
const REFUSED_AT_SPENDING: ReadonlySet<ProblemCode> = new Set([
  "quota-exhausted",
  "session-required",
  "session-invalid",
  "challenge-invalid",
  "challenge-unavailable",
]);
const SESSION_SEGMENT = "session";

/** What is kept of one refused request. */
export interface RefusedRequest {
  readonly method: string;
  /** As in Partoo's documentation, with parameters for values, of the directory, or `/session`; undefined: there is no such path. */
  readonly template: string | undefined;
  /** Query parameters that are known there. */
  readonly names: readonly string[];
  /** Whether there were others. */
  readonly otherNames: boolean;
  /** undefined: there was none, or it was not well formed. */
  readonly origin: string | undefined;
  /** The configured server whose token it carried. */
  readonly server: string | undefined;
  /** Words of the Fetch-Metadata standard; undefined: none, or another. */
  readonly site: string | undefined;
  readonly mode: string | undefined;
  readonly dest: string | undefined;
  /** What was wrong with the parameters, without their values. */
  readonly detail: string | undefined;
}

export interface RefusalGroup {
  /** Empty where the path names none. */
  readonly frontend: string;
  readonly code: ProblemCode;
  readonly stage: Stage | "limit" | "spend";
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
  /** The last ones that were new, all different. */
  readonly examples: readonly RefusedRequest[];
}

/** One exchange that ended with a problem. */
export interface EndedExchange {
  readonly method: string;
  readonly head: RequestHead;
  readonly caller: Caller;
  readonly decision: Decision;
  readonly fault: Problem;
}

export interface RefusalBook {
  /** Counts it when it was refused, and not when Partoo failed. */
  note(exchange: EndedExchange): void;
  /** By frontend, code and stage: who reads them finds each where it was. */
  groups(): readonly RefusalGroup[];
}

/** @param now milliseconds since 1970 */
export function createRefusalBook(now: () => number = Date.now): RefusalBook {
  const groups = new Map<string, { -readonly [Name in keyof RefusalGroup]: RefusalGroup[Name] }>();
  let second = 0;
  let room = EXAMPLES_PER_SECOND;

  const hasRoom = (time: number): boolean => {
    const current = Math.floor(time / 1000);
    if (current !== second) [second, room] = [current, EXAMPLES_PER_SECOND];
    room -= 1;
    return room >= 0;
  };
  return {
    note(exchange) {
      const { decision, fault } = exchange;
      const stage = stageOf(decision, fault);
      if (stage === undefined) return;
      const frontend = decision.frontend?.name ?? "";
      const key = `${frontend} ${fault.code} ${stage}`;
      const time = now();
      const group = groups.get(key) ?? { frontend, code: fault.code, stage, count: 0, lastAt: time, examples: [] };
      groups.set(key, group);
      group.count += 1;
      group.lastAt = time;
      if (hasRoom(time)) group.examples = withExample(group.examples, describe(exchange));
    },
    groups: () => [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => ({ ...group })),
  };
}

function stageOf(decision: Decision, { code, headers }: Problem): RefusalGroup["stage"] | undefined {
  if (decision.decision === "refused") return decision.stage;
  if (code === "rate-limited") return headers["ratelimit-policy"]?.startsWith('"misses"') === true ? "spend" : "limit";
  return REFUSED_AT_SPENDING.has(code) ? "spend" : undefined;
}

function withExample(examples: readonly RefusedRequest[], example: RefusedRequest): readonly RefusedRequest[] {
  const text = JSON.stringify(example);
  if (examples.some((other) => JSON.stringify(other) === text)) return examples;
  return [...examples, example].slice(-MAX_EXAMPLES);
}

function describe({ method, head, caller, fault }: EndedExchange): RefusedRequest {
  const [path = "", ...queries] = head.target.split("?");
  const [, , first, ...below] = path.split("/");
  const template = templateOf(first, below);
  const { site, mode, dest } = caller.fetchMetadata;
  return {
    method,
    template,
    ...namesOf(queries.join("?"), template),
    origin: isShown(caller.origin) ? caller.origin : undefined,
    server: caller.server,
    site: SITES.has(site) ? site : undefined,
    mode: MODES.has(mode) ? mode : undefined,
    dest: DESTS.has(dest) ? dest : undefined,
    // Of all details this one says most, and it has names of the catalogue only.
    detail: fault.code === "parameter-invalid" ? fault.detail : undefined,
  };
}

function templateOf(first: string | undefined, below: readonly string[]): string | undefined {
  if (first === STORES_SEGMENT) return templateOfStores(below);
  if (first === SESSION_SEGMENT) return below.length === 0 ? `/${SESSION_SEGMENT}` : undefined;
  return first === "v2" ? templateOfPath(`/${below.join("/")}`) : undefined;
}

function namesOf(query: string, template: string | undefined): Pick<RefusedRequest, "names" | "otherNames"> {
  const known = template === "/stores" ? STORES_PARAMETERS : new Set(Object.keys(CATALOGUE.get(template ?? "")?.query ?? {}));
  const sent = new Set(query.split("&", MAX_NAMES + 1).map((pair) => pair.split("=", 1)[0] ?? ""));
  sent.delete("");
  const names = [...sent].filter((name) => known.has(name)).slice(0, MAX_NAMES);
  return { names, otherNames: names.length < sent.size };
}

function isShown(origin: string | undefined): boolean {
  return origin !== undefined && origin.length <= MAX_ORIGIN_LENGTH && ORIGIN.test(origin);
}
