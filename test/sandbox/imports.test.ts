import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/** Local files that a source file imports, relative to the root. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)].map(([, path = ""]) => normalize(join(dirname(file), path)));
}

test("the sandbox imports nothing of the server", () => {
  const files = globSync("src/sandbox/**/*.ts");
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap(importsOf).filter((path) => !path.startsWith("src/sandbox/"))).toEqual([]);
});

test("only its command imports the sandbox", () => {
  const files = globSync("src/**/*.ts").filter((file) => !file.startsWith("src/sandbox/"));
  const importers = files.filter((file) => importsOf(file).some((path) => path.startsWith("src/sandbox/")));
  expect(importers).toEqual(["src/commands/sandbox.ts"]);
});
