/** The bench's command line and how it judges; what it measures takes minutes and is not run here. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { DirectoryResult } from "../bench/directory.ts";
import { copyConfiguration, NO_SWEEP } from "../bench/configuration.ts";
import { CONFIGURATION as ANSWERS_CONFIGURATION } from "../bench/directory/answers.ts";
import { CONFIGURATION as READING_CONFIGURATION } from "../bench/directory/reading.ts";
import { newWordTargets, wordTargets } from "../bench/directory/targets.ts";
import { judgeGoals } from "../bench/goals.ts";
import { formatReport } from "../bench/report.ts";
import { loadConfig } from "../src/config/load.ts";

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
  for (const row of ["cached", "forward", "stampede", "page", "start", "directory", "forgeries"]) expect(stdout).toContain(`${row} (`);
});

test.each([["--only", "cached,nginx"], ["--rounds", "0"], ["--seconds", "soon"], ["--fast"]])(
  "%s %s measures nothing and exits with 2",
  async (...args) => {
    const { code, stdout, stderr } = await runBench(...args.filter((argument) => argument !== undefined));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toBe("");
  },
);

/** Everything exactly as much as it may be. */
const AT_THE_LIMIT: DirectoryResult = {
  stores: 50_000,
  indexMb: 150,
  reading: {
    budget: 240,
    sweepCalls: 501,
    sweepSeconds: 130,
    maxRollingMinute: 240,
    limited: 0,
    editCalls: 2,
    editSeconds: 60,
    otherCalls: 100,
  },
  answers: (["near", "words"] as const).map((question) => ({
    question,
    coding: "none",
    n: 1,
    requestsPerSecond: 1,
    microseconds: 1,
    bytes: 1,
    ratio: 2,
  })),
};
const { reading, answers } = AT_THE_LIMIT;

describe("goals of the directory", () => {
  const missed = (directory: DirectoryResult): readonly string[] =>
    judgeGoals({ directory }).flatMap(({ what, reached }) => (reached ? [] : [what]));

  test("all are reached at their limits", () => {
    expect(judgeGoals({ directory: AT_THE_LIMIT })).toHaveLength(7);
    expect(missed(AT_THE_LIMIT)).toEqual([]);
  });

  test.each<[string, DirectoryResult]>([
    [
      "near, against stored, by CPU",
      { ...AT_THE_LIMIT, answers: answers.map((one) => ({ ...one, ratio: one.question === "near" ? 2.01 : 2 })) },
    ],
    [
      "words, against stored, by CPU",
      { ...AT_THE_LIMIT, answers: answers.map((one) => ({ ...one, ratio: one.question === "words" ? 2.01 : 2 })) },
    ],
    ["index", { ...AT_THE_LIMIT, indexMb: 150.1 }],
    ["calls of a sweep", { ...AT_THE_LIMIT, reading: { ...reading, sweepCalls: 502 } }],
    ["most calls in a minute meanwhile", { ...AT_THE_LIMIT, reading: { ...reading, maxRollingMinute: 241 } }],
    ["calls answered 429", { ...AT_THE_LIMIT, reading: { ...reading, limited: 1 } }],
    ["calls until an edit shows", { ...AT_THE_LIMIT, reading: { ...reading, editCalls: 3 } }],
  ])("%s: missed beyond the limit, and nothing else is", (what, directory) => {
    expect(missed(directory)).toEqual([`50000 stores: ${what}`]);
  });

  test("answers to a browser, and those that have no goal, are not judged", () => {
    const slow = answers.flatMap((one) => [
      { ...one, coding: "as a browser asks" as const, ratio: 9 },
      { ...one, question: "near, open now" as const, ratio: 9 },
      { ...one, question: "words, each new" as const, ratio: 9 },
    ]);
    expect(missed({ ...AT_THE_LIMIT, answers: [...answers, ...slow] })).toEqual([]);
  });
});

test("without wrk the report says which package the directory's answers need", () => {
  const directory = { ...AT_THE_LIMIT, answers: [], absence: "wrk is not installed (apt-get install wrk)" };
  const report = formatReport({ date: "", machine: "", versions: {}, load: "autocannon", directory, goals: judgeGoals({ directory }) });
  expect(report).toContain("Answers of the directory left out: wrk is not installed (apt-get install wrk).");
  expect(report).not.toContain("against stored");
});

test("new words are the same parts of names in thousands of spellings, none of them twice", () => {
  const plain = (target: string): string => decodeURIComponent(target).toLowerCase();
  const parts = new Set(wordTargets().map(plain));
  const targets = newWordTargets();
  expect(targets.length).toBeGreaterThan(5000);
  expect(new Set(targets).size).toBe(targets.length);
  expect(targets.filter((target) => !parts.has(plain(target)))).toEqual([]);
});

test.each([
  ["for stored answers", NO_SWEEP],
  ["for the directory under load", ANSWERS_CONFIGURATION],
  ["for reading stores within the quota", READING_CONFIGURATION],
])("the shipped configuration, changed %s, has no fault", (_, changes) => {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-bench-test-"));
  try {
    copyConfiguration(join(import.meta.dirname, ".."), join(directory, "config"), changes);
    const { policy, diagnostics } = loadConfig(join(directory, "config"));
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(policy).toBeDefined();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
