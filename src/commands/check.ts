/** `check`: every fault of a configuration at once, with its place and a way out. */
import { parseArgs } from "node:util";
import type { Diagnostic, Location } from "../config/diagnostic.ts";
import type { Policy } from "../policy.ts";
import type { Command, CommandIo } from "./command.ts";
import { diagnosticsToJson, exitCodeOf, formatDiagnostics } from "../config/diagnostic.ts";
import { judgeConfig } from "../config/judge.ts";
import { readEnvironment } from "../environment.ts";
import { readKeyValues, usedKeys } from "../keys.ts";
import { planCalls } from "../plan/plan.ts";
import { printPlans } from "../plan/print.ts";
import { sessionFaults } from "../policy-secrets.ts";
import { readServerTokens } from "../server-tokens.ts";
import { readWebhookProofs } from "../webhooks/proofs.ts";

const HELP = `check [--config DIR] [--json] [--secrets] [--plan [--stores N]]

Reads DIR/bff.yaml and DIR/frontends/*.yaml (DIR defaults to ./config) and lists every fault
with file, line, column and a way out. Needs no environment and reads no secret.

  --config DIR   the configuration's directory
  --json         one array: [{file, line, column, severity, code, message, hint}]
  --plan         also print the calls that each route can cost in its worst minute, with those of sweeps and of directories
                 (one a minute for what changed, and ratings); exit 1 when the quota can't hold them
  --stores N     how many stores the plan assumes, 1000 by default
  --secrets      also look whether start would take every key, server token, webhook secret and secret of sessions

With --plan, --json prints {diagnostics, plan}. Silent when there is nothing to say. Exit code 0: no error (warnings are printed), 1: errors, 2: it could not be read.`;

/** The values are looked at only. */
const NOT_SENT = "";
const STORES = /^\d{1,7}$/;

export const checkCommand: Command = {
  name: "check",
  summary: "list every fault of a configuration",
  help: HELP,
  run: (argv, io) => Promise.resolve(run(argv, io)),
};

function run(argv: readonly string[], io: CommandIo): number {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      config: { type: "string", default: "config" },
      json: { type: "boolean", default: false },
      secrets: { type: "boolean", default: false },
      plan: { type: "boolean", default: false },
      stores: { type: "string", default: "1000" },
    },
  });
  if (!STORES.test(values.stores)) {
    io.stderr(`--stores takes a whole number\n\n${HELP}`);
    return 2;
  }
  const { policy, diagnostics } = judgeConfig(values.config);
  const all = values.secrets && policy !== undefined ? [...diagnostics, ...secretFaults(policy, io.env)] : diagnostics;
  const exitCode = exitCodeOf(all);
  const plans = values.plan && policy !== undefined ? planCalls(policy, Number(values.stores)) : undefined;
  if (values.json)
    io.stdout(plans === undefined ? diagnosticsToJson(all) : `{"diagnostics":${diagnosticsToJson(all)},"plan":${JSON.stringify(plans)}}`);
  else if (all.length > 0) (exitCode === 2 ? io.stderr : io.stdout)(formatDiagnostics(all));
  if (!values.json && plans !== undefined) io.stdout(printPlans(plans, Number(values.stores)));
  return exitCode === 0 && plans?.some(({ holds }) => !holds) === true ? 1 : exitCode;
}

/** What `start` would refuse of the secrets that this policy needs, by the same code. Nothing is kept of the values. */
function secretFaults(policy: Policy, env: CommandIo["env"]): readonly Diagnostic[] {
  return [
    ...usedKeys(policy).flatMap(({ name, where }) => at(where, readKeyValues([name], env, NOT_SENT).faults)),
    ...[...policy.frontends.values()].flatMap(({ servers, where }) => at(where, readServerTokens(servers, env).faults)),
    ...sessionSecretFaults(policy, env),
    ...[...policy.organizations.values()].flatMap((organization) =>
      organization.webhooks === undefined ? [] : at(organization.webhooks.where, readWebhookProofs([organization], env).faults),
    ),
  ];
}

/** One secret for all frontends with sessions: told at the first. */
function sessionSecretFaults(policy: Policy, env: CommandIo["env"]): readonly Diagnostic[] {
  const frontend = [...policy.frontends.values()].find(({ session }) => session !== "none");
  if (frontend === undefined) return [];
  const malformed = readEnvironment(env).faults.filter((fault) => fault.startsWith("SESSION_SECRETS:"));
  return at(frontend.where, [...malformed, ...sessionFaults(policy, env)]);
}

function at(where: Location, faults: readonly string[]): readonly Diagnostic[] {
  return faults.map((message) => ({ ...where, severity: "error", code: "secret-missing", message }));
}
