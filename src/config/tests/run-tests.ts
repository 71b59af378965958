/** Runs the tests of a configuration, and for every route a set of hostile neighbours that must be refused. */
import type { Decision } from "../../decide.ts";
import type { Frontend, Policy } from "../../policy.ts";
import type { Location } from "../diagnostic.ts";
import type { Neighbour } from "./neighbours.ts";
import type { ConfigTest, Expectation } from "./read-tests.ts";
import { decideAsk } from "../../explain/ask.ts";
import { neighboursOf, neighboursOfSession, neighboursOfStores, STORES_PATHS } from "./neighbours.ts";

export interface TestFailure {
  readonly name: string;
  readonly where: Location;
  readonly expected: Expectation;
  readonly got: Expectation;
}

export interface TestReport {
  /** Tests of the operator's that passed. */
  readonly passed: number;
  /** Generated requests that were refused, as they must be. */
  readonly neighbours: number;
  readonly failed: readonly TestFailure[];
}

export function runTests(policy: Policy, tests: readonly ConfigTest[]): TestReport {
  const failed = tests.flatMap(({ name, ask, expect, where }): readonly TestFailure[] => {
    const got = outcomeOf(decideAsk(policy, ask));
    return isMet(expect, got) ? [] : [{ name, where, expected: expect, got }];
  });
  const tried = [...policy.frontends.values()].flatMap((frontend) => tryNeighbours(policy, frontend));
  const allowed = tried.filter(({ got }) => got.decision !== "refused");
  return { passed: tests.length - failed.length, neighbours: tried.length - allowed.length, failed: [...failed, ...allowed] };
}

/** @returns what came of each; it fails when it is not refused */
function tryNeighbours(policy: Policy, frontend: Frontend): readonly TestFailure[] {
  const attempt = (name: string, where: Location, neighbours: readonly Neighbour[]): readonly TestFailure[] =>
    neighbours.map(({ words, ask }) => ({
      name: `neighbour of ${name} at ${frontend.name}: ${words}`,
      where,
      expected: { decision: "refused" },
      got: outcomeOf(decideAsk(policy, ask)),
    }));
  return [
    ...frontend.routes.flatMap((route) => attempt(`GET ${route.template}`, route.where, neighboursOf(frontend, route))),
    ...(frontend.stores ? STORES_PATHS : []).flatMap((path) => attempt(`GET ${path}`, frontend.where, neighboursOfStores(frontend, path))),
    ...attempt("POST /session", frontend.where, neighboursOfSession(frontend)),
  ];
}

function outcomeOf(decision: Decision): Expectation {
  if (decision.decision === "refused") return { decision: "refused", code: decision.fault.code };
  if (decision.decision !== "allowed") return { decision: "allowed" };
  return { decision: "allowed", upstream: decision.match.target };
}

/** What the test does not name may be anything. */
function isMet(expected: Expectation, got: Expectation): boolean {
  if (expected.decision !== got.decision) return false;
  if (expected.code !== undefined && expected.code !== got.code) return false;
  return expected.upstream === undefined || expected.upstream === got.upstream;
}
