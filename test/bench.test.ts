/** The bench's command line; what it measures takes minutes and is not run here. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "../bench/main.ts");

/** Ends at once: none of these starts a server. */
async function runBench(...args: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(execPath, [MAIN, ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

test("--help names every row and exits with 0", async () => {
  const { code, stdout } = await runBench("--help");
  expect(code).toBe(0);
  for (const row of ["cached", "forward", "stampede", "page", "start", "directory"]) expect(stdout).toContain(`${row} (`);
});

test.each([["--only", "cached,nginx"], ["--rounds", "0"], ["--seconds", "soon"], ["--fast"]])(
  "%s %s measures nothing and exits with 2",
  async (...args) => {
    const { code, stdout, stderr } = await runBench(...args.filter((argument) => argument !== undefined));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toBe("");
  },
);
