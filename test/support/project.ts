/** A copy of the project, as a newcomer has it after npm ci, and a shell to type the lines of a guide into. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const COPIED = ["config", "examples", "src", "package.json"];

export interface Project {
  readonly folder: string;
  readonly remove: () => void;
}

export function copyProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), "partoo-bff-project-"));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Typed {
  readonly child: ChildProcess;
  /** What both streams have held so far. */
  printed(): string;
  /** All of it, at the end. */
  readonly output: Promise<string>;
}

/** Runs a command by sh, with the Node that runs the tests and the programs of the folder's packages. */
export function type(command: string, folder: string, env: Readonly<Record<string, string>> = {}): Typed {
  const path = [join(folder, "node_modules/.bin"), dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  const child = spawn("sh", ["-c", command], {
    cwd: folder,
    env: { ...process.env, ...env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { child, printed: () => text, output: once(child, "close").then(() => text) };
}

/** Ends what `exec` made of the shell. */
export async function end({ child, output }: Typed): Promise<void> {
  child.kill("SIGTERM");
  await output;
}
