/** Which routes of which frontends no test looks at. */
import type { Frontend, Policy, Route } from "../../policy.ts";
import type { Ask } from "../../explain/ask.ts";
import type { Location } from "../diagnostic.ts";
import type { Locator } from "../locate.ts";
import type { Reporter } from "../reporter.ts";
import type { ConfigTest } from "./read-tests.ts";
import { STORES_SEGMENT, templateOfStores } from "../../directory/stores-match.ts";

/** The addresses of a directory. */
const STORES_TEMPLATES = ["/stores", "/stores/all", "/stores/{store}"] as const;

/** Warns of every route of every frontend, every address of its directory, and where its sessions are minted, without a test that expects it allowed, and one that expects a refusal. */
export function checkCoverage(
  policy: Policy,
  tests: readonly ConfigTest[],
  { reporter, locate }: { reporter: Reporter; locate: Locator },
): void {
  const report = (found: readonly ConfigTest[], name: string, where: Location): void => {
    const expected = new Set(found.map(({ expect }) => expect.decision));
    const missing = (["allowed", "refused"] as const).filter((decision) => !expected.has(decision));
    if (missing.length > 0) reporter.warning(where, "route-untested", `no test expects ${name} to be ${missing.join(", nor one ")}`);
  };
  for (const frontend of policy.frontends.values()) {
    const own = tests.filter((test) => test.frontend === frontend.name);
    for (const route of frontend.routes) {
      const found = own.filter((test) => concerns(test, frontend, route));
      report(found, `GET ${route.template} of ${frontend.name}`, route.where);
    }
    for (const template of frontend.stores ? STORES_TEMPLATES : []) {
      const found = own.filter(({ ask }) => storesTemplate(ask) === template);
      report(found, `GET ${template} of ${frontend.name}`, locate.frontend(frontend.name, "stores"));
    }
    if (frontend.session === "none") continue;
    const found = own.filter(({ ask: { target } }) => segmentsOf(target)[2] === "session");
    report(found, `POST /session of ${frontend.name}`, locate.frontend(frontend.name, "session"));
  }
}

/** Of the directory, by the path as sent. */
function storesTemplate({ target }: Ask): string | undefined {
  const [, , first, ...below] = segmentsOf(target);
  return first === STORES_SEGMENT ? templateOfStores(below) : undefined;
}

/** Whether the path as sent has the form of the template: `/business/..%2Fapi_keys` concerns `/business/{business_id}`. */
function concerns({ ask }: ConfigTest, frontend: Frontend, route: Route): boolean {
  const [, , version, ...segments] = segmentsOf(ask.target);
  if (version !== "v2" || segments.length !== route.segments.length) return false;
  const isOther = frontend.routes.some((other) => other !== route && other.template === `/${segments.join("/")}`);
  return !isOther && route.segments.every((expected, position) => !("literal" in expected) || expected.literal === segments[position]);
}

function segmentsOf(target: string): readonly string[] {
  return (target.split("?")[0] ?? "").split("/");
}
