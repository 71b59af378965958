import { describe, expect, test } from "vitest";
import type { Caller } from "../../src/caller/caller.ts";
import type { Frontend } from "../../src/policy.ts";
import { admitCaller } from "../../src/caller/gate.ts";
import type { Problem } from "../../src/problem.ts";

const LISTED = "https://stores.acme.example";

function frontend(overrides: Partial<Frontend> = {}): Frontend {
  return { name: "store-locator", origins: new Set([LISTED]), apps: false, servers: new Set(["web"]), ...overrides } as Frontend;
}

function caller(facts: { origin?: string; site?: string; mode?: string; dest?: string; server?: string }): Caller {
  return {
    addressKey: "203.0.113.7",
    maskedAddress: "203.0.113.0/24",
    origin: facts.origin,
    fetchMetadata: { site: facts.site, mode: facts.mode, dest: facts.dest },
    server: facts.server,
    hasAuthorization: facts.server !== undefined,
  };
}

function verdict(who: Caller, where: Frontend = frontend()): string {
  try {
    return admitCaller(where, who);
  } catch (refusal) {
    return (refusal as Problem).code;
  }
}

/** The table of design §6, each row literally, and what stands below it. */
describe("verdict", () => {
  test.each([
    ["a listed origin", { origin: LISTED }, "page"],
    ["a listed origin, cross-site", { origin: LISTED, site: "cross-site", mode: "cors", dest: "empty" }, "page"],
    ["a foreign origin", { origin: "https://evil.example" }, "origin-not-allowed"],
    ["a foreign origin that begins like ours", { origin: `${LISTED}.evil.example` }, "origin-not-allowed"],
    ["another port", { origin: `${LISTED}:8443` }, "origin-not-allowed"],
    ["another scheme", { origin: "http://stores.acme.example" }, "origin-not-allowed"],
    ["null", { origin: "null" }, "origin-not-allowed"],
    ["an empty Origin", { origin: "" }, "origin-not-allowed"],
    ["two Origins", { origin: `${LISTED}, ${LISTED}` }, "origin-not-allowed"],
    ["a page on the proxy's own origin", { site: "same-origin", mode: "cors", dest: "empty" }, "same-origin"],
    ["an image from a sibling site", { site: "same-site", mode: "no-cors", dest: "image" }, "fetch-metadata-refused"],
    ["an image from elsewhere", { site: "cross-site", mode: "no-cors", dest: "image" }, "fetch-metadata-refused"],
    ["a navigation from the address bar", { site: "none", mode: "navigate", dest: "document" }, "fetch-metadata-refused"],
    ["a site value nobody defined", { site: "weird" }, "fetch-metadata-refused"],
    ["a script element of a listed page", { origin: LISTED, site: "cross-site", mode: "cors", dest: "script" }, "fetch-metadata-refused"],
    ["a same-origin navigation", { site: "same-origin", mode: "navigate", dest: "document" }, "fetch-metadata-refused"],
    ["a listed server", { server: "web" }, "server"],
    ["a listed server whose fetch() says cors", { server: "web", mode: "cors" }, "server"],
    ["a server of another frontend", { server: "other" }, "origin-not-allowed"],
    ["nothing at all", {}, "origin-not-allowed"],
  ])("%s", (_name, facts, expected) => {
    expect(verdict(caller(facts))).toBe(expected);
  });

  test("apps: true lets callers without Origin in, and foreign pages no more than before", () => {
    const withApps = frontend({ apps: true });
    expect(verdict(caller({}), withApps)).toBe("app");
    expect(verdict(caller({ origin: "https://evil.example" }), withApps)).toBe("origin-not-allowed");
    expect(verdict(caller({ site: "cross-site", mode: "no-cors", dest: "image" }), withApps)).toBe("fetch-metadata-refused");
  });
});
