/** SESSION_SECRETS: which keys sign and verify, and what is said of a value that can't be used. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { derivedSecret, parseSessionSecrets } from "../../src/session/session-secrets.ts";

const A = Buffer.alloc(32, "a").toString("base64url");
const B = Buffer.alloc(48, "b").toString("base64url");

function faultOf(text: string): string {
  try {
    parseSessionSecrets(text);
  } catch (fault) {
    return (fault as Error).message;
  }
  return "";
}

test("the first signs, all verify, in the order of the variable", () => {
  const { all, isRandom } = parseSessionSecrets(`2026-b:${B}, 2026-a:${A}`);
  expect(all.map(({ kid }) => kid)).toEqual(["2026-b", "2026-a"]);
  expect(all.map(({ key }) => key.export().length)).toEqual([48, 32]);
  expect(isRandom).toBe(false);
});

test("without the variable each process has a random secret, and says so", () => {
  const [first, second] = [parseSessionSecrets(""), parseSessionSecrets("")];
  expect([first.isRandom, first.all.length, first.all[0].key.export().length]).toEqual([true, 1, 32]);
  expect(first.all[0].key.equals(second.all[0].key)).toBe(false);
});

describe("a fault names the entry's place and name, never a value", () => {
  test.each([
    ["no colon", A, "entry 1 has no colon: write kid:base64url, separated by commas"],
    ["an empty entry", `k1:${A},`, "entry 2 has no colon: write kid:base64url, separated by commas"],
    ["no name", `:${A}`, "entry 1 does not begin with a name of at most 32 letters, digits, - or _ before its colon"],
    [
      "name and value changed round",
      `${A}:k1`,
      "entry 1 does not begin with a name of at most 32 letters, digits, - or _ before its colon",
    ],
    ["a space in the name", `k 1:${A}`, "entry 1 does not begin with a name of at most 32 letters, digits, - or _ before its colon"],
    ["no value", "k1:", "entry 1 (k1) is not base64url: letters, digits, - and _ only"],
    ["base64", `k1:${A.slice(1)}+`, "entry 1 (k1) is not base64url: letters, digits, - and _ only"],
    ["31 bytes", `k1:${A},k2:${Buffer.alloc(31, "c").toString("base64url")}`, "entry 2 (k2) has fewer than 32 bytes: take 32 random ones"],
    ["a name twice", `k1:${A},k1:${B}`, "entry 2 (k1) has the name of an earlier one"],
    ["a value twice", `k1:${A},k2:${A}`, "entry 2 (k2) has the value of an earlier one"],
  ])("%s", (_, text, message) => {
    expect(faultOf(text)).toBe(message);
  });

  test("all of them at once", () => {
    expect(faultOf(`k1:short,k2:${A},k2:${B}`)).toBe(
      "entry 1 (k1) has fewer than 32 bytes: take 32 random ones; entry 3 (k2) has the name of an earlier one",
    );
  });
});

test("nothing that prints an object prints a secret", () => {
  const secrets = parseSessionSecrets(`k1:${A}`);
  const printed = inspect(secrets, { depth: 10, showHidden: true }) + JSON.stringify(secrets);
  for (const form of [A, "a".repeat(32), Buffer.alloc(32, "a").toString("hex"), Buffer.alloc(32, "a").toString("base64")]) {
    expect(printed).not.toContain(form);
  }
});

test("a secret for another purpose is neither the secret nor that of a third purpose", () => {
  const [secret] = parseSessionSecrets(`k1:${A}`).all;
  const derived = derivedSecret(secret, "altcha");
  expect(derived).toMatch(/^[0-9a-f]{64}$/);
  expect(derived).toBe(derivedSecret(secret, "altcha"));
  expect([secret.key.export().toString("hex"), derivedSecret(secret, "something else")]).not.toContain(derived);
});
