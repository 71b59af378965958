/** `check`: every fault of a configuration at once, with its place and a way out. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Diagnostic } from "../config/diagnostic.ts";
import type { Policy } from "../policy.ts";
import type { Command, CommandIo } from "./command.ts";
import { diagnosticsToJson, exitCodeOf, formatDiagnostics } from "../config/diagnostic.ts";
import { judgeConfig } from "../config/judge.ts";
import { keyVariables } from "../keys.ts";
import { planCalls } from "../plan/plan.ts";
import { printPlans } from "../plan/print.ts";
import { isServerToken, MIN_TOKEN_LENGTH, serverVariable } from "../server-tokens.ts";
import { isWebhookSecret, MIN_SECRET_LENGTH, webhookVariable } from "../webhooks/proofs.ts";

const HELP = `check [--config DIR] [--json] [--secrets] [--plan [--stores N]]

Reads DIR/bff.yaml and DIR/frontends/*.yaml (DIR defaults to ./config) and lists every fault
with file, line, column and a way out. Needs no environment and reads no secret.

  --config DIR   the configuration's directory
  --json         one array: [{file, line, column, severity, code, message, hint}]
  --plan         also print the calls that each route can cost in its worst minute; exit 1 when the quota can't hold them
  --stores N     how many stores the plan assumes, 1000 by default
  --secrets      also look whether the environment has a value for every key, server token and webhook secret

With --plan, --json prints {diagnostics, plan}. Silent when there is nothing to say. Exit code 0: no error (warnings are printed), 1: errors, 2: it could not be read.`;

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

/** One error for each key, server token or webhook secret without a value in the environment. Nothing is kept of the values. */
function secretFaults(policy: Policy, env: CommandIo["env"]): readonly Diagnostic[] {
  const missing = { severity: "error" as const, code: "secret-missing" };
  const keys = [...policy.keys.values()].flatMap(({ name, where }) => {
    const fault = secretFault(name, env);
    return fault === undefined ? [] : [{ ...where, ...missing, ...fault }];
  });
  const servers = [...policy.frontends.values()].flatMap(({ servers: names, where }) =>
    [...names].filter((name) => !isServerToken(env[serverVariable(name)])).map((name) => ({ ...where, ...missing, ...serverFault(name) })),
  );
  const webhooks = [...policy.organizations.values()].flatMap(({ name, webhooks: proof }) =>
    proof?.kind !== "header" || isWebhookSecret(env[webhookVariable(name)]) ? [] : [{ ...proof.where, ...missing, ...webhookFault(name) }],
  );
  return [...keys, ...servers, ...webhooks];
}

function webhookFault(name: string): { readonly message: string; readonly hint: string } {
  const hint = `set ${webhookVariable(name)} to at least ${MIN_SECRET_LENGTH} characters`;
  return { message: `the webhooks of ${name} have no secret`, hint };
}

function serverFault(name: string): { readonly message: string; readonly hint: string } {
  const hint = `set ${serverVariable(name)} to at least ${MIN_TOKEN_LENGTH} characters`;
  return { message: `the server ${name} has no token`, hint };
}

function secretFault(name: string, env: CommandIo["env"]): { readonly message: string; readonly hint: string } | undefined {
  const variables = keyVariables(name);
  const [value, file] = [env[variables.value]?.trim(), env[variables.file]?.trim()];
  if (value && file) return { message: `${variables.value} and ${variables.file} are both set`, hint: "keep one of the two" };
  if (value) return undefined;
  if (!file) return { message: `the key ${name} has no value`, hint: `set ${variables.value} or ${variables.file}` };
  try {
    if (readFileSync(file, "utf8").trim() !== "") return undefined;
    return { message: `the file that ${variables.file} names is empty`, hint: "write the key's value into it" };
  } catch {
    return { message: `the file that ${variables.file} names can't be read`, hint: "check its path and permissions" };
  }
}
