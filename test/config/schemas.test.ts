/** The JSON Schemas that editors read. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { generateSchemas } from "../../src/config/generate-schemas.ts";

const read = (name: string): string => readFileSync(`config/schema/${name}`, "utf8");
const schemas = new Map(["bff.json", "frontend.json", "tests.json"].map((name) => [name, JSON.parse(read(name)) as object]));
const validate = (name: string, value: unknown): boolean =>
  new Ajv({ strict: false, logger: false }).validate(schemas.get(name) ?? false, value);

test.each(["bff.json", "frontend.json", "tests.json"])("config/schema/%s is up to date (npm run schema)", (name) => {
  expect(read(name)).toBe(generateSchemas().get(name));
});

describe("the schemas", () => {
  test.each([
    ["bff.json", "config/bff.yaml"],
    ["frontend.json", "config/frontends/store-locator.yaml"],
    ["frontend.json", "config/frontends/mobile-app.yaml"],
    ["bff.json", "test/fixtures/config/sound/bff.yaml"],
    ["tests.json", "config/tests/store-locator.yaml"],
    ["tests.json", "config/tests/mobile-app.yaml"],
  ])("%s takes %s", (name, file) => {
    expect(validate(name, parse(readFileSync(file, "utf8")))).toBe(true);
  });

  test.each([
    ["bff.json", "option-unknown/bff.yaml"],
    ["bff.json", "fields-missing/bff.yaml"],
    ["bff.json", "fields-empty/bff.yaml"],
    ["bff.json", "route-refused/bff.yaml"],
    ["bff.json", "parameter-unknown/bff.yaml"],
    ["bff.json", "field-unknown/bff.yaml"],
    ["bff.json", "narrowing-type/bff.yaml"],
    ["bff.json", "duration/bff.yaml"],
    ["frontend.json", "session-word/frontends/site.yaml"],
    ["frontend.json", "rate/frontends/site.yaml"],
  ])("%s refuses %s", (name, file) => {
    expect(validate(name, parse(readFileSync(`test/fixtures/config/${file}`, "utf8")))).toBe(false);
  });

  test("every option has a description", () => {
    const bare: string[] = [];
    for (const [name, schema] of schemas) collectBare(schema, name, bare);
    expect(bare).toEqual([]);
  });
});

/** Names of members without a description, at any depth. */
function collectBare(schema: unknown, path: string, bare: string[]): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [name, member] of Object.entries((schema as { properties?: object }).properties ?? {})) {
    const isDescribed = typeof (member as { description?: unknown }).description === "string" || "$ref" in member;
    if (!isDescribed) bare.push(`${path}.${name}`);
  }
  for (const [name, member] of Object.entries(schema)) collectBare(member, `${path}.${name}`, bare);
}
