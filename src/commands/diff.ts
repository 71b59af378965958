/** `diff`: what changes between two configurations, in what callers and Partoo notice. */
import { parseArgs } from "node:util";
import type { Policy } from "../policy.ts";
import type { Command, CommandIo } from "./command.ts";
import { formatDiagnostics } from "../config/diagnostic.ts";
import { loadConfig } from "../config/load.ts";
import { diffPolicies } from "../diff/diff.ts";
import { changesToJson, changesToMarkdown, printChanges } from "../diff/print.ts";

const HELP = `diff DIR_A DIR_B [--json | --markdown]

Says what changes for callers and for Partoo when DIR_B takes the place of DIR_A: frontends, callers,
routes, parameters, forced values, fields, lifetimes, limits, shares, quota. Each change names every
frontend that it reaches. What is written otherwise and means the same is no change.

  !!  personal data begins to leave    !  opens    -  breaks    ~  changes load

  --json       [{kind, frontend, route, detail, risk}]
  --markdown   a table for a pull request

Exit code 0: no change, 1: changes, 2: usage, or a configuration has errors.`;

export const diffCommand: Command = {
  name: "diff",
  summary: "say what changes between two configurations",
  help: HELP,
  run: (argv, io) => Promise.resolve(run(argv, io)),
};

function run(argv: readonly string[], io: CommandIo): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, markdown: { type: "boolean", default: false } },
  });
  const [before, after] = positionals;
  if (before === undefined || after === undefined || positionals.length > 2 || (values.json && values.markdown)) {
    io.stderr(`Give two directories, as in: diff config config-next\n\n${HELP}`);
    return 2;
  }
  const [old, current] = [load(before, io), load(after, io)];
  if (old === undefined || current === undefined) return 2;
  const changes = diffPolicies(old, current);
  if (values.json) io.stdout(changesToJson(changes));
  else if (changes.length > 0) io.stdout(values.markdown ? changesToMarkdown(changes) : printChanges(changes));
  else if (values.markdown) io.stdout("Nothing changes for callers.");
  return changes.length === 0 ? 0 : 1;
}

/** @returns the policy, or undefined after its faults were printed */
function load(directory: string, io: CommandIo): Policy | undefined {
  const { policy, diagnostics } = loadConfig(directory);
  if (policy === undefined) io.stderr(formatDiagnostics(diagnostics.filter(({ severity }) => severity === "error")));
  return policy;
}
