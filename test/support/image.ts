/** What the Dockerfile would make, without a container engine: its files, its install, its warm-up, its user and its command. */
import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");
export const IS_ROOT = process.getuid?.() === 0;
/** Whoever it is in the image: here it is nobody, when we may choose. */
const USER = IS_ROOT ? { uid: 65_534, gid: 65_534 } : {};
const INSTALL_TIMEOUT_MS = 120_000;

/** One instruction, with its continuation lines joined: `RUN`, `npm ci`. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

export function readDockerfile(): readonly Instruction[] {
  const text = readFileSync(join(ROOT, "Dockerfile"), "utf8")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ name: line.slice(0, line.indexOf(" ")), text: line.slice(line.indexOf(" ") + 1) }));
}

/** The texts of all instructions of a kind. */
export function textsOf(name: string): readonly string[] {
  return readDockerfile()
    .filter((instruction) => instruction.name === name)
    .map(({ text }) => text);
}

/** The `ENV` instructions, together. */
export function imageVariables(): Readonly<Record<string, string>> {
  return Object.fromEntries(textsOf("ENV").map((text) => text.split("=", 2) as [string, string]));
}

/** Tracked files that .dockerignore lets through. Its rules here: `*`, then names of the top level behind "!". */
export function imageFiles(): readonly string[] {
  const rules = readFileSync(join(ROOT, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (rules.some((rule) => rule !== "*" && !/^![\w.-]+$/.test(rule))) throw new Error("a rule of .dockerignore is not understood here");
  const kept = new Set(rules.filter((rule) => rule !== "*").map((rule) => rule.slice(1)));
  const tracked = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).trimEnd().split("\n");
  return tracked.filter((file) => kept.has(file.split("/", 1)[0] ?? ""));
}

export interface Image {
  /** What would be the WORKDIR. */
  readonly app: string;
  /** Starts a program of the image as its user. */
  spawn(command: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** The same to its end. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): { readonly code: number | null; readonly output: string };
  remove(): void;
}

/** Copies, installs and warms up. @throws Error with the output of the step that failed */
export function buildImage(): Image {
  const folder = mkdtempSync(join(tmpdir(), "partoo-bff-image-"));
  chmodSync(folder, 0o755);
  const [app, cache, bin] = [join(folder, "app"), join(folder, "cache"), join(folder, "bin")];
  for (const file of imageFiles()) cpSync(join(ROOT, file), join(app, file));
  mkdirSync(cache);
  if (USER.uid !== undefined) chownSync(cache, USER.uid, USER.gid);
  cpSync(process.execPath, join(bin, "node"));

  const variables = { ...imageVariables(), NODE_COMPILE_CACHE: cache, PATH: [bin, process.env["PATH"]].join(delimiter) };
  const options = (env?: Readonly<Record<string, string>>) => ({ cwd: app, env: { ...variables, ...env }, ...USER });
  const [install = "", , warmUp = ""] = textsOf("RUN");
  step("sh", ["-c", install.replace(/^--mount=\S+ /, "")], {
    cwd: app,
    env: { ...process.env, ...variables, npm_config_prefer_offline: "true" },
    timeout: INSTALL_TIMEOUT_MS,
  });
  step("sh", ["-c", warmUp], options());
  return {
    app,
    spawn: ([command = "", ...args], env) => spawn(command, args, options(env)),
    run([command = "", ...args], env) {
      const { status, stdout, stderr } = spawnSync(command, args, { ...options(env), encoding: "utf8" });
      return { code: status, output: stdout + stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function step(command: string, args: readonly string[], options: Parameters<typeof spawnSync>[2]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { ...options, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} in ${dirname(String(options?.cwd))} ended with ${status}:\n${stdout}${stderr}`);
}
