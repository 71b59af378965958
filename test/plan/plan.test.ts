/** `check --plan`: worst-case calls a minute, counted by hand. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import type { ParameterSchema } from "../../src/partoo/endpoint.ts";
import { countValues } from "../../src/plan/count-values.ts";
import type { OrganizationPlan } from "../../src/plan/plan.ts";
import { planCalls } from "../../src/plan/plan.ts";
import { runCli } from "../support/cli.ts";

function configWith(allow: string, key = "", frontends: Readonly<Record<string, string>> = { site: "" }): string {
  const directory = mkdtempSync(join(tmpdir(), "plan-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "frontends"));
  const bff = `version: 1\norganizations: { acme: { quota: 100/min, reserve: 20% } }\nkeys:\n  reader:\n    organization: acme\n${key}    allow:\n${allow}`;
  writeFileSync(join(directory, "bff.yaml"), bff);
  for (const [name, more] of Object.entries(frontends)) {
    writeFileSync(join(directory, "frontends", `${name}.yaml`), `key: reader\napps: true\n${more}`);
  }
  return directory;
}

function planned(directory: string, stores: number): OrganizationPlan {
  const { policy, diagnostics } = loadConfig(directory);
  const [plan] = policy === undefined ? [] : planCalls(policy, stores);
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

const SINGLE = "      GET /business/{business_id}: { fields: [id], cache: 10m }\n";
const SEARCH = (query: string): string => `      GET /business/search: { fields: [id], query: ${query}, cache: 10m }\n`;
const callsOf = (plan: OrganizationPlan): readonly unknown[] =>
  plan.routes.map(({ route, answers, callsPerMinute }) => [route, answers, callsPerMinute]);

describe("the plan", () => {
  test("counts pages of a sweep before they are stale, and nothing for stores that are held", () => {
    // 1,000 stores are 10 pages and one more, every 8 of 10 minutes.
    expect(callsOf(planned(configWith(SEARCH("{ page: { maximum: 5 } }") + SINGLE), 1000))).toEqual([
      ["sweep", 11, 11 / 8],
      ["GET /business/search", 6, 6 / 10],
      ["GET /business/{business_id}", 1000, 0],
    ]);
  });

  test("counts what changed once a minute for a directory, however many frontends offer it", () => {
    const allow = SEARCH("{ page: { maximum: 5 } }") + SINGLE;
    const frontends = { site: "stores: true\n", app: "stores: true\n", plain: "" };
    const plan = planned(configWith(allow, "", frontends), 1000);
    expect(callsOf(plan)).toEqual([
      ["sweep", 11, 11 / 8],
      ["changes", 1, 1],
      ["GET /business/search", 6, 6 / 10],
      ["GET /business/{business_id}", 1000, 0],
    ]);
    expect(plan.callsPerMinute).toBeCloseTo(11 / 8 + 1 + 6 / 10);
  });

  test("counts pages of ratings, each once in the freshness of their route and at most once a minute", () => {
    const metrics = (fresh: string): string =>
      `      GET /review_analytics/metrics: { force: { dimensions: business, metrics: average_rating }, fields: [dimension, metrics], cache: ${fresh} }\n`;
    const ratingsOf = (fresh: string, frontend: string): readonly unknown[] =>
      callsOf(planned(configWith(SEARCH("{}") + SINGLE + metrics(fresh), "", { site: frontend }), 5000)).filter(
        (call) => (call as unknown[])[0] === "ratings",
      );
    expect(ratingsOf("1h", "stores: true\n")).toEqual([["ratings", 51, 51 / 60]]);
    expect(ratingsOf("30s", "stores: true\n")).toEqual([["ratings", 51, 51]]);
    expect(ratingsOf("1h", "")).toEqual([]);
  });

  test("without a sweep every store is asked for by both of its names", () => {
    expect(callsOf(planned(configWith(SINGLE), 100))).toEqual([["GET /business/{business_id}", 200, 20]]);
  });

  test("multiplies parameters; one that may be left out has one more way, one with a default has not", () => {
    const search = SEARCH("{ page: { maximum: 5 }, per_page: { enum: [10, 50], default: 50 }, subscribed_to_rm: {} }");
    expect(callsOf(planned(configWith(search), 100))).toEqual([["GET /business/search", 6 * 2 * 3, 3.6]]);
  });

  test("names what callers can spell without end", () => {
    const plan = planned(configWith(SEARCH("{ query: {}, city: { enum: [Paris, Lyon] }, page: {} }")), 100);
    expect(plan.routes).toMatchObject([{ unbounded: ["query", "page"], answers: null, callsPerMinute: null }]);
    expect([plan.callsPerMinute, plan.budget, plan.holds]).toEqual([0, 80, true]);
  });

  test("does not hold when the countable routes alone cost more than quota less reserve", () => {
    expect(planned(configWith(SINGLE), 400)).toMatchObject({ callsPerMinute: 80, budget: 80, holds: true });
    expect(planned(configWith(SINGLE), 401)).toMatchObject({ holds: false });
  });
});

/** Every subset, one by one. */
function subsetsByHand(values: number, most: number): number {
  let count = 0;
  for (let mask = 1; mask < 2 ** values; mask += 1) if (mask.toString(2).replaceAll("0", "").length <= most) count += 1;
  return count;
}

test.each([
  [4, 4],
  [6, 2],
  [8, 3],
])("a list of %d words with at most %d items has as many forms as there are subsets", (values, most) => {
  const schema: ParameterSchema = { type: "array", description: "", items: { type: "integer", minimum: 1, maximum: values } };
  expect(countValues(schema, { maxItems: most })).toBe(subsetsByHand(values, most));
});

describe("the command", () => {
  test("prints the plan, and ends with 1 when the quota can't hold it", async () => {
    const directory = configWith(SINGLE, "    permissions: []\n");
    const fits = await runCli(["check", "--config", directory, "--plan", "--stores", "400"]);
    expect([fits.code, fits.stdout]).toEqual([0, expect.stringContaining("80.0 of 80 a minute holds")]);
    const over = await runCli(["check", "--config", directory, "--plan", "--stores", "401"]);
    expect([over.code, over.stdout]).toEqual([1, expect.stringContaining("does not hold")]);
  });

  test("says what sweeps and changes are", async () => {
    const directory = configWith(SEARCH("{}") + SINGLE, "    permissions: []\n", { site: "stores: true\n" });
    const { stdout } = await runCli(["check", "--config", directory, "--plan"]);
    expect(stdout).toContain("1.4 a minute: 11 pages of all stores, each 480 s");
    expect(stdout).toContain("1.0 a minute: 1 page of what changed, each 60 s");
  });

  test("has a form for pipelines", async () => {
    const { stdout } = await runCli(["check", "--config", configWith(SINGLE, "    permissions: []\n"), "--plan", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [], plan: [{ organization: "acme", holds: false }] });
  });
});
