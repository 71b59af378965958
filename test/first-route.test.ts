/** docs/operations/first-route.md: a newcomer's steps, performed as they are written. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { until } from "./support/cli.ts";
import { freePort } from "./support/redis.ts";

const ROOT = join(import.meta.dirname, "..");
const GUIDE = readFileSync(join(ROOT, "docs/operations/first-route.md"), "utf8");
const BLOCK = /^```(sh|yaml|text)\n([\s\S]*?)^```$/gm;
const COPIED = ["config", "examples", "src", "package.json"];

interface Block {
  readonly kind: string;
  readonly text: string;
}

/** Without spaces at the ends of lines, and without what only makes a terminal's width. */
const linesOf = (text: string): readonly string[] => text.split("\n").map((line) => line.trim());

/** A copy of the project, as a newcomer has it after npm ci. */
function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "partoo-bff-first-route-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

function shell(command: string, folder: string, env: Readonly<Record<string, string>>): { child: ChildProcess; output: Promise<string> } {
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const child = spawn("sh", ["-c", command], {
    cwd: folder,
    env: { ...process.env, ...env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: once(child, "close").then(() => text) };
}

test("the guide's steps work, one after the other", { timeout: 60_000 }, async () => {
  const folder = copyProject();
  const [port, sandboxPort, operatorPort] = [await freePort(), await freePort(), await freePort()];
  const env = { PORT: String(port), SANDBOX_PORT: String(sandboxPort), OPERATOR_PORT: String(operatorPort) };
  const demo = shell("exec node examples/demo.ts", folder, env);
  onTestFinished(async () => {
    demo.child.kill("SIGTERM");
    await demo.output;
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true);

  const edit = (file: string, change: (text: string) => string): void => {
    const path = join(folder, file);
    const before = readFileSync(path, "utf8");
    const after = change(before);
    expect(after).not.toBe(before);
    writeFileSync(path, after);
  };
  const blocks = [...GUIDE.matchAll(BLOCK)].map(([, kind = "", text = ""]): Block => ({ kind, text }));
  const yaml = blocks.filter(({ kind }) => kind === "yaml").map(({ text }) => text);
  expect(yaml).toHaveLength(3);
  const [wrong = "", right = "", tests = ""] = yaml;
  const edits = [
    () => edit("config/bff.yaml", (text) => text.replace("    allow:\n", () => `    allow:\n${wrong}`)),
    () => edit("config/bff.yaml", (text) => text.replace(wrong, () => right)),
    () => edit("config/tests/store-locator.yaml", (text) => `${text}\n${tests}`),
  ];

  let printed = "";
  for (const { kind, text } of blocks) {
    if (kind === "yaml") edits.shift()?.();
    else if (kind === "text") expect(linesOf(text).filter((line) => !linesOf(printed).some((seen) => seen.includes(line)))).toEqual([]);
    else if (text.startsWith("curl")) {
      // The demo looks every two seconds.
      await until(async () =>
        (printed = await shell(text.replace("localhost:8080", `127.0.0.1:${port}`), folder, env).output).includes("reviews"),
      );
      expect(printed).not.toContain("author_name");
    } else if (!text.startsWith("npm run demo")) printed = await shell(text, folder, env).output;
  }
  expect(edits).toHaveLength(0);
});
