/** What the start loads before visitors are served: each library costs milliseconds and megabytes. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Names of the packages that an import of a module loads, and those that these load. */
async function packagesOf(file: string): Promise<ReadonlySet<string>> {
  const script = `
    import { registerHooks } from "node:module";
    const packages = new Set();
    registerHooks({
      load(url, context, next) {
        const name = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
        if (name !== undefined) packages.add(name);
        return next(url, context);
      },
    });
    await import(${JSON.stringify(join(ROOT, file))});
    console.log(JSON.stringify([...packages]));`;
  const { stdout } = await promisify(execFile)(execPath, ["--input-type=module", "--eval", script]);
  return new Set(JSON.parse(stdout) as string[]);
}

test("the start loads no client of Redis and no metrics library before visitors are served", async () => {
  const packages = await packagesOf("src/commands/start.ts");
  expect(packages).toContain("pino");
  expect([...packages].filter((name) => ["ioredis", "prom-client"].includes(name))).toEqual([]);
});
