/** Which routes of which frontends no test looks at. */
import type { Frontend, Policy, Route } from "../../policy.ts";
import type { Reporter } from "../reporter.ts";
import type { ConfigTest } from "./read-tests.ts";

/** Warns of every route of every frontend without a test that expects it allowed, and one that expects a refusal. */
export function checkCoverage(policy: Policy, tests: readonly ConfigTest[], reporter: Reporter): void {
  for (const frontend of policy.frontends.values()) {
    for (const route of frontend.routes) {
      const expected = new Set(tests.filter((test) => concerns(test, frontend, route)).map(({ expect }) => expect.decision));
      const missing = (["allowed", "refused"] as const).filter((decision) => !expected.has(decision));
      if (missing.length === 0) continue;
      const message = `no test expects GET ${route.template} of ${frontend.name} to be ${missing.join(", nor one ")}`;
      reporter.warning(route.where, "route-untested", message);
    }
  }
}

/** Whether the path as sent has the form of the template: `/business/..%2Fapi_keys` concerns `/business/{business_id}`. */
function concerns({ frontend: name, ask }: ConfigTest, frontend: Frontend, route: Route): boolean {
  if (name !== frontend.name) return false;
  const [, , version, ...segments] = (ask.target.split("?")[0] ?? "").split("/");
  if (version !== "v2" || segments.length !== route.segments.length) return false;
  const isOther = frontend.routes.some((other) => other !== route && other.template === `/${segments.join("/")}`);
  return !isOther && route.segments.every((expected, position) => !("literal" in expected) || expected.literal === segments[position]);
}
