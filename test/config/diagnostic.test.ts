/** Faults as people and pipelines read them. */
import type { Diagnostic } from "../../src/config/diagnostic.ts";
import { expect, test } from "vitest";
import { diagnosticsToJson, formatDiagnostics } from "../../src/config/diagnostic.ts";

const FAULT: Diagnostic = {
  file: "config/bff.yaml",
  line: 3,
  column: 7,
  length: 4,
  severity: "error",
  code: "field-unknown",
  message: '"nmae" is no field',
  hint: 'did you mean "name"?',
};

test("text begins with the place and shows the line, a caret and the hint", () => {
  expect(formatDiagnostics([FAULT], () => "    - nmae   # the shop's")).toBe(
    [
      'config/bff.yaml:3:7: error field-unknown: "nmae" is no field',
      "      - nmae   # the shop's",
      "        ^^^^",
      '  hint: did you mean "name"?',
    ].join("\n"),
  );
});

test("without a line or a hint there is the place alone", () => {
  const { hint: _hint, ...bare } = FAULT;
  expect(formatDiagnostics([{ ...bare, severity: "warning" }], () => undefined)).toBe(
    'config/bff.yaml:3:7: warning field-unknown: "nmae" is no field',
  );
});

test("tabs before the place keep the caret below it", () => {
  expect(formatDiagnostics([{ ...FAULT, column: 2 }], () => "\tnmae").split("\n")[2]).toBe("  \t^^^^");
});

test("a caret never leaves its line, and a long line is cut around it", () => {
  const lines = formatDiagnostics([{ ...FAULT, column: 501, length: 900 }], () => `${"a".repeat(500)}nmae${"b".repeat(500)}`).split("\n");
  expect(lines[1]?.length).toBeLessThanOrEqual(162);
  expect(lines[2]?.length).toBeLessThanOrEqual(162);
  expect(lines[1]?.slice(lines[2]?.indexOf("^")).startsWith("nmae")).toBe(true);
});

test("a line that holds something like a key is shown with dots in its place", () => {
  const text = formatDiagnostics([FAULT], () => "    token: 8f3a91c07be24d65a1f09c3e7b82d4f6");
  expect(text).not.toContain("8f3a");
  expect(text).toContain("token: ••••••••");
});

test("control characters of a line do not reach the terminal", () => {
  const text = formatDiagnostics([FAULT], () => "    \u001b[2Jx\u202e");
  expect(text).not.toContain("\u001b");
  expect(text).not.toContain("\u202e");
});

test("JSON has seven members each, and null for a missing hint", () => {
  const { hint: _hint, ...bare } = FAULT;
  expect(JSON.parse(diagnosticsToJson([FAULT, bare]))).toEqual([
    {
      file: "config/bff.yaml",
      line: 3,
      column: 7,
      severity: "error",
      code: "field-unknown",
      message: '"nmae" is no field',
      hint: 'did you mean "name"?',
    },
    { file: "config/bff.yaml", line: 3, column: 7, severity: "error", code: "field-unknown", message: '"nmae" is no field', hint: null },
  ]);
  expect(diagnosticsToJson([])).toBe("[]");
});
