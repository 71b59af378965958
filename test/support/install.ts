/** Before all tests: the real programs they need are on this machine, or are installed, or the run fails with the one command to type. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What a test may start: names it goes by on different systems, and Debian's package. */
const PROGRAMS = {
  redis: { names: ["redis-server", "valkey-server"], package: "redis-server" },
  nginx: { names: ["nginx"], package: "nginx-light" },
  chromium: { names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], package: "chromium" },
} as const;

export type Program = keyof typeof PROGRAMS;

/** Debian asks this file whether a package may start its service. Ours may not: tests start their own. */
const POLICY_FILE = "/usr/sbin/policy-rc.d";

/** vitest calls this once before the first test file. @throws Error that names what is missing and the command that mends it */
export async function setup(): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const isDebianRoot = process.getuid?.() === 0 && existsSync("/etc/debian_version");
  if (!isDebianRoot) throw new Error(explainMissing(missing));
  process.stderr.write(`The tests need ${missing.join(" and ")}: installing from Debian's packages, once; this may take a minute.\n`);
  withoutServices(() => install(missing));
  if (missingPackages().length > 0) throw new Error(explainMissing(missingPackages()));
}

/** Full path of a program. @throws Error when it is nowhere on PATH, which setup() has ruled out */
export function programPath(program: Program): string {
  const path = findProgram(program);
  if (path === undefined) throw new Error(explainMissing([PROGRAMS[program].package]));
  return path;
}

function findProgram(program: Program): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin", "/usr/sbin"];
  const candidates = PROGRAMS[program].names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function missingPackages(): readonly string[] {
  return (Object.keys(PROGRAMS) as Program[])
    .filter((program) => findProgram(program) === undefined)
    .map((program) => PROGRAMS[program].package);
}

function install(packages: readonly string[]): void {
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const { status, stderr } = spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${stderr}\n${explainMissing(packages)}`);
  }
}

function withoutServices(action: () => void): void {
  const isOurs = !existsSync(POLICY_FILE);
  if (isOurs) writeFileSync(POLICY_FILE, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    action();
  } finally {
    if (isOurs) rmSync(POLICY_FILE, { force: true });
  }
}

function explainMissing(packages: readonly string[]): string {
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  return `The tests run against real programs, and these are not on PATH: ${packages.join(", ")}. Install them, on Debian with:\n\n  sudo sh -c '${command}'\n`;
}
