/** `explain`: the same decision as the server's, with the line that decides, and a way out that works. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import type { Ask } from "../../src/explain/ask.ts";
import type { Explanation } from "../../src/explain/explain.ts";
import { explain } from "../../src/explain/explain.ts";
import { runCli } from "../support/cli.ts";

const ORIGIN = "https://stores.acme.example";
const ROOT = join(import.meta.dirname, "../..");
const BASE = { origin: "https://api.partoo.co", prefix: "/v2" };

function explained(directory: string, ask: Ask): Explanation {
  const { policy, locate } = loadConfig(directory);
  if (policy === undefined) throw new Error("no policy");
  return explain({ policy, locate, base: BASE }, ask);
}

/** The line of the first text in a shipped file, so that comments may move. */
function lineOf(file: string, text: string): number {
  return (
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

const get = (target: string, rest: Partial<Ask> = { origin: ORIGIN }): Ask => ({
  method: "GET",
  target: `/store-locator${target}`,
  ...rest,
});

describe("an allowed request", () => {
  const answer = explained("config", get("/v2/business/search?city=Paris"));

  test("shows what Partoo is asked, with the key by name and each parameter's origin", () => {
    const target = "/business/search?city=Paris&per_page=50&status=open%2Copening_soon%2Ctemporarily_closed";
    expect(answer.upstream).toEqual({
      target,
      url: `https://api.partoo.co/v2${target}`,
      key: "locator-read",
      parameters: [
        { name: "city", value: "Paris", source: "sent" },
        { name: "per_page", value: "50", source: "default" },
        { name: "status", value: "open,opening_soon,temporarily_closed", source: "forced" },
      ],
    });
  });

  test("shows how long the answer lives", () => {
    const key: unknown = expect.stringContaining("/business/search?city=Paris");
    expect(answer.cache).toEqual({ key, fresh: 600, stale: 86_400, browser: 60 });
  });

  test("passes every stage, each with the line that decides", () => {
    expect(answer.stages.map(({ stage }) => stage)).toEqual([
      "request-line",
      "frontend",
      "caller",
      "route",
      "parameters",
      "limit",
      "cache",
      "spend",
      "upstream",
      "shape",
      "present",
    ]);
    const whereOf = (name: string): unknown => answer.stages.find(({ stage }) => stage === name)?.where;
    expect(whereOf("caller")).toMatchObject({
      file: "config/frontends/store-locator.yaml",
      line: lineOf("config/frontends/store-locator.yaml", "origins:"),
    });
    expect(whereOf("route")).toMatchObject({ file: "config/bff.yaml", line: lineOf("config/bff.yaml", "GET /business/search:") });
    expect(whereOf("shape")).toMatchObject({ file: "config/bff.yaml", line: lineOf("config/bff.yaml", "fields: &store") });
  });
});

describe("a refused request", () => {
  const bff = "config/bff.yaml";
  const site = "config/frontends/store-locator.yaml";
  test.each([
    ["no Origin", get("/v2/categories", {}), "origin-not-allowed", site, 1],
    ["a foreign Origin", get("/v2/categories", { origin: "https://evil.example" }), "origin-not-allowed", site, lineOf(site, "origins:")],
    ["a route that the key does not allow", get("/v2/reviews"), "route-not-allowed", bff, lineOf(bff, "allow:")],
    [
      "a route that `only` leaves out",
      { method: "GET", target: "/mobile-app/v2/categories" },
      "route-not-allowed",
      "config/frontends/mobile-app.yaml",
      lineOf("config/frontends/mobile-app.yaml", "only:"),
    ],
    ["a forced parameter", get("/v2/business/search?status=open"), "parameter-invalid", bff, lineOf(bff, 'status: "open')],
    ["a narrowed parameter", get("/v2/business/search?page=21"), "parameter-invalid", bff, lineOf(bff, "page: { maximum: 20 }")],
    ["a method", { ...get("/v2/categories"), method: "POST" }, "method-not-allowed", site, 1],
  ] as const)("names the line that decides: %s", (_, ask, code, file, line) => {
    expect(explained("config", ask)).toMatchObject({ decision: "refused", code, where: { file, line } });
  });

  test.each([
    ["an endpoint for staff", get("/v2/api_keys"), /API keys/],
    ["an endpoint nobody knows", get("/v2/unheard-of"), /catalogue knows no such endpoint/],
    ["a method", { ...get("/v2/categories"), method: "POST" }, /Frontends read/],
    ["an escaped slash", get("/v2/business/..%2Fapi_keys"), /No configuration/],
    ["Origin null", get("/v2/categories", { origin: "null" }), /can't be listed/],
    [
      "an image",
      get("/v2/categories", {
        headers: [
          ["sec-fetch-dest", "image"],
          ["sec-fetch-site", "cross-site"],
        ],
      }),
      /fetch\(\)/,
    ],
    ["an unknown parameter", get("/v2/categories?zz=1"), /knows no parameter/],
    ["a parameter the directory does not have", get("/stores?zz=1&category=gcid:cafe"), /The directory takes near, radius/],
    ["a value the directory does not take", get("/stores?near=91,181"), /which values/],
    ["a parameter of one store", get("/stores/c-FR-1?page=1"), /Only the list takes parameters/],
    ["a path below a store", get("/stores/c-FR-1/reviews"), /Below stores/],
  ] as const)("says that no configuration allows it: %s", (_, ask, note) => {
    const { suggestion } = explained("config", ask);
    expect(suggestion?.changes).toEqual([]);
    expect(suggestion?.note).toMatch(note);
  });
});

const wordsOf = ({ stages }: Explanation, name: string): string | undefined => stages.find(({ stage }) => stage === name)?.words;

describe("a request to the directory", () => {
  const answer = explained("config", get("/stores?near=48.85661,2.35222&limit=5"));

  test("is allowed, comes from memory, and asks nothing of Partoo", () => {
    expect(answer).toMatchObject({ decision: "allowed", cache: "memory" });
    expect(answer.upstream).toBeUndefined();
    expect(answer.where).toMatchObject({ file: "config/frontends/store-locator.yaml" });
    expect(wordsOf(answer, "upstream")).toBe("nothing is asked of Partoo");
    expect(wordsOf(answer, "spend")).toContain("no answer needs a call");
  });

  test("passes the same stages as any other, each with what would be done", () => {
    expect(answer.stages.map(({ stage }) => stage)).toEqual(explained("config", get("/v2/categories")).stages.map(({ stage }) => stage));
    expect(wordsOf(answer, "parameters")).toBe("near=48.857,2.352 (sent, rounded), limit=5 (sent), page=1 (default)");
    expect(wordsOf(answer, "cache")).toContain(
      "with status=open,opening_soon,temporarily_closed, none that closed for good; older than 600 s",
    );
    expect(wordsOf(answer, "shape")).toMatch(
      /^of each store: id, code, .*, phone; custom fields Parking, Drive; distance_m; open; rating.average, rating.count$/,
    );
  });

  test("has the fields of its address", () => {
    expect(wordsOf(explained("config", get("/stores/all")), "shape")).toBe("of each store: id, name, lat, long; open");
    const jsonLd = get("/stores/c-FR-1", { origin: ORIGIN, headers: [["accept", "application/ld+json"]] });
    expect(wordsOf(explained("config", jsonLd), "shape")).toMatch(/^in the words of schema.org: id, code/);
    expect(wordsOf(explained("config", jsonLd), "parameters")).toBe("store=c-FR-1 (path)");
  });

  test("says what hidden fields take away", () => {
    const directory = withStores("{ fields: [id, name, lat], custom_fields: [Parking] }", "stores: true\n");
    const words = wordsOf(explained(directory, { ...SITE_STORES, target: "/site/stores?near=1,2" }), "shape");
    expect(words).toBe(
      "of each store: id, name, lat; custom fields Parking; no distance_m: lat and long are not both among the fields; open (without today: open_hours is not among the search's fields)",
    );
  });
});

const SITE_STORES: Ask = { method: "GET", target: "/site/stores" };

/** @param search the route in YAML, or "" for none */
function withStores(search: string, frontend: string, key = ""): string {
  const directory = mkdtempSync(join(tmpdir(), "explain-stores-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "frontends"));
  const routes = search === "" ? "" : `      GET /business/search: ${search}\n`;
  writeFileSync(
    join(directory, "bff.yaml"),
    `version: 1\norganizations: { acme: {} }\nkeys:\n  reader:\n    organization: acme\n    permissions: []\n${key}    allow:\n${routes}      GET /business/{business_id}: { fields: [id, name] }\n`,
  );
  writeFileSync(join(directory, "frontends", "site.yaml"), `key: reader\napps: true\n${frontend}`);
  return directory;
}

describe("a request to a directory that is not offered", () => {
  const suggestionOf = (directory: string): Explanation["suggestion"] => {
    const answer = explained(directory, SITE_STORES);
    expect(answer).toMatchObject({ decision: "refused", code: "route-not-allowed" });
    return answer.suggestion;
  };

  test("is told the line that offers it, and where", () => {
    const directory = withStores("{ fields: [id, name] }", "");
    const file = join(directory, "frontends/site.yaml");
    expect(suggestionOf(directory)).toMatchObject({ at: { file, line: 1, column: 1 }, changes: [{ file, yaml: "stores: true" }] });
  });

  test("is told where stores: false stands", () => {
    const directory = withStores("{ fields: [id, name] }", "stores: false\n");
    expect(suggestionOf(directory)?.at).toMatchObject({ file: join(directory, "frontends/site.yaml"), line: 3 });
  });

  test("is told that the key has to hold all stores", () => {
    const { at, changes } = suggestionOf(withStores("{ fields: [id, name] }", "", "    sweep: false\n")) ?? {};
    expect(at).toMatchObject({ line: 7 });
    expect(changes?.map(({ yaml }) => yaml)).toEqual(["keys:\n  reader:\n    sweep: true", "stores: true"]);
  });

  test.each([
    ["the key lacks a route", "", /Allow GET \/business\/search for reader first/],
    [
      "the search forces what the directory can't apply",
      "{ fields: [id, name], force: { query: acme } }",
      /forces query, by which the directory can't tell/,
    ],
  ])("is told why not: %s", (_, search, note) => {
    const suggestion = suggestionOf(withStores(search, ""));
    expect(suggestion?.changes).toEqual([]);
    expect(suggestion?.note).toMatch(note);
  });
});

type Yaml = Record<string, unknown>;

/** Writes the change into a copy of the configuration, as an operator would who merges by hand. */
function apply(directory: string, { suggestion }: Explanation): void {
  for (const { file, yaml } of suggestion?.changes ?? []) {
    const path = join(directory, file.includes("frontends") ? join("frontends", basename(file)) : basename(file));
    let before: unknown = {};
    try {
      before = parse(readFileSync(path, "utf8"));
    } catch {
      // A new file.
    }
    writeFileSync(path, stringify(merge(before, parse(yaml)), { aliasDuplicateObjects: false }));
  }
}

const isEmptyMap = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

function merge(before: unknown, added: unknown): unknown {
  if (typeof before !== "object" || before === null || typeof added !== "object" || added === null || Array.isArray(added)) return added;
  const whole: Yaml = { ...(before as Yaml) };
  for (const [name, value] of Object.entries(added)) whole[name] = isEmptyMap(value) ? {} : merge(whole[name], value);
  return whole;
}

test.each([
  ["no Origin", get("/v2/categories", {})],
  ["a foreign Origin", get("/v2/categories", { origin: "https://shop.acme.example" })],
  ["an app's Origin", get("/v2/categories", { origin: "capacitor://localhost" })],
  ["a route of the catalogue", get("/v2/reviews")],
  ["a route with required parameters", get("/v2/attributes/list?lang=fr&category_name=gcid:restaurant")],
  ["a route that only leaves out", { method: "GET", target: "/mobile-app/v2/categories" }],
  ["a route that neither key nor only names", { method: "GET", target: "/mobile-app/v2/sections" }],
  ["a parameter of the catalogue", get("/v2/business/search?name=x&code=y")],
  ["a narrowed parameter", get("/v2/business/search?page=21")],
  ["a frontend", { method: "GET", target: "/kiosk/v2/categories" }],
  ["a filter by a custom field", get("/stores?custom.Terrasse=yes&custom.Drive=yes")],
] as const)("the way out allows the request: %s", (_, ask) => {
  const directory = mkdtempSync(join(tmpdir(), "explain-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  cpSync("config", directory, { recursive: true });
  const first = explained(directory, ask);
  expect(first.suggestion?.changes.length).toBeGreaterThan(0);
  apply(directory, first);
  const { diagnostics } = loadConfig(directory);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(explained(directory, ask)).toMatchObject({ decision: "allowed" });
});

test.each([
  ["the directory", "", "/site/stores?near=1,2"],
  ["one store", "", "/site/stores/c-1"],
  ["the directory of a key that holds no stores", "    sweep: false\n", "/site/stores/all"],
])("the way out allows the request: %s", (_, key, target) => {
  const directory = withStores("{ fields: [id, name] }", "", key);
  apply(directory, explained(directory, { method: "GET", target }));
  expect(explained(directory, { method: "GET", target })).toMatchObject({ decision: "allowed", cache: "memory" });
});

test("the way out allows the request: a filter by category", () => {
  const directory = withStores("{ fields: [id, name] }", "stores: true\n");
  const ask: Ask = { method: "GET", target: "/site/stores?category=gcid:cafe&custom.Parking=yes" };
  apply(directory, explained(directory, ask));
  expect(explained(directory, ask)).toMatchObject({ decision: "allowed" });
});

/** A configuration with one route, and these lines in its frontend's file. @returns its directory */
function withSessions(frontend: string): string {
  const directory = mkdtempSync(join(tmpdir(), "explain-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "frontends"));
  const bff = readFileSync("config/bff.yaml", "utf8");
  writeFileSync(join(directory, "bff.yaml"), bff);
  writeFileSync(join(directory, "frontends/site.yaml"), `key: locator-read\norigins: [${ORIGIN}]\n${frontend}`);
  return directory;
}

/** Stages as "stage verdict words", with the line of the frontend's file that decides. */
const linesOf = ({ stages }: Explanation, name: string): readonly string[] =>
  stages
    .filter(({ stage }) => stage === name)
    .map(
      ({ verdict, words, where }) =>
        `${verdict} ${words}${where?.file.endsWith("site.yaml") === true ? ` [${where.line}:${where.column}]` : ""}`,
    );

describe("a frontend with sessions", () => {
  const ask = (rest: Partial<Ask> = {}): Ask => ({ method: "GET", target: "/site/v2/categories", origin: ORIGIN, ...rest });

  test("required: the caller is refused without one, at the line that asks for it", () => {
    const directory = withSessions("session: required\n");
    const refused = explained(directory, ask());
    expect(refused).toMatchObject({ decision: "refused", code: "session-required", stage: "caller", where: { line: 3, column: 1 } });
    expect(refused.suggestion).toMatchObject({ changes: [{ yaml: "session: none" }] });
    expect(refused.suggestion?.note).toMatch(/POST \/site\/session; explain takes --session/);
    apply(directory, refused);
    expect(explained(directory, ask())).toMatchObject({ decision: "allowed" });
  });

  test("required: with one the stages say so, and what is answered is private", () => {
    const directory = withSessions("session: required\nstores: true\n");
    for (const target of ["/site/v2/categories", "/site/stores"]) {
      const answer = explained(directory, ask({ target, session: true }));
      expect(answer).toMatchObject({ decision: "allowed" });
      expect(linesOf(answer, "caller")).toEqual([
        "passed a page of a listed origin [2:1]",
        "passed carries a session, as every request must [3:1]",
      ]);
      expect(wordsOf(answer, "present")).toContain("Cache-Control: private");
      expect(linesOf(answer, "spend")).toHaveLength(1);
    }
  });

  test("on-miss: what is stored needs none, a call does", () => {
    const directory = withSessions("session: on-miss\nstores: true\n");
    const [without, withOne] = [explained(directory, ask()), explained(directory, ask({ session: true }))];
    expect([without.decision, withOne.decision]).toEqual(["allowed", "allowed"]);
    expect(linesOf(without, "spend")[0]).toBe(
      "ahead when a call is needed: a session; this request carries none: 401 session-required then, and no call [3:1]",
    );
    expect(linesOf(withOne, "spend")[0]).toBe("ahead when a call is needed: a session; this request carries one [3:1]");
    expect(linesOf(withOne, "spend")[1]).toContain("misses 30/min for one address and one session");
    expect(wordsOf(without, "present")).toContain("Cache-Control: public");
    expect(linesOf(explained(directory, ask({ target: "/site/stores" })), "spend")).toEqual([
      "ahead nothing: no answer needs a call, so misses, share and quota stay as they are",
    ]);
  });

  test.each(["on-miss", "required"])("%s: servers need none", (session) => {
    const directory = withSessions(`servers: [ssr]\nsession: ${session}\n`);
    const answer = explained(directory, { method: "GET", target: "/site/v2/categories", server: "ssr" });
    expect(answer).toMatchObject({ decision: "allowed" });
    expect([...linesOf(answer, "caller"), ...linesOf(answer, "spend")].join("\n")).toMatch(/no session: servers need none \[4:1\]/);
  });

  test.each([
    ["", "no proof is asked for [3:1]"],
    ["proof: altcha\n", "proof altcha: 5000 iterations an attempt, within 120 s, else 403 challenge-required [4:1]"],
    ["proof: { altcha: { cost: 20000 } }\n", "proof altcha: 20000 iterations an attempt, within 120 s, else 403 challenge-required [4:1]"],
    [
      "proof: { jwt: { issuer: https://login.example, audience: bff, jwks: https://login.example/keys, subjects: [a, b] } }\n",
      "proof jwt: of https://login.example for bff, subject a or b, by the keys at https://login.example/keys, else 403 challenge-required [4:1]",
    ],
  ])("minting one asks for its proof: %s", (proof, words) => {
    const answer = explained(withSessions(`session: on-miss\n${proof}`), ask({ method: "POST", target: "/site/session" }));
    expect(answer).toMatchObject({ decision: "allowed", where: { line: 3 } });
    expect(answer.upstream).toBeUndefined();
    expect(linesOf(answer, "spend")[0]?.replace(/ \[1:1\]$/, " [3:1]")).toBe(`ahead nothing of Partoo's; ${words}`);
    expect(linesOf(answer, "limit")).toContain("ahead sessions 60/min for one address");
    expect(linesOf(answer, "route")).toEqual(["passed POST /session: a session of site for 15 minutes [3:1]"]);
  });

  test("where there are none, the way out of POST session is to have them", () => {
    const directory = withSessions("");
    const mint = ask({ method: "POST", target: "/site/session" });
    const refused = explained(directory, mint);
    expect(refused).toMatchObject({
      decision: "refused",
      code: "method-not-allowed",
      suggestion: { changes: [{ yaml: "session: on-miss" }] },
    });
    apply(directory, refused);
    expect(explained(directory, mint)).toMatchObject({ decision: "allowed" });
    expect(explained(directory, { ...mint, method: "GET" }).suggestion).toMatchObject({
      changes: [],
      note: "Sessions are minted with POST /site/session.",
    });
  });

  test("the command takes --session", async () => {
    const directory = withSessions("session: required\n");
    const run = (...more: readonly string[]): ReturnType<typeof runCli> =>
      runCli(["explain", "GET", "/site/v2/categories", "--origin", ORIGIN, "--config", directory, ...more]);
    const [without, withOne] = [await run(), await run("--session")];
    expect([without.code, withOne.code]).toEqual([1, 0]);
    expect(without.stdout).toContain("refused: session-required");
    expect(withOne.stdout).toContain("carries a session");
  });
});

describe("the command", () => {
  test("prints of the directory that the answer comes from memory", async () => {
    const { code, stdout } = await runCli(["explain", "GET", "/mobile-app/stores/all", "--json"], { cwd: ROOT });
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({
        decision: "allowed",
        code: null,
        upstream: null,
        key: null,
        cache: "memory",
        file: "config/frontends/mobile-app.yaml",
      }),
    ]);
  });

  test("prints for pipelines what the contract names; exit 1 when refused", async () => {
    const { code, stdout } = await runCli(["explain", "GET", "/store-locator/v2/reviews", "--origin", ORIGIN, "--json"], { cwd: ROOT });
    expect(code).toBe(1);
    const line = lineOf("config/bff.yaml", "allow:");
    expect(JSON.parse(stdout)).toMatchObject({
      decision: "refused",
      code: "route-not-allowed",
      stage: "route",
      file: "config/bff.yaml",
      line,
      upstream: null,
      cache: null,
    });
  });

  test("takes header fields and a server's name; exit 0 when allowed", async () => {
    const args = ["explain", "GET", "/store-locator/v2/categories", "--header", "Sec-Fetch-Site: same-origin", "--json"];
    const { code, stdout } = await runCli(args, { cwd: ROOT });
    expect([code, (JSON.parse(stdout) as Yaml)["upstream"]]).toEqual([0, "/categories"]);
  });

  test.each([
    [["explain"]],
    [["explain", "GET"]],
    [["explain", "GET", "/x", "--header", "nonsense"]],
    [["explain", "GET", "/x", "--config", "/nowhere"]],
  ])("ends with 2 on %j", async (args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout, stderr.length > 0]).toEqual([2, "", true]);
  });
});
