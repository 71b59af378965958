/** What must hold of any configuration at all: it is refused with a place and a word for each fault, or everything that reads it can read it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { LoadedConfig } from "../src/config/load.ts";
import type { Policy, Route } from "../src/policy.ts";
import type { Random } from "../src/sandbox/random.ts";
import type { ConfigurationFiles } from "./configurations.ts";
import { diagnosticsToJson, formatDiagnostics } from "../src/config/diagnostic.ts";
import { loadConfig } from "../src/config/load.ts";
import { runTests } from "../src/config/tests/run-tests.ts";
import { createReporter } from "../src/config/reporter.ts";
import { readTests } from "../src/config/tests/read-tests.ts";
import { diffPolicies } from "../src/diff/diff.ts";
import { changesToMarkdown, printChanges } from "../src/diff/print.ts";
import { decideAsk } from "../src/explain/ask.ts";
import { explain } from "../src/explain/explain.ts";
import { explanationToJson, printExplanation } from "../src/explain/print.ts";
import { describeFrontend } from "../src/openapi/describe.ts";
import { planCalls } from "../src/plan/plan.ts";
import { printPlans } from "../src/plan/print.ts";
import { target } from "./targets.ts";
import { word } from "./words.ts";

const BASE = { origin: "https://api.partoo.co", prefix: "/v2" };
const QUESTIONS = 12;

export interface ConfigurationJudge {
  /** @returns what is wrong, and whether the configuration loads */
  judge(files: ConfigurationFiles, random: Random): { readonly loads: boolean; readonly fault?: string };
  close(): void;
}

/** Each configuration that loads is compared with the one that loaded before it. */
export function createConfigurationJudge(): ConfigurationJudge {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-fuzz-config-"));
  let before: Policy | undefined;
  return {
    judge(files, random) {
      const loaded = tryTo("loadConfig", () => load(directory, files));
      if ("fault" in loaded) return { loads: false, fault: loaded.fault };
      const { policy } = loaded.value;
      const fault = judgeDiagnostics(loaded.value) ?? (policy && judgePolicy({ ...loaded.value, policy, directory }, before, random));
      before = policy ?? before;
      return { loads: policy !== undefined, ...(fault === undefined ? {} : { fault }) };
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function load(directory: string, files: ConfigurationFiles): LoadedConfig {
  for (const part of ["frontends", "tests"]) rmSync(join(directory, part), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return loadConfig(directory);
}

function judgeDiagnostics({ policy, diagnostics }: LoadedConfig): string | undefined {
  const isUnclear = diagnostics.some(
    ({ file, line, column, code, message }) =>
      file === "" || !(line >= 1) || !(column >= 1) || !/^[a-z][a-z-]+$/.test(code) || message === "",
  );
  if (isUnclear) return `a fault without a place or a word: ${diagnosticsToJson(diagnostics)}`;
  const hasError = diagnostics.some(({ severity }) => severity === "error");
  if (hasError === (policy !== undefined)) return hasError ? "errors, and a policy" : "no error, and no policy";
  const printed = tryTo("formatDiagnostics", () => formatDiagnostics(diagnostics) + diagnosticsToJson(diagnostics));
  return "fault" in printed ? printed.fault : undefined;
}

type Loaded = Omit<LoadedConfig, "policy"> & { readonly policy: Policy; readonly directory: string };

function judgePolicy({ policy, locate, directory }: Loaded, before: Policy | undefined, random: Random): string | undefined {
  const steps: readonly (readonly [name: string, step: () => string | undefined])[] = [
    ["decide", () => Array.from({ length: QUESTIONS }, () => ask(policy, random)).find((fault) => fault !== undefined)],
    ["explain", () => explainSome({ policy, locate, base: BASE }, random)],
    [
      "diff",
      () => void [before ?? policy, policy].flatMap((other) => [diffPolicies(other, policy), diffPolicies(policy, other)]).map(print),
    ],
    ["diff with itself", () => (diffPolicies(policy, policy).length === 0 ? undefined : "a policy differs from itself")],
    ["openapi", () => void [...policy.frontends.values()].map((frontend) => JSON.stringify(describeFrontend(frontend)))],
    ["plan", () => void [0, 1, 5000].map((stores) => printPlans(planCalls(policy, stores), stores))],
    ["test", () => test(policy, directory)],
  ];
  for (const [name, step] of steps) {
    const done = tryTo(name, step);
    if ("fault" in done) return done.fault;
    if (done.value !== undefined) return done.value;
  }
  return undefined;
}

function print(changes: ReturnType<typeof diffPolicies>): string {
  return printChanges(changes) + changesToMarkdown(changes);
}

function test(policy: Policy, directory: string): string | undefined {
  const { failed } = runTests(policy, readTests(directory, policy, createReporter()).slice(0, 0));
  return failed[0] === undefined ? undefined : `allowed: ${failed[0].name}`;
}

/** One request to one of the frontends. @returns what is wrong with the decision */
function ask(policy: Policy, random: Random): string | undefined {
  const question = questionTo(policy, random);
  const decision = decideAsk(policy, question);
  if (decision.decision !== "allowed") return undefined;
  const { route, target: asked } = decision.match;
  const fault = judgeTarget(route, asked);
  return fault === undefined ? undefined : `${fault}: ${question.target} → ${asked}`;
}

function questionTo(policy: Policy, random: Random): { readonly method: string; readonly target: string; readonly origin?: string } {
  const names = [...policy.frontends.keys()];
  const path = target(random).replace(/^\/[^/?]*/, `/${names.length === 0 ? "x" : random.pick(names)}`);
  const origin = random.pick([undefined, "https://a.example", word(random)]);
  return { method: random.chance(0.9) ? "GET" : "OPTIONS", target: path, ...(origin === undefined ? {} : { origin }) };
}

/** The route's own path, its forced values, and no name that it does not list. */
function judgeTarget({ template, query, force }: Route, asked: string): string | undefined {
  const [path = "", text = ""] = asked.split("?");
  const parts = path.split("/");
  const isOfTemplate = template.split("/").every((part, nth) => (part.startsWith("{") ? parts[nth] !== "" : part === parts[nth]));
  if (!isOfTemplate || parts.length !== template.split("/").length) return "the path is not the template's";
  const pairs = new Map(text === "" ? [] : text.split("&").map((pair) => pair.split("=") as [string, string]));
  if ([...pairs.keys()].some((name) => !query.has(name) && !force.has(name))) return "a parameter is not listed";
  return [...force].every(([name, value]) => pairs.get(name) === encodeURIComponent(value)) ? undefined : "a forced value is missing";
}

function explainSome(context: Parameters<typeof explain>[0], random: Random): undefined {
  for (let left = QUESTIONS; left > 0; left -= 1) {
    const explained = explain(context, questionTo(context.policy, random));
    printExplanation(explained);
    explanationToJson(explained);
  }
}

function tryTo<T>(name: string, step: () => T): { readonly value: T } | { readonly fault: string } {
  try {
    return { value: step() };
  } catch (error) {
    return { fault: `${name} throws: ${error instanceof Error ? error.stack : String(error)}` };
  }
}
