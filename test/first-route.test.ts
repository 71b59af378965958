/** docs/operations/first-route.md: a newcomer's steps, performed as they are written. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { until } from "./support/cli.ts";
import { copyProject, end, type } from "./support/project.ts";
import { freePort } from "./support/redis.ts";

const ROOT = join(import.meta.dirname, "..");
const GUIDE = readFileSync(join(ROOT, "docs/operations/first-route.md"), "utf8");
const BLOCK = /^```(sh|yaml|text)\n([\s\S]*?)^```$/gm;

interface Block {
  readonly kind: string;
  readonly text: string;
}

/** Without spaces at the ends of lines, and without what only makes a terminal's width. */
const linesOf = (text: string): readonly string[] => text.split("\n").map((line) => line.trim());

test("the guide's steps work, one after the other", { timeout: 60_000 }, async () => {
  const { folder, remove } = copyProject();
  onTestFinished(remove);
  const [port, sandboxPort, operatorPort] = [await freePort(), await freePort(), await freePort()];
  const env = { PORT: String(port), SANDBOX_PORT: String(sandboxPort), OPERATOR_PORT: String(operatorPort) };
  const demo = type("exec node examples/demo.ts", folder, env);
  onTestFinished(() => end(demo));
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
        (printed = await type(text.replace("localhost:8080", `127.0.0.1:${port}`), folder, env).output).includes("reviews"),
      );
      expect(printed).not.toContain("author_name");
    } else if (!text.startsWith("npm run demo")) printed = await type(text, folder, env).output;
  }
  expect(edits).toHaveLength(0);
});
