/** The whole judgement of a configuration: form, cross-checks, tests. What `check` lists, what `test` runs, and what a reload must pass. */
import type { LoadedConfig, LoadOptions } from "./load.ts";
import type { TestReport } from "./tests/run-tests.ts";
import { loadConfig } from "./load.ts";
import { createReporter } from "./reporter.ts";
import { checkCoverage } from "./tests/coverage.ts";
import { readTests } from "./tests/read-tests.ts";
import { runTests } from "./tests/run-tests.ts";

export interface JudgedConfig extends LoadedConfig {
  /** Absent when there is no policy to test. */
  readonly report?: TestReport;
}

/** Loads a configuration and runs its tests. Tests see what is written, without development origins. Never throws, as `loadConfig()`. */
export function judgeConfig(directory: string, options: LoadOptions = {}): JudgedConfig {
  const loaded = loadConfig(directory, options);
  const written = (options.devOrigins ?? []).length === 0 ? loaded : loadConfig(directory, { ...options, devOrigins: [] });
  if (loaded.policy === undefined || written.policy === undefined) return loaded;
  const reporter = createReporter();
  const tests = readTests(directory, written.policy, reporter);
  if (tests.length > 0) checkCoverage(written.policy, tests, { reporter, locate: written.locate });
  const diagnostics = [...loaded.diagnostics, ...reporter.sorted()];
  return { ...loaded, diagnostics, report: runTests(written.policy, tests) };
}
