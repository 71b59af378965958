/**
 * Takes over a changed configuration while the process runs: parse, check, tests, and only then one atomic swap. A configuration that
 * does not pass changes nothing; it is told in the log and kept for the operator to see.
 */
import type { Logger } from "../log.ts";
import type { Policy } from "../policy.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Locator } from "./locate.ts";
import type { JudgedConfig } from "./judge.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { judgeConfig } from "./judge.ts";

const LOOK_MS = 2000;
/** An editor may be in the middle of writing: what is read twice alike is whole. */
const SETTLE_MS = 200;

/** What the last attempt came to. */
export interface ReloadOutcome {
  /** ISO 8601. */
  readonly at: string;
  readonly taken: boolean;
  /** `unchanged`: the same content as before. */
  readonly result: "taken" | "unchanged" | "refused";
  /** Of the policy that runs now. */
  readonly policy: string;
  /** Why it was refused: one line each, `FILE:LINE:COLUMN: …` where a file is at fault. Empty otherwise. */
  readonly faults: readonly string[];
}

export interface Reloader {
  /** Reads the configuration now, changed or not. */
  reload(reason: "changed" | "signal" | "operator"): ReloadOutcome;
  /** The last attempt; undefined: none since the start. */
  readonly last: ReloadOutcome | undefined;
  /** When the running policy was taken over, ISO 8601; undefined: at the start. */
  readonly takenAt: string | undefined;
  readonly counts: { readonly taken: number; readonly refused: number };
  close(): void;
}

export interface ReloaderOptions {
  readonly directory: string;
  readonly devOrigins: readonly string[];
  readonly policy: () => Policy;
  /** Swaps everything at once, or says in one line each why this environment can't serve the policy, and changes nothing. */
  readonly apply: (next: Policy, locate: Locator) => readonly string[];
  readonly logger: Logger;
  /** How often the content is compared. */
  readonly lookMs?: number;
}

export function startReloader({ directory, devOrigins, policy, apply, logger, lookMs = LOOK_MS }: ReloaderOptions): Reloader {
  const counts = { taken: 0, refused: 0 };
  let known = fingerprintOf(directory);
  let last: ReloadOutcome | undefined;
  let takenAt: string | undefined;

  const attempt = (): Omit<ReloadOutcome, "at" | "policy"> => {
    known = fingerprintOf(directory);
    const judged = judgeConfig(directory, { devOrigins });
    const faults = faultsOf(judged);
    if (judged.policy === undefined || faults.length > 0) return { taken: false, result: "refused", faults };
    if (judged.policy.version === policy().version) return { taken: false, result: "unchanged", faults: [] };
    const missing = apply(judged.policy, judged.locate);
    return missing.length > 0 ? { taken: false, result: "refused", faults: missing } : { taken: true, result: "taken", faults: [] };
  };

  const reload: Reloader["reload"] = (reason) => {
    const outcome: ReloadOutcome = { ...attempt(), at: new Date().toISOString(), policy: policy().version };
    last = outcome;
    if (outcome.result === "taken") {
      counts.taken += 1;
      takenAt = outcome.at;
    }
    if (outcome.result === "refused") counts.refused += 1;
    const line = { reload: outcome.result, reason, policy: outcome.policy };
    if (outcome.result === "refused")
      logger.error({ ...line, faults: outcome.faults }, "the configuration was refused; the one before stays in use");
    else logger.info(line, outcome.result === "taken" ? "the configuration was taken over" : "the configuration is the same");
    return outcome;
  };

  let settling: NodeJS.Timeout | undefined;
  const look = (): void => {
    const seen = fingerprintOf(directory);
    if (seen === known) return;
    clearTimeout(settling);
    settling = setTimeout(() => {
      if (fingerprintOf(directory) === seen) reload("changed");
    }, SETTLE_MS);
    settling.unref();
  };
  const timer = setInterval(look, lookMs);
  timer.unref();

  return {
    reload,
    get last() {
      return last;
    },
    get takenAt() {
      return takenAt;
    },
    get counts() {
      return { ...counts };
    },
    close: () => {
      clearInterval(timer);
      clearTimeout(settling);
    },
  };
}

/** Errors of the files, and tests that fail. */
function faultsOf({ diagnostics, report }: JudgedConfig): readonly string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(lineOf);
  const failed = (report?.failed ?? []).map(({ name, where }) => `${where.file}:${where.line}:${where.column}: test failed: ${name}`);
  return [...errors, ...failed];
}

function lineOf({ file, line, column, code, message }: Diagnostic): string {
  return `${file}:${line}:${column}: ${code}: ${message}`;
}
