/** Programs of others that the bench can use where they are installed. */
import { spawnSync } from "node:child_process";

/** How each is asked for its version, and where that is in what it says. */
const VERSIONS: Readonly<Record<string, { readonly flag: string; readonly version: RegExp }>> = {
  nginx: { flag: "-v", version: /nginx\/(\S+)/ },
  varnishd: { flag: "-V", version: /varnish-(\S+)/ },
  wrk: { flag: "-v", version: /^wrk (?:debian\/)?(\S+)/ },
};

export function isInstalled(program: string): boolean {
  return versionOf(program) !== undefined;
}

/** @param program of VERSIONS. @returns undefined when it is not installed */
export function versionOf(program: string): string | undefined {
  const { flag, version } = VERSIONS[program] ?? { flag: "--version", version: /(\d\S*)/ };
  const { error, stdout, stderr } = spawnSync(program, [flag], { encoding: "utf8" });
  return error === undefined ? (version.exec(stdout + stderr)?.[1] ?? "unknown") : undefined;
}

/** Versions of those that are installed, by name. */
export function installedTools(): Readonly<Record<string, string>> {
  const tools: Record<string, string> = {};
  for (const name of Object.keys(VERSIONS)) {
    const version = versionOf(name);
    if (version !== undefined) tools[name] = version;
  }
  return tools;
}
