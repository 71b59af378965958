/** Loads a configuration: read, check its form, cross-check, compile. All faults at once; errors mean no policy. */
import type { Policy } from "../policy.ts";
import type { CompileInput } from "./compile.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Locator } from "./locate.ts";
import type { Reporter } from "./reporter.ts";
import type { Source } from "./source.ts";
import { checkConfig } from "./check/check-config.ts";
import { compilePolicy } from "./compile.ts";
import { createLocator } from "./locate.ts";
import { createParameterReaders } from "./parameters.ts";
import { createReporter } from "./reporter.ts";
import { BffFile, FrontendFile } from "./schema.ts";
import { checkForm } from "./schema-faults.ts";
import { readSource } from "./source.ts";

export interface LoadOptions {
  /** Origins that every frontend takes besides its own, while developing. Not checked here. */
  readonly devOrigins?: readonly string[];
  /** Milliseconds since 1970, for expiry dates. Default: the clock. */
  readonly now?: () => number;
}

export interface LoadedConfig {
  /** Absent when there is an error among the faults. */
  readonly policy?: Policy;
  /** Where things are written. */
  readonly locate: Locator;
  /** Errors and warnings by file, line and column. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads DIR/bff.yaml and DIR/frontends/*.yaml into one frozen policy. Needs no environment and reads no secret.
 * Never throws on anything an operator can write; an unreadable directory is a fault like any other.
 */
export function loadConfig(directory: string, options: LoadOptions = {}): LoadedConfig {
  const reporter = createReporter();
  const readers = createParameterReaders();
  const source = readSource(directory, reporter);
  const locate = createLocator(directory, source);
  const input = checkForms(source, reporter);
  const today = new Date(options.now?.() ?? Date.now()).toISOString().slice(0, "2026-01-31".length);
  checkConfig(source, { reporter, readers, today });
  const diagnostics = reporter.sorted();
  if (input === undefined || diagnostics.some(({ severity }) => severity === "error")) return { diagnostics, locate };
  return { policy: compilePolicy(input, { readers, devOrigins: options.devOrigins ?? [] }), diagnostics, locate };
}

function checkForms(source: Source, reporter: Reporter): CompileInput | undefined {
  const bffRoot = source.bff?.root;
  const bff = bffRoot === undefined ? undefined : checkForm(bffRoot, BffFile, reporter);
  const frontends = new Map<string, CompileInput["frontends"] extends ReadonlyMap<string, infer File> ? File : never>();
  for (const [name, { root }] of source.frontends) {
    const config = root === undefined ? undefined : checkForm(root, FrontendFile, reporter);
    if (root !== undefined && config !== undefined) frontends.set(name, { config, root });
  }
  return bff === undefined || bffRoot === undefined ? undefined : { bff: { config: bff, root: bffRoot }, frontends };
}
