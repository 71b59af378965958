/** What sessions cost a process that has none. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SESSION = join(import.meta.dirname, "../../src/session");

test("what the start needs of sessions loads neither jose nor altcha-lib", async () => {
  const modules = ["session-secrets", "session-token", "session-cookie", "read-session", "used-once", "proofs", "issue-session"];
  const script = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
    for (const name of ${JSON.stringify(modules)}) await import(${JSON.stringify(SESSION)} + "/" + name + ".ts");
    console.log(JSON.stringify(seen));`;
  const { stdout } = await promisify(execFile)(execPath, ["--input-type=module", "--eval", script]);
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded.some((url) => url.endsWith("/session-token.ts"))).toBe(true);
  expect(loaded.filter((url) => /\/(jose|altcha-lib)\//.test(url))).toEqual([]);
});
