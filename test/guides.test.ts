/** docs/frontend.md, docs/frontend-recipes.md and docs/mobile.md: what can be run of them is run, against the demo. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Demo, Site } from "./guides/demo.ts";
import { PROBLEM_STATUS } from "../src/problem.ts";
import { blocksOf, misshapen, sourceFile } from "./guides/blocks.ts";
import { createSite, startDemo } from "./guides/demo.ts";
import { launchBrowser } from "./support/browser.ts";
import { until } from "./support/cli.ts";
import { end, type } from "./support/project.ts";
import { freePort } from "./support/redis.ts";

const GUIDES = ["docs/frontend.md", "docs/frontend-recipes.md", "docs/mobile.md"];
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
const here = (text: string): string => text.replaceAll(SHOWN, `http://127.0.0.1:${demo.port}`);

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
  test.each(GUIDES)("%s is short, and links to files and headings that are there", (guide) => {
    const text = readFileSync(guide, "utf8");
    expect(text.split("\n").length).toBeLessThanOrEqual(201);
    for (const [, file = "", heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = readFileSync(file === "" ? guide : join("docs", file), "utf8");
      const headings = [...target.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => slug(title));
      expect(heading === undefined ? [undefined] : headings).toContain(heading);
    }
  });

  test("each block is of a kind that is run or checked here, and what is not compiled says so", () => {
    const known = ["sh", "json", "yaml", "js", "ts", "tsx", "swift", "kotlin"];
    expect(BLOCKS.filter(({ kind }) => !known.includes(kind))).toEqual([]);
    expect(ofKind("yaml")).toHaveLength(1);
    const unnamed = ofKind("swift", "kotlin").filter(({ text }) => !text.includes("Not compiled by our tests"));
    expect(unnamed.map(({ text }) => text.split("\n")[0])).toHaveLength(2);
    expect(readFileSync("docs/mobile.md", "utf8")).toContain("**not compiled by this project's tests**");
  });

  test.each(GUIDES)("%s tells of codes with the status that they have", (guide) => {
    const rows = [...readFileSync(guide, "utf8").matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (\d{3}) \|/gm)];
    for (const [, names = "", status] of rows) {
      for (const [, name = ""] of names.matchAll(/`([a-z-]+)`/g)) expect([name, String(new Map(Object.entries(PROBLEM_STATUS)).get(name))]).toEqual([name, status]);
    }
  });
});

function slug(title: string): string {
  return title.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}
