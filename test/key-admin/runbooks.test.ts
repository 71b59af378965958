/** The runbooks about keys: each of their commands, in their order, against the sandbox and the shipped configuration. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runKeys } from "../../src/commands/keys.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { ADMIN, ADMIN_KEY, inDays, SOUND_KEY, VALUE } from "./support.ts";

test.each([
  ["key-rotation.md", [0, 0, 0, 1, 0]],
  ["key-leaked.md", [0, 0, 0, 0]],
])("%s does what it says", async (file, codes) => {
  const sandbox = await startSandbox({ stores: 10, keys: [ADMIN_KEY, { ...SOUND_KEY, label: "locator-read" }] });
  const io = {
    stdout: (line: string) => void printed.push(line),
    stderr: (line: string) => void printed.push(line),
    env: { PARTOO_URL: sandbox.url, PARTOO_ADMIN_KEY: ADMIN },
    signal: new AbortController().signal,
  };
  const printed: string[] = [];
  const commands = readFileSync(`docs/operations/${file}`, "utf8").matchAll(/^ *npx node src\/main\.ts keys (.+)$/gm);
  const got: number[] = [];
  for (const [, line = ""] of commands) {
    const id = /key (\d+) of Partoo/.exec(printed[0] ?? "")?.[1] ?? "";
    got.push(
      await runKeys(
        line
          .replace(/\d{4}-\d\d-\d\d/, inDays(200))
          .replace("ID", id)
          .split(" "),
        io,
      ),
    );
  }
  expect([got, printed.join("\n")]).toEqual([codes, expect.stringContaining("is revoked.")]);
  expect(printed.join("\n")).not.toContain(VALUE);
  await sandbox.close();
});
