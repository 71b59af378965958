/** docs/frontend.md, docs/frontend-recipes.md and docs/mobile.md: what can be run of them is run, against the demo. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Demo, Site } from "./guides/demo.ts";
import { PROBLEM_STATUS } from "../src/problem.ts";
import type { Pins, React, Renderer, StoresFile, Vue, VueStores } from "./guides/modules.ts";
import { blocksOf, misshapen, sourceFile } from "./guides/blocks.ts";
import { asBrowser, asked, textOf } from "./guides/modules.ts";
import { NEXT_JS, createSite, startDemo } from "./guides/demo.ts";
import { launchBrowser } from "./support/browser.ts";
import { until } from "./support/cli.ts";
import { end, type } from "./support/project.ts";
import { freePort } from "./support/redis.ts";

const GUIDES = ["docs/frontend.md", "docs/frontend-recipes.md", "docs/mobile.md"];
/** The demo has none: nothing in it can be run against it. */
const SESSIONS = "docs/sessions.md";
const BLOCKS = GUIDES.flatMap(blocksOf);
const SHOWN = "http://localhost:8080";
const DEV_ORIGIN = "http://localhost:5173";
const TOKEN = "a-token-of-the-guides-test";
/** Room for npm to fetch packages. */
const FETCH_MS = 180_000;

const ofKind = (...kinds: readonly string[]) => BLOCKS.filter(({ kind }) => kinds.includes(kind));

let demo: Demo;
let site: Site;

/** A line as it stands in a guide, for this demo. */
const here = (text: string): string => text.replaceAll(SHOWN, `http://localhost:${demo.port}`);

beforeAll(async () => {
  const [servers] = ofKind("yaml");
  const env = { BFF_SERVER_WEB: TOKEN, DEV_ORIGINS: DEV_ORIGIN };
  [demo, site] = await Promise.all([startDemo(env, servers?.text ?? ""), createSite()]);
}, FETCH_MS);
afterAll(async () => {
  await demo?.stop();
  site?.remove();
});

describe("the guides", () => {
  test.each([...GUIDES, SESSIONS])("%s is short, and links to files and headings that are there", (guide) => {
    const text = readFileSync(guide, "utf8");
    expect(text.split("\n").length).toBeLessThanOrEqual(201);
    for (const [, file = "", heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = readFileSync(file === "" ? guide : join("docs", file), "utf8");
      const headings = [...target.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => slug(title));
      expect(heading === undefined ? [undefined] : headings).toContain(heading);
    }
  });

  test("each block is of a kind that is run or checked here, and what is not compiled says so", () => {
    const known = new Set(["sh", "json", "yaml", "js", "ts", "tsx", "swift", "kotlin"]);
    expect(BLOCKS.filter(({ kind }) => !known.has(kind))).toEqual([]);
    expect(ofKind("yaml")).toHaveLength(1);
    const unnamed = ofKind("swift", "kotlin").filter(({ text }) => !text.includes("Not compiled by our tests"));
    expect(unnamed.map(({ text }) => text.split("\n")[0])).toHaveLength(2);
    expect(readFileSync("docs/mobile.md", "utf8")).toContain("**not compiled by this project's tests**");
  });

  test.each([...GUIDES, SESSIONS])("%s tells of codes with the status that they have", (guide) => {
    const rows = [...readFileSync(guide, "utf8").matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (\d{3}) \|/gm)];
    for (const [, names = "", status] of rows) {
      for (const [, name = ""] of names.matchAll(/`([a-z-]+)`/g))
        expect([name, String(new Map(Object.entries(PROBLEM_STATUS)).get(name))]).toEqual([name, status]);
    }
  });
});

function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

/** Runs a line to its end in the site's folder. @returns what it printed on both streams */
async function run(line: string): Promise<string> {
  const typed = site.type(here(line).replace(/^curl /, "curl -sS "));
  const printed = await typed.output;
  expect([line, typed.child.exitCode, printed]).toEqual([line, 0, printed]);
  expect([line, printed.includes("tag:partoo-bff")]).toEqual([line, line.includes("limit=1000")]);
  return printed;
}

/** What a line has brought: in the file that it names, or printed. */
function answerOf(line: string, printed: string): unknown {
  const file = / -o (\S+)/.exec(line)?.[1];
  return JSON.parse(file === undefined ? printed : readFileSync(join(site.folder, file), "utf8"));
}

describe("a newcomer's terminal", () => {
  test.each(GUIDES)("each line of %s works, and the samples below are what it answers", { timeout: 60_000 }, async (guide) => {
    let last: { readonly line: string; readonly printed: string } | undefined;
    for (const { kind, text } of blocksOf(guide)) {
      if (kind === "json") {
        const answer = answerOf(last?.line ?? "", last?.printed ?? "");
        expect(misshapen(JSON.parse(text), answer)).toEqual([]);
      } else if (kind === "sh") {
        for (const line of text.trim().split("\n")) last = { line, printed: line.includes("mock") ? await mock(line) : await run(line) };
      }
    }
  });

  test("the offline list is fetched once, and kept by a 304", async () => {
    const line =
      ofKind("sh")
        .find(({ text }) => text.includes("--etag-save"))
        ?.text.trim() ?? "";
    await run(line);
    // A store may open just between two of them.
    await until(async () => (await run(line)) === "304\n");
    expect((answerOf(line, "") as { stores: unknown[] }).stores.length).toBeGreaterThan(200);
  });

  test("every path and every parameter of the tables is answered", async () => {
    const tables = readFileSync("docs/frontend.md", "utf8");
    const rows = [...tables.matchAll(/^\| (`[^|]+`) \|/gm)].map(([, names = ""]) => names);
    const codes = rows.flatMap((names) => [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
    const paths = codes.filter((name) => name.startsWith("/") && !name.includes("…")).map((path) => path.replace("{id}", "c-FR-PAR-001"));
    const parameters = codes.filter((name) => name.includes("="));
    expect([paths.length, parameters.length]).toEqual([4, 9]);
    const near = (parameter: string): string => (parameter.startsWith("radius") ? `near=48.86,2.35&${parameter}` : parameter);
    for (const target of [...paths, ...parameters.map((parameter) => `/store-locator/stores?${near(parameter)}`)]) {
      const answer = await fetch(here(SHOWN + target), { headers: { origin: DEV_ORIGIN } });
      expect([target, answer.status]).toEqual([target, 200]);
      const { stores } = (await answer.json()) as { stores?: unknown[] };
      // At night there may be none.
      if (!target.includes("open_now")) expect([target, stores?.length]).not.toEqual([target, 0]);
    }
  });

  test("a problem has every member that the sample shows, and no other", async () => {
    const sample = ofKind("json").find(({ text }) => text.includes("request_id"));
    const answer = await fetch(here(`${SHOWN}/store-locator/stores?limit=1000`), { headers: { origin: DEV_ORIGIN } });
    expect(Object.keys((await answer.json()) as object)).toEqual(Object.keys(JSON.parse(sample?.text ?? "{}") as object));
  });

  test("an origin for development is let in beside the demo's own page", async () => {
    const origins = [DEV_ORIGIN, demo.page, "https://stores.acme.example", "http://localhost:5174"];
    const answers = await Promise.all(origins.map((origin) => fetch(here(`${SHOWN}/store-locator/stores`), { headers: { origin } })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 403]);
  });
});

/** Asks the mock for stores, and for a refusal. */
async function mock(line: string): Promise<string> {
  const port = await freePort();
  const prism = type(`exec ${line.replace("npx -y @stoplight/prism-cli", "prism")} -h 127.0.0.1 -p ${port}`, site.folder);
  try {
    await until(() => prism.child.exitCode !== null || prism.printed().includes("Prism is listening"));
    const url = `http://127.0.0.1:${port}/stores?near=48.86,2.35`;
    const refused = await fetch(url, { headers: { prefer: "code=429" } });
    expect([refused.status, await refused.json()]).toEqual([429, expect.objectContaining({ code: "rate-limited" })]);
    return await (await fetch(url)).text();
  } finally {
    await end(prism);
  }
}

test("what is pasted into the console of the demo's page tells of stores", async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    await page.goto(demo.page);
    page.on("console", (message) => void said.push(message.text()));
    await page.evaluate(`(async () => { ${here(ofKind("js")[0]?.text ?? "")} })()`);
    await until(() => said.length >= 4);
    expect(said[0]).toMatch(/^\d+ stores near you$/);
    expect(said.slice(1)).toEqual([1, 2, 3].map(() => expect.stringMatching(/^Acme .* \d+ m (open|closed)$/) as string));
  } finally {
    await browser.close();
  }
});

describe("a frontend developer's files", () => {
  const seen: Request[] = [];
  const { signal } = new AbortController();
  const load = async <Module>(file: string): Promise<Module> => (await import(pathToFileURL(join(site.folder, file)).href)) as Module;

  beforeAll(async () => {
    site.write([...NEXT_JS, ...ofKind("ts", "tsx").map(sourceFile)].map(({ name, text }) => ({ name, text: here(text) })));
    await run(`npx openapi-typescript ${SHOWN}/store-locator/openapi.json -o api.ts`);
    // The renderer says that it is deprecated. Nothing else shows hooks at work without a document.
    vi.spyOn(console, "error").mockReturnValue();
    vi.stubEnv("BFF_SERVER_WEB", TOKEN);
    vi.stubEnv("BFF_URL", here(`${SHOWN}/store-locator`));
    vi.stubGlobal("fetch", asBrowser(fetch, { origin: DEV_ORIGIN, seen }));
  });
  afterAll(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
  });

  test("compile, strictly, against the types that the proxy's description gives", { timeout: 60_000 }, async () => {
    const tsc = type(`node ${join(process.cwd(), "node_modules/typescript/bin/tsc")} -p .`, site.folder);
    expect(await tsc.output).toBe("");
  });

  test("stores.ts: finds stores, and says what was refused", async () => {
    const { findStores } = await load<StoresFile>("stores.ts");
    const { stores } = await findStores({ near: "48.86,2.35", category: ["gcid:cafe", "gcid:bar"], limit: 2 }, signal);
    expect(stores).toHaveLength(2);
    expect(decodeURIComponent(seen.at(-1)?.url ?? "")).toContain("category=gcid:cafe,gcid:bar");
    await expect(findStores({ limit: 1000 }, signal)).rejects.toThrow("stores: 400");
  });

  test("pins.ts: every store with a place is a point, longitude first", async () => {
    const { readPins } = await load<{ readPins: (signal: AbortSignal) => Promise<Pins> }>("pins.ts");
    const { type: kind, features } = await readPins(signal);
    expect(kind).toBe("FeatureCollection");
    expect(features.length).toBeGreaterThan(200);
    expect(features[0]).toMatchObject({
      geometry: { type: "Point", coordinates: [2.37439, 48.856205] },
      properties: { name: "Acme Paris Opéra" },
    });
  });

  test("use-stores-vue.ts: asks anew when the words change, and lets go of the question before", async () => {
    const { effectScope, ref } = await load<Vue>("node_modules/vue/index.mjs");
    const { useStores } = await load<{ useStores: (query: () => object) => VueStores }>("use-stores-vue.ts");
    const words = ref("lyon");
    const scope = effectScope();
    const { list, error } = scope.run(() => useStores(() => ({ q: words.value, limit: 5 })));
    await until(() => list.value !== undefined);
    expect(list.value?.stores.every(({ city }) => city === "Lyon")).toBe(true);
    words.value = "toulouse";
    await until(() => asked(seen, "toulouse") !== undefined);
    words.value = "nice";
    await until(() => list.value?.stores[0]?.city === "Nice");
    expect(asked(seen, "toulouse")?.signal.aborted).toBe(true);
    expect(error.value).toBeUndefined();
    words.value = "x".repeat(101);
    await until(() => error.value !== undefined);
    expect([String(error.value), list.value?.stores[0]?.city]).toEqual(["Error: stores: 400", "Nice"]);
    scope.stop();
  });

  test("use-stores.tsx: shows the nearest stores, and asks once for many keystrokes", async () => {
    const { createElement } = await load<React>("node_modules/react/index.js");
    const { create } = await load<Renderer>("node_modules/react-test-renderer/index.js");
    const { NearestStores } = await load<{ NearestStores: unknown }>("use-stores.tsx");
    const at = (near: string): unknown => createElement(NearestStores, { near });
    const view = create(at("48.1,2.35"));
    await until(() => textOf(view) === "Looking for stores…");
    for (const near of ["48.2,2.35", "48.3,2.35", "48.86,2.35"]) view.update(at(near));
    await until(() => textOf(view).includes("Acme"));
    expect(textOf(view)).toMatch(/^(?:Acme .*?, \d+ m(?:, open|, closed)?){5}$/);
    expect(seen.filter(({ url }) => url.includes("near=48.") && url.includes("limit=5"))).toHaveLength(1);
    view.unmount();
  });

  test("app/stores/[store]/page.tsx: a server without an Origin shows a store, its JSON-LD, and what is not there", async () => {
    const { default: StorePage } = await load<{ default: (props: object) => Promise<unknown> }>("app/stores/[store]/page.tsx");
    const { create } = await load<Renderer>("node_modules/react-test-renderer/index.js");
    const view = create(await StorePage({ params: Promise.resolve({ store: "c-FR-PAR-001" }) }));
    await until(() => textOf(view) !== "");
    expect(textOf(view)).toMatch(/^Acme Paris Opéra.*(?:Open now|Closed)/);
    const html = /"__html":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(view.toJSON()))?.[1] ?? "";
    expect(JSON.parse(JSON.parse(html) as string)).toMatchObject({ "@type": "LocalBusiness", branchCode: "FR-PAR-001" });
    for (const store of ["c-NOPE", "nope"])
      await expect(StorePage({ params: Promise.resolve({ store }) })).rejects.toThrow("NEXT_NOT_FOUND");
  });
});
