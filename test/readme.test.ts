import { mkdtempSync, readFileSync, readdirSync, existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../src/config/load.ts";
import { writeConfig } from "./support/proxy.ts";

const README = readFileSync("README.md", "utf8");

function check(bff: string, frontend = readFileSync("config/frontends/store-locator.yaml", "utf8")): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-readme-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return loadConfig(writeConfig(directory, { bff, frontends: { "store-locator": frontend } })).diagnostics.map(
    ({ line, code, message }) => `${line} ${code} ${message}`,
  );
}

test("the first own route stands below allow as it is printed, without a fault", () => {
  const route = /```yaml\n( {6}GET [\s\S]*?)```/.exec(README)?.[1] ?? "";
  expect(route).toContain("fields:");
  const shipped = readFileSync("config/bff.yaml", "utf8");
  expect(shipped).toContain("    allow:\n");
  expect(check(shipped.replace("    allow:\n", `    allow:\n${route}`))).toEqual([]);
});

test("the example in docs/configuration.md is without a fault but the permission that its routes do not need", () => {
  const example = /```yaml\n(version: 1[\s\S]*?)```/.exec(readFileSync("docs/configuration.md", "utf8"))?.[1] ?? "";
  const frontend = "key: locator-read\norigins: [https://stores.acme.example]\n";
  expect(check(example, frontend).filter((fault) => !fault.includes("permission-unused"))).toEqual([]);
});

test("the sample in docs/sessions.md stands in the app's file without a fault", () => {
  const sample = /```yaml\n([\s\S]*?)```/.exec(readFileSync("docs/sessions.md", "utf8"))?.[1] ?? "";
  expect(sample).toContain("jwks:");
  expect(check(readFileSync("config/bff.yaml", "utf8"), readFileSync("config/frontends/mobile-app.yaml", "utf8") + sample)).toEqual([]);
});

test.each(["README.md", "docs/configuration.md", "docs/security.md", "docs/decisions.md", "CHANGELOG.md"])(
  "%s links to files that are there",
  (file) => {
    const folder = file.startsWith("docs/") ? "docs" : ".";
    const targets = [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(targets.filter((target) => !existsSync(join(folder, target)))).toEqual([]);
  },
);

test("docs/security.md says of every test and every part of the corpus in test/security what threat it is about", () => {
  const text = readFileSync("docs/security.md", "utf8");
  const parts = readdirSync("test/security/corpus").filter((file) => !["entry.ts", "setting.ts"].includes(file));
  const files = [...readdirSync("test/security").filter((file) => file.endsWith(".test.ts")), ...parts.map((file) => `corpus/${file}`)];
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => !text.includes(`(../test/security/${file})`))).toEqual([]);
});
