/** Loading as a whole: the shipped configuration, what it compiles to, files that can't be read. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Policy } from "../../src/policy.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createTemporaryConfig, SOUND_BFF, SOUND_FRONTEND } from "./temporary-config.ts";

const { directory, load, remove } = createTemporaryConfig();
afterAll(remove);

function policyOf(bff: string, frontend?: string, devOrigins?: readonly string[]): Policy {
  const { policy, diagnostics } = load(bff, frontend, devOrigins);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (policy === undefined) throw new Error("no policy");
  return policy;
}

function version(bff: string, frontend?: string, devOrigins?: readonly string[]): string {
  return policyOf(bff, frontend, devOrigins).version;
}

function codes(path: string): readonly string[] {
  return loadConfig(path).diagnostics.map(({ code }) => code);
}

describe("the shipped configuration", () => {
  const { policy, diagnostics } = loadConfig("config");
  const search = policy?.keys.get("locator-read")?.routes.find(({ template }) => template === "/business/search");

  test("has neither error nor warning", () => {
    expect(diagnostics).toEqual([]);
  });

  test("has one key, one organization and two frontends", () => {
    expect([...(policy?.organizations.keys() ?? [])]).toEqual(["acme"]);
    expect([...(policy?.keys.keys() ?? [])]).toEqual(["locator-read"]);
    expect([...(policy?.frontends.keys() ?? [])]).toEqual(["mobile-app", "store-locator"]);
  });

  test("leaves a fifth of 300 calls a minute to other tools", () => {
    expect(policy?.organizations.get("acme")).toEqual({ name: "acme", quotaPerMinute: 300, reservePerMinute: 60, instances: 2 });
  });

  test("asks for temporarily closed stores on purpose, sorted", () => {
    expect(search?.force.get("status")).toBe("open,opening_soon,temporarily_closed");
  });

  test("narrows the search and sends 50 by default", () => {
    expect(search?.query.get("per_page")?.default).toBe("50");
    expect(search?.query.get("page")?.read("21")).toHaveProperty("fault");
    expect(search?.query.get("query")?.read("x".repeat(61))).toHaveProperty("fault");
    expect(search?.query.has("org_id")).toBe(false);
  });

  test("keeps answers 10 minutes, a day more while needed, a minute in browsers", () => {
    expect(search?.lifetimes).toEqual({ freshSeconds: 600, staleSeconds: 86_400, browserSeconds: 60, ignoreUpstream: false });
  });

  test("shows review figures by store, never by user", () => {
    const metrics = policy?.keys.get("locator-read")?.routes.find(({ template }) => template === "/review_analytics/metrics");
    expect(metrics?.force.get("dimensions")).toBe("business");
    expect(metrics?.query.has("dimensions")).toBe(false);
  });

  test("gives the website one origin and the app none, with limits of its own", () => {
    const [app, site] = [policy?.frontends.get("mobile-app"), policy?.frontends.get("store-locator")];
    expect(site?.soleOrigin).toBe("https://stores.acme.example");
    expect(site?.apps).toBe(false);
    expect(site?.limits).toEqual({
      requests: { count: 600, windowSeconds: 60 },
      misses: { count: 30, windowSeconds: 60 },
      reportOnly: false,
    });
    expect(app?.origins.size).toBe(0);
    expect(app?.apps).toBe(true);
    expect(app?.limits.misses).toEqual({ count: 20, windowSeconds: 60 });
    expect(app?.share).toBe(0.5);
    expect(app?.routes.map(({ template }) => template)).toEqual(["/business/search", "/business/{business_id}"]);
  });
});

describe("a compiled policy", () => {
  test("is read-only, its maps and sets included", () => {
    const policy = policyOf(SOUND_BFF);
    const frontend = policy.frontends.get("site");
    expect(() => (policy.frontends as Map<string, unknown>).clear()).toThrow(TypeError);
    expect(() => (frontend as unknown as { origins: Set<string> }).origins.add("https://evil.example")).toThrow(TypeError);
    expect(() => Object.assign(frontend?.limits ?? {}, { misses: 1 })).toThrow(TypeError);
    expect(Object.isFrozen(frontend?.key.routes[0]?.selection.fields)).toBe(true);
  });

  test("says how an organization's webhooks prove themselves", () => {
    const withWebhooks = (webhooks: string): Policy => policyOf(SOUND_BFF.replace("acme: {}", `acme: { webhooks: ${webhooks} }`));
    const publicKey = "MCowBQYDK2VwAyEA0G9ciHL6XZQXuWq6W4dFLvwNEPWgcdtQgEVlBIwZWBQ=";
    expect(withWebhooks(`{ public_key: "${publicKey}" }`).organizations.get("acme")?.webhooks).toMatchObject({
      kind: "signature",
      publicKey,
    });
    expect(withWebhooks("{ header: X-Bff-Hook }").organizations.get("acme")?.webhooks).toMatchObject({
      kind: "header",
      field: "X-Bff-Hook",
    });
    expect(policyOf(SOUND_BFF).organizations.get("acme")).not.toHaveProperty("webhooks");
  });

  test("has defaults where the configuration says nothing", () => {
    const policy = policyOf(SOUND_BFF);
    expect(policy.organizations.get("acme")).toEqual({ name: "acme", quotaPerMinute: 300, reservePerMinute: 60, instances: 1 });
    expect(policy.frontends.get("site")?.share).toBe(1);
    expect(policy.keys.get("reader")?.routes[0]?.lifetimes).toEqual({
      freshSeconds: 600,
      staleSeconds: 86_400,
      browserSeconds: 60,
      ignoreUpstream: false,
    });
  });

  test("takes development origins besides its own", () => {
    const frontend = policyOf(SOUND_BFF, SOUND_FRONTEND, ["http://localhost:5173"]).frontends.get("site");
    expect([...(frontend?.origins ?? [])]).toEqual(["https://stores.acme.example", "http://localhost:5173"]);
    expect(frontend?.soleOrigin).toBeUndefined();
  });

  test("never reads another endpoint's name as an id", () => {
    const bff = SOUND_BFF.replace("GET /business/search: { query: { city: {} }, ", "GET /categories/{category_id}: { ");
    const segment = policyOf(bff.replace("[id, name]", "[id]")).keys.get("reader")?.routes[0]?.segments[1];
    const read = segment !== undefined && "read" in segment ? segment.read : () => ({ canonical: "" });
    expect(read("gcid:restaurant")).toEqual({ canonical: "gcid:restaurant" });
    for (const text of ["suggestions", "SUGGESTIONS", "..", ".", "a/b", "1?x", "1#x", "1;x", "1%2F", "a\\b"])
      expect(read(text)).toHaveProperty("fault");
  });

  test("points at the line of each route, key and frontend", () => {
    const policy = policyOf(SOUND_BFF);
    const key = policy.keys.get("reader");
    expect([key?.where.line, key?.routes[0]?.where.line]).toEqual([4, 8]);
    expect(policy.frontends.get("site")?.where).toMatchObject({ file: join(directory, "frontends/site.yaml"), line: 1 });
  });
});

describe("the version of a policy", () => {
  test("stays with other layout, comments, order of names and aliases", () => {
    const first = version(SOUND_BFF);
    expect(
      version(
        `# a comment\n${SOUND_BFF.replace("[id, name]", "\n          - id\n          - name").replace("{ query: { city: {} }, fields: ", "\n        query: { city: {} }\n        fields: ").replace("name }", "name")}`,
      ),
    ).toBe(first);
    expect(version(SOUND_BFF, "origins: [https://stores.acme.example]\nkey: reader\n")).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{12}$/);
  });

  test("changes with a field, an origin, a limit, a development origin", () => {
    const versions = [
      version(SOUND_BFF),
      version(SOUND_BFF.replace("[id, name]", "[id]")),
      version(SOUND_BFF.replace("city: {}", "city: { maxLength: 5 }")),
      version(SOUND_BFF, SOUND_FRONTEND.replace("stores", "shops")),
      version(SOUND_BFF, `${SOUND_FRONTEND}limits: { misses: 3/min }\n`),
      version(SOUND_BFF, SOUND_FRONTEND, ["http://localhost:5173"]),
    ];
    expect(new Set(versions).size).toBe(versions.length);
  });
});

describe("forms that are fine", () => {
  test.each([
    ["an app's custom scheme", SOUND_BFF, "key: reader\norigins: [capacitor://localhost, ionic://localhost, https://localhost]\n"],
    ["another port", SOUND_BFF, "key: reader\norigins: [https://stores.acme.example:8443]\n"],
    ["nothing but apps", SOUND_BFF, "key: reader\napps: true\n"],
    ["nothing but servers", SOUND_BFF, "key: reader\nservers: [next-build, ssr]\n"],
    [
      "defaults written out",
      SOUND_BFF,
      `${SOUND_FRONTEND}session: none\nproof: none\nstores: false\nshare: 100%\nlimits: { mode: enforce }\n`,
    ],
    ["a list as forced value", SOUND_BFF.replace("fields:", "force: { status: [open, opening_soon] }, fields:"), SOUND_FRONTEND],
    [
      "a map of fields by alias",
      SOUND_BFF.replace("[id, name] }", "&f [id, name] }\n      GET /business/{business_id}: { fields: *f, cache: 10m }"),
      SOUND_FRONTEND,
    ],
    ["personal fields on purpose", SOUND_BFF.replace("[id, name]", "[id, contacts], expose_personal: true"), SOUND_FRONTEND],
    ["Windows line ends and a byte order mark", `\uFEFF${SOUND_BFF.replaceAll("\n", "\r\n")}`, SOUND_FRONTEND],
    [
      "ids of stores in force, which are no secrets",
      SOUND_BFF.replace("fields:", "force: { business__in: [5a1b2c3d4e5f6a7b8c9d0e1f, 0a1b2c3d4e5f6a7b8c9d0e1f] }, fields:"),
      SOUND_FRONTEND,
    ],
    ["cache: upstream: ignore", SOUND_BFF.replace("name] }", "name], cache: { fresh: 10m, upstream: ignore } }"), SOUND_FRONTEND],
  ])("%s", (_claim, bff, frontend) => {
    const { policy, diagnostics } = load(bff, frontend);
    expect(diagnostics).toEqual([]);
    expect(policy).toBeDefined();
  });
});

describe("a file system that does not help", () => {
  test("a missing directory is one fault", () => {
    expect(codes(join(directory, "nowhere"))).toEqual(["directory-unreadable"]);
  });

  test("a file in place of the directory is one fault", () => {
    expect(codes("package.json")).toEqual(["directory-unreadable"]);
  });

  test("a directory in place of a file is one fault, and so is a link to nowhere", () => {
    const odd = mkdtempSync(join(tmpdir(), "config-odd-"));
    mkdirSync(join(odd, "bff.yaml"));
    mkdirSync(join(odd, "frontends"));
    symlinkSync("nowhere", join(odd, "frontends", "site.yaml"));
    expect(codes(odd)).toEqual(["file-unreadable", "file-unreadable"]);
    rmSync(odd, { recursive: true });
  });

  test("a file of more than 1 MB and one that is not UTF-8 are refused", () => {
    const odd = mkdtempSync(join(tmpdir(), "config-odd-"));
    mkdirSync(join(odd, "frontends"));
    writeFileSync(join(odd, "bff.yaml"), `# ${"x".repeat(1024 * 1024)}`);
    writeFileSync(join(odd, "frontends", "site.yaml"), Buffer.from([0x6b, 0xff, 0xfe]));
    expect(codes(odd)).toEqual(["file-too-large", "file-encoding"]);
    rmSync(odd, { recursive: true });
  });

  test("what Kubernetes keeps beside mounted files is passed over", () => {
    load(SOUND_BFF);
    mkdirSync(join(directory, "..2026_01_01"));
    mkdirSync(join(directory, "frontends", "..data"));
    expect(codes(directory)).toEqual([]);
  });
});
