/** `test`: an operator's expectations are run with the server's own decisions; neighbours of every route are refused. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Ask } from "../../src/explain/ask.ts";
import type { Frontend, Policy } from "../../src/policy.ts";
import { judgeConfig } from "../../src/config/judge.ts";
import { neighboursOf, neighboursOfSession, neighboursOfStores, STORES_PATHS } from "../../src/config/tests/neighbours.ts";
import { sampleOf } from "../../src/config/tests/sample.ts";
import { decideAsk } from "../../src/explain/ask.ts";
import { CATALOGUE } from "../../src/partoo/catalogue.ts";
import { loadConfig } from "../../src/config/load.ts";
import { runCli } from "../support/cli.ts";
import { SOUND_BFF, SOUND_FRONTEND } from "./temporary-config.ts";

const ORIGIN = "https://stores.acme.example";

/** A configuration with one file of tests. */
function configWith(tests: string | undefined, bff = SOUND_BFF, frontend = SOUND_FRONTEND): string {
  const directory = mkdtempSync(join(tmpdir(), "config-tests-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const folder of ["frontends", "tests"]) mkdirSync(join(directory, folder));
  writeFileSync(join(directory, "bff.yaml"), bff);
  writeFileSync(join(directory, "frontends", "site.yaml"), frontend);
  if (tests !== undefined) writeFileSync(join(directory, "tests", "site.yaml"), tests);
  return directory;
}

const codesOf = (directory: string): readonly string[] =>
  judgeConfig(directory).diagnostics.map(
    ({ file, line, severity, code }) => `${severity} ${file.slice(directory.length + 1)}:${line} ${code}`,
  );

const ALLOWED = `- name: allowed
  frontend: site
  request: GET /v2/business/search?city=Paris
  origin: ${ORIGIN}
  expect: { decision: allowed, upstream: "/business/search?city=Paris" }
`;
const REFUSED = `- name: refused
  frontend: site
  request: GET /v2/business/search?city=Paris
  expect: { decision: refused, code: origin-not-allowed }
`;

describe("the shipped configuration", () => {
  test("has an allowed and a refused test for every route of every frontend, and passes", async () => {
    expect(judgeConfig("config")).toMatchObject({ diagnostics: [], report: { failed: [] } });
    const { code, stdout } = await runCli(["test"], { cwd: join(import.meta.dirname, "../..") });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d\d passed, 0 failed; \d{4} hostile neighbours refused\n$/)]);
  });
});

describe("a frontend whose requests all need a session", () => {
  const frontend = `${SOUND_FRONTEND}session: required\n`;
  const without = ALLOWED.replace(/expect:.*/, "expect: { decision: refused, code: session-required }");

  test("is tested with session: true, and without one", () => {
    const withOne = ALLOWED.replace("  expect", "  session: true\n  expect");
    const withNone = without.replace("  expect", "  session: false\n  expect");
    const { report, diagnostics } = judgeConfig(configWith(withOne + without + withNone, SOUND_BFF, frontend));
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(report).toMatchObject({ passed: 3, failed: [] });
  });

  test("fails a test that forgot it", () => {
    const { report } = judgeConfig(configWith(ALLOWED, SOUND_BFF, frontend));
    expect(report?.failed).toMatchObject([{ got: { decision: "refused", code: "session-required" } }]);
  });

  test("is asked for its session by POST, of which no path at Partoo can be expected", () => {
    const mint = ALLOWED.replace(/GET \S+/, "POST /session");
    expect(codesOf(configWith(mint, SOUND_BFF, frontend))).toContain("error tests/site.yaml:5 test-contradiction");
    expect(judgeConfig(configWith(mint.replace(/, upstream: .*? }/, " }"), SOUND_BFF, frontend)).report).toMatchObject({ failed: [] });
  });
});

describe("a test that fails", () => {
  const wrong = `${ALLOWED.replace('city=Paris" }', 'city=Rome" }')}${REFUSED.replace("origin-not-allowed", "fetch-metadata-refused")}`;

  test("is named with file, line, expectation and outcome; exit 1", async () => {
    const directory = configWith(wrong);
    const { code, stdout } = await runCli(["test", "--config", directory, "--json"]);
    expect(code).toBe(1);
    const file = join(directory, "tests/site.yaml");
    expect(JSON.parse(stdout)).toMatchObject({
      passed: 0,
      failed: [
        {
          name: "allowed",
          file,
          line: 1,
          expected: { decision: "allowed", upstream: "/business/search?city=Rome" },
          got: { decision: "allowed", upstream: "/business/search?city=Paris" },
        },
        {
          name: "refused",
          file,
          line: 6,
          expected: { decision: "refused", code: "fetch-metadata-refused" },
          got: { decision: "refused", code: "origin-not-allowed" },
        },
      ],
    });
  });

  test("is printed for people with its place first", async () => {
    const directory = configWith(wrong);
    const { stdout } = await runCli(["test", "--config", directory]);
    expect(stdout).toContain(
      `${join(directory, "tests/site.yaml")}:6:3: failed: refused\n  expected refused fetch-metadata-refused\n  got      refused origin-not-allowed\n`,
    );
  });
});

describe("check", () => {
  test("warns of a route that has no allowed or no refused test", () => {
    expect(codesOf(configWith(ALLOWED))).toEqual(["warning bff.yaml:8 route-untested"]);
    expect(codesOf(configWith(REFUSED))).toEqual(["warning bff.yaml:8 route-untested"]);
    expect(codesOf(configWith(ALLOWED + REFUSED))).toEqual([]);
  });

  test("warns of each address of a directory that has no allowed or no refused test", () => {
    const offered = "stores: true\n";
    const untested = (tests: string): readonly string[] =>
      judgeConfig(configWith(ALLOWED + REFUSED + tests, STORES_BFF, SOUND_FRONTEND + offered))
        .diagnostics.filter(({ code }) => code === "route-untested")
        .map(({ file, line, message }) => `${basename(file)}:${line} ${message}`);
    const of = (target: string): string =>
      ALLOWED.replace(/\/v2\S+/, target).replace(/, upstream: .*? }/, " }") + REFUSED.replace(/\/v2\S+/, target);
    const lines = ["/stores", "/stores/all", "/stores/{store}"].map(
      (template) => `site.yaml:${SOUND_FRONTEND.split("\n").length} no test expects GET ${template} of site to be allowed, nor one refused`,
    );
    const single = of("/v2/business/000000000000000000000001");
    expect(untested(single)).toEqual(lines);
    expect(untested(single + of("/stores?near=1,2"))).toEqual(lines.slice(1));
    expect(untested(single + of("/stores") + of("/stores/all") + of("/stores/c-1"))).toEqual([]);
  });

  test("warns of sessions without an allowed or a refused test of minting one", () => {
    const frontend = `${SOUND_FRONTEND}session: on-miss\n`;
    const minted = ALLOWED.replace(/GET \S+/, "POST /session").replace(/, upstream: .*? }/, " }");
    const untested = (tests: string): readonly string[] => codesOf(configWith(tests, SOUND_BFF, frontend));
    expect(untested(ALLOWED + REFUSED)).toEqual([`warning frontends/site.yaml:${frontend.split("\n").length - 1} route-untested`]);
    expect(untested(ALLOWED + REFUSED + minted)).toHaveLength(1);
    expect(untested(ALLOWED + REFUSED + minted + REFUSED.replace(/GET \S+/, "POST /session"))).toEqual([]);
  });

  test("says nothing of tests where there are none", () => {
    expect(codesOf(configWith(undefined))).toEqual([]);
  });

  test.each([
    ["a word that is no decision", REFUSED.replace("refused, code", "denied, code"), 4, "option-invalid"],
    ["a code that does not exist", REFUSED.replace("origin-not-allowed", "origin-refused"), 4, "option-invalid"],
    ["a misspelt member", REFUSED.replace("request:", "reqeust:"), 3, "option-unknown"],
    ["a request without a method", REFUSED.replace("GET /v2", "/v2"), 3, "option-invalid"],
    ["a frontend that there is not", REFUSED.replace("site", "sites"), 2, "frontend-unknown"],
    ["a code of an allowed request", ALLOWED.replace("upstream:", "code: path-encoding, upstream:"), 5, "test-contradiction"],
    [
      "an upstream of a refused request",
      REFUSED.replace("code: origin-not-allowed", "upstream: /business/search"),
      4,
      "test-contradiction",
    ],
    ["an upstream of the directory, which has none", ALLOWED.replace(/\/v2\S+/, "/stores?near=1,2"), 5, "test-contradiction"],
    ["no list", "name: x\n", 1, "option-invalid"],
    ["no YAML", "a: b: c\n", 1, "yaml-syntax"],
  ])("names the line of %s", (_, tests, line, code) => {
    expect(codesOf(configWith(tests))).toContain(`error tests/site.yaml:${line} ${code}`);
  });
});

/** Both routes that a directory is made of. */
const STORES_BFF = `${SOUND_BFF}      GET /business/{business_id}: { fields: [id] }\n`;

/** A key that may be used for everything the catalogue knows: one harmless field each, every parameter. */
function everything(): string {
  const routes = [...CATALOGUE.values()].map(({ template, fields, query }) => {
    const [field] = Object.entries(fields).find(([, { personal }]) => personal === undefined) ?? [];
    const parameters = Object.keys(query).map((name) => `${name}: {}`);
    return `      GET ${template}: { fields: [${field}]${parameters.length === 0 ? "" : `, query: { ${parameters.join(", ")} }`} }\n`;
  });
  return SOUND_BFF.slice(0, SOUND_BFF.indexOf("      GET")) + routes.join("");
}

describe("hostile neighbours", () => {
  test("surround an allowed request on every route of the catalogue, and none of them is allowed", () => {
    const directory = configWith(undefined, everything());
    const { policy, diagnostics } = loadConfig(directory);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const site = policy?.frontends.get("site");
    if (policy === undefined || site === undefined) throw new Error("no policy");
    expect(site.routes).toHaveLength(CATALOGUE.size);
    for (const route of site.routes) {
      const { path, query } = sampleOf(route);
      const sample = decideAsk(policy, { method: "GET", target: `/site${path}${query}`, origin: ORIGIN });
      expect([route.template, sample.decision]).toEqual([route.template, "allowed"]);
      const neighbours = neighboursOf(site, route);
      expect(neighbours.length).toBeGreaterThan(50);
      for (const { words, ask } of neighbours) {
        expect([route.template, words, decideAsk(policy, ask).decision]).toEqual([route.template, words, "refused"]);
      }
    }
  });

  test("surround each address of a directory, and none of them is allowed", () => {
    const directory = configWith(undefined, STORES_BFF, `${SOUND_FRONTEND}stores: true\n`);
    const { policy } = loadConfig(directory);
    const site = policy?.frontends.get("site");
    if (policy === undefined || site === undefined) throw new Error("no policy");
    for (const path of STORES_PATHS) {
      expect([path, decideAsk(policy, { method: "GET", target: `/site${path}`, origin: ORIGIN }).decision]).toEqual([path, "directory"]);
      const neighbours = neighboursOfStores(site, path);
      expect(neighbours.length).toBeGreaterThan(50);
      for (const { words, ask } of neighbours) expect([path, words, decideAsk(policy, ask).decision]).toEqual([path, words, "refused"]);
    }
  });

  test("are every address of a directory that is not offered", () => {
    const { policy } = loadConfig(configWith(undefined, STORES_BFF));
    const site = policy?.frontends.get("site");
    const [search] = site?.routes ?? [];
    if (site === undefined || search === undefined) throw new Error("no policy");
    const targets = neighboursOf(site, search).map(({ ask }) => ask.target);
    expect(targets).toEqual(expect.arrayContaining(["/site/stores", "/site/stores/all", "/site/stores/000000000000000000000001"]));
  });

  test.each([
    ["pages", "", { origin: ORIGIN, session: true }],
    ["apps", "apps: true\n", { session: true }],
    ["servers", "servers: [ssr]\n", { server: "ssr" }],
  ])("of a frontend whose requests all need a session carry one where they need it: %s", (kind, callers, caller) => {
    const origins = kind === "pages" ? SOUND_FRONTEND : `key: ${/key: (\S+)/.exec(SOUND_FRONTEND)?.[1]}\n`;
    const { policy } = loadConfig(configWith(undefined, STORES_BFF, `${origins}${callers}session: required\nstores: true\n`));
    const site = policy?.frontends.get("site");
    if (policy === undefined || site === undefined) throw new Error("no policy");
    const outcome = (ask: Ask): string => {
      const decision = decideAsk(policy, ask);
      return decision.decision === "refused" ? decision.fault.code : decision.decision;
    };
    const around = [
      ...site.routes.map((route) => [sampleOf(route).path, neighboursOf(site, route)] as const),
      ...STORES_PATHS.map((path) => [path, neighboursOfStores(site, path)] as const),
    ];
    for (const [path, neighbours] of around) {
      expect(outcome({ method: "GET", target: `/site${path}`, ...caller })).toMatch(/^(allowed|directory)$/);
      const refused = neighbours.map(({ words, ask }) => [words, outcome(ask)] as const);
      expect(refused.filter(([, code]) => code === "allowed" || code === "directory")).toEqual([]);
      const forWantOfASession = refused.filter(([, code]) => code === "session-required").map(([words]) => words);
      expect(forWantOfASession).toEqual(kind === "servers" ? [] : ["no session"]);
    }
  });

  test("are POST /session of a frontend without sessions, and surround it where there are some", () => {
    const of = (extra: string): readonly [Policy, Frontend] => {
      const { policy } = loadConfig(configWith(undefined, STORES_BFF, SOUND_FRONTEND + extra));
      const site = policy?.frontends.get("site");
      if (policy === undefined || site === undefined) throw new Error("no policy");
      return [policy, site];
    };
    const mint: Ask = { method: "POST", target: "/site/session", origin: ORIGIN };
    expect(neighboursOfSession(of("")[1]).map(({ ask }) => ask)).toEqual([mint]);
    for (const mode of ["on-miss", "required"]) {
      const [policy, site] = of(`session: ${mode}\n`);
      expect(decideAsk(policy, mint).decision).toBe("session");
      const neighbours = neighboursOfSession(site);
      expect(neighbours.length).toBeGreaterThan(40);
      for (const { words, ask } of neighbours) expect([words, decideAsk(policy, ask).decision]).toEqual([words, "refused"]);
    }
  });

  test("are a test that can fail: a neighbour of a decision that lets everything pass is named", () => {
    const directory = configWith(undefined);
    cpSync("config/bff.yaml", join(directory, "bff.yaml"));
    writeFileSync(join(directory, "frontends", "site.yaml"), "key: locator-read\norigins: [https://evil.example]\n");
    expect(judgeConfig(directory).report?.failed.map(({ name }) => name)).toContain(
      "neighbour of GET /business/search at site: a foreign Origin",
    );
  });
});
