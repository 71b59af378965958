/** `test`: runs the configuration's own tests, and hostile neighbours of every route. */
import { parseArgs } from "node:util";
import type { TestFailure, TestReport } from "../config/tests/run-tests.ts";
import type { Command, CommandIo } from "./command.ts";
import { formatDiagnostics } from "../config/diagnostic.ts";
import { judgeConfig } from "../config/judge.ts";

const HELP = `test [--config DIR] [--json]

Runs DIR/tests/*.yaml (DIR defaults to ./config) with the decisions that the server would make.
For every route of every frontend it also tries requests close to an allowed one: other methods,
encodings, parameters, endpoints and callers. All of them must be refused. Nothing is sent.

  --config DIR   the configuration's directory
  --json         {passed, neighbours, failed: [{name, file, line, expected, got}]}

Exit code 0: all passed, 1: some failed, 2: the configuration or a test has errors (see check).`;

export const testCommand: Command = {
  name: "test",
  summary: "run a configuration's own tests",
  help: HELP,
  run: (argv, io) => Promise.resolve(run(argv, io)),
};

function run(argv: readonly string[], io: CommandIo): number {
  const { values } = parseArgs({
    args: [...argv],
    options: { config: { type: "string", default: "config" }, json: { type: "boolean", default: false } },
  });
  const { report, diagnostics } = judgeConfig(values.config);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (report === undefined || errors.length > 0) {
    io.stderr(formatDiagnostics(errors));
    return 2;
  }
  io.stdout(values.json ? toJson(report) : toText(report));
  return report.failed.length === 0 ? 0 : 1;
}

function toText({ passed, neighbours, failed }: TestReport): string {
  const faults = failed.map(
    ({ name, where, expected, got }) =>
      `${where.file}:${where.line}:${where.column}: failed: ${name}\n  expected ${wordsFor(expected)}\n  got      ${wordsFor(got)}\n`,
  );
  return [...faults, `${passed} passed, ${failed.length} failed; ${neighbours} hostile neighbours refused`].join("\n");
}

function wordsFor({ decision, code, upstream }: TestFailure["got"]): string {
  return [decision, code, upstream].filter((word) => word !== undefined).join(" ");
}

function toJson({ passed, neighbours, failed }: TestReport): string {
  const faults = failed.map(({ name, where, expected, got }) => ({ name, file: where.file, line: where.line, expected, got }));
  return JSON.stringify({ passed, neighbours, failed: faults }, null, 2);
}
