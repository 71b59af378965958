import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createMetrics } from "../src/operator/metrics.ts";
import { PROBLEM_STATUS } from "../src/problem.ts";
import { FIREBASE_APP_CHECK } from "../src/session/presets.ts";
import { loadConfig } from "../src/config/load.ts";
import { ORIGIN, writeConfig } from "./support/proxy.ts";
import { gatewayFor, startPartoo } from "./cache/partoo.ts";

const REFERENCE = readFileSync("docs/configuration.md", "utf8");

/** Names of options in a JSON Schema, without names of routes, fields and parameters, which the catalogue gives. */
function optionNames(schema: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap((entry) => optionNames(entry, path));
  return Object.entries(schema).flatMap(([name, value]) => {
    if (name !== "properties") return optionNames(value, [...path, name]);
    const inCatalogue = ["allow", "query", "force"].includes(path.at(-1) ?? "");
    const own = inCatalogue ? [] : Object.keys(value as object);
    return [...own, ...Object.entries(value as object).flatMap(([member, inner]) => optionNames(inner, [...path, member]))];
  });
}

describe("docs/configuration.md", () => {
  test.each(["bff", "frontend", "tests"])("describes every option of config/schema/%s.json", (file) => {
    const names = new Set(optionNames(JSON.parse(readFileSync(`config/schema/${file}.json`, "utf8"))));
    expect(names.size).toBeGreaterThan(8);
    expect([...names].filter((name) => !REFERENCE.includes(`\`${name}\``) && !REFERENCE.includes(`### ${name}`))).toEqual([]);
  });

  test("describes every variable that the sources read", () => {
    const source = ["environment", "keys", "commands/start", "main"].map((name) => readFileSync(`src/${name}.ts`, "utf8")).join("\n");
    const demo = readFileSync("examples/demo.ts", "utf8");
    const names = new Set([...`${source}\n${demo}`.matchAll(/(?:read\(|env\[)"([A-Z][A-Z_]+)"/g)].map(([, name]) => name));
    expect(names.size).toBeGreaterThan(8);
    expect([...names].filter((name) => !REFERENCE.includes(`\`${name}\``))).toEqual([]);
  });

  test.each(Object.entries(PROBLEM_STATUS))("describes the code %s with its status %d", (code, status) => {
    expect(REFERENCE).toContain(`| \`${code}\` | ${status} |`);
  });
});

test("docs/configuration.md shows frontends with sessions and proofs as check takes them, Firebase App Check among them", () => {
  const section = /^### Sessions$([\s\S]*?)^## /m.exec(REFERENCE)?.[1] ?? "";
  const shown = [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, lines = ""]) => lines);
  const commented = shown.flatMap((lines) =>
    lines.includes("# proof:") ? [lines.replace(/^proof:.*$/m, "").replace("# proof:", "proof:")] : [],
  );
  expect(shown.length + commented.length).toBe(4);
  const frontends = [...shown, ...commented].map((lines, nth) => {
    const origins = lines.includes("apps:") ? "" : `origins: [${ORIGIN}]\n`;
    return [`site-${nth}`, `key: locator-read\n${origins}${lines}`] as const;
  });
  const directory = mkdtempSync(join(tmpdir(), "docs-"));
  const { policy, diagnostics } = loadConfig(writeConfig(directory, { frontends: Object.fromEntries(frontends) }));
  rmSync(directory, { recursive: true });
  expect(diagnostics).toEqual([]);
  const proofs = [...(policy?.frontends.values() ?? [])].map(({ proof }) => (proof.kind === "jwt" ? proof.jwks.href : proof.kind));
  expect(proofs).toEqual(["altcha", FIREBASE_APP_CHECK.jwks, "https://login.acme.example/.well-known/jwks.json", "altcha"]);
});

test("the README names the command that the continuous integration runs", () => {
  expect(readFileSync("README.md", "utf8").split("\n")).toContain("npm ci && npm test");
});

test("docs/configuration.md names every metric of ours, and no other", async () => {
  const gateway = await gatewayFor(await startPartoo());
  const text = await createMetrics(gateway.instance).text();
  const ours = [...text.matchAll(/^# TYPE (partoo_bff_\w+)/gm)].map(([, name]) => name);
  const documented = [...REFERENCE.matchAll(/`(partoo_bff_\w+)`/g)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(ours));
  expect(documented).toHaveLength(ours.length);
});
