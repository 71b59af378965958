/** Reads DIR/tests/*.yaml: what an operator expects of single requests. */
import type { Ask } from "../../explain/ask.ts";
import type { Policy } from "../../policy.ts";
import type { ProblemCode } from "../../problem.ts";
import type { Location } from "../diagnostic.ts";
import type { Place } from "../place.ts";
import type { Reporter } from "../reporter.ts";
import type { TestFile } from "../schema.ts";
import { STORES_SEGMENT } from "../../directory/stores-match.ts";
import { readAsk } from "../../explain/ask.ts";
import { member } from "../place.ts";
import { TestsFile } from "../schema.ts";
import { checkForm } from "../schema-faults.ts";
import { readTestSources } from "../source.ts";
import { didYouMean, quote } from "../suggest.ts";

export interface Expectation {
  readonly decision: "allowed" | "refused";
  readonly code?: ProblemCode;
  /** Path and query after Partoo's base. */
  readonly upstream?: string;
}

export interface ConfigTest {
  readonly name: string;
  readonly frontend: string;
  readonly ask: Ask;
  readonly expect: Expectation;
  readonly where: Location;
}

/** Requests as written, before the frontend's name is added, that are no call to Partoo when they are allowed. */
const WITHOUT_CALL = [
  [new RegExp(`^[A-Z]+ /${STORES_SEGMENT}(?:[/?]|$)`), "the directory"],
  [/^POST \/session(?:\?|$)/, "a session"],
] as const;

/** @returns the tests that can be run; the faults of the others are reported */
export function readTests(directory: string, policy: Policy, reporter: Reporter): readonly ConfigTest[] {
  return readTestSources(directory, reporter).flatMap(({ root }) => {
    const tests = root === undefined || root.value === null ? [] : checkForm(root, TestsFile, reporter);
    return (tests ?? []).flatMap((test, nth) => {
      const place = root?.items[nth];
      return place === undefined || !isSound(test, { place, policy, reporter }) ? [] : [compileTest(test, place.nameAt)];
    });
  });
}

function isSound(test: TestFile, { place, policy, reporter }: { place: Place; policy: Policy; reporter: Reporter }): boolean {
  const { decision, code, upstream } = test.expect;
  const expected = member(place, "expect") ?? place;
  const isKnown = policy.frontends.has(test.frontend);
  if (!isKnown) {
    const at = member(place, "frontend") ?? place;
    reporter.error(
      at.at,
      "frontend-unknown",
      `there is no frontend ${quote(test.frontend)}`,
      didYouMean(test.frontend, [...policy.frontends.keys()]),
    );
  }
  const contradiction = decision === "allowed" ? code !== undefined && "code" : upstream !== undefined && "upstream";
  const isCall = decision === "allowed" && upstream !== undefined;
  const [, withoutCall] = (isCall && WITHOUT_CALL.find(([form]) => form.test(test.request))) || [];
  const fault = withoutCall === undefined ? contradiction : "upstream";
  if (fault !== false) {
    const what = withoutCall === undefined ? `a request that is ${decision}` : `${withoutCall}: it asks nothing of Partoo`;
    const at = (member(expected, fault) ?? expected).nameAt;
    reporter.error(at, "test-contradiction", `${fault} says nothing of ${what}`, "remove the line");
  }
  return isKnown && fault === false;
}

function compileTest({ name, frontend, request, origin, session, server, headers, expect }: TestFile, where: Location): ConfigTest {
  const { method, target } = readAsk(request) as Pick<Ask, "method" | "target">;
  const { decision, code, upstream } = expect;
  return {
    name,
    frontend,
    where,
    ask: {
      method,
      target: `/${frontend}${target}`,
      headers: Object.entries(headers ?? {}),
      ...(origin === undefined ? {} : { origin }),
      ...(session === undefined ? {} : { session }),
      ...(server === undefined ? {} : { server }),
    },
    expect: { decision, ...(code === undefined ? {} : { code }), ...(upstream === undefined ? {} : { upstream }) },
  };
}
