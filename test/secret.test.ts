import { inspect, format } from "node:util";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Secret } from "../src/secret.ts";

const VALUE = "canary-5d1c0f27e94b";
const secret = new Secret("locator-read", VALUE, "https://api.partoo.co");

test("no way of printing shows the value", () => {
  const lines: string[] = [];
  const logger = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  logger.info({ secret, nested: { deep: [secret] } }, "a %s %j %o", secret, secret, secret);
  const shown = [
    String(secret),
    secret.toString(),
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true, depth: 9 }),
    inspect({ secret }, { showHidden: true, depth: 9, getters: true }),
    format("%s %d %i %f %j %o %O", secret, secret, secret, secret, secret, secret, secret),
    Object.entries(secret).flat().join(" "),
    Object.getOwnPropertyNames(secret).join(" "),
    JSON.stringify(structuredClone(Object.assign({}, secret))),
    new Error("x", { cause: secret }).stack ?? "",
    inspect(new Error("x", { cause: secret }), { showHidden: true }),
    ...lines,
  ];
  expect(shown.filter((text) => text.includes(VALUE))).toEqual([]);
  expect(lines).toHaveLength(1);
});

test("the value is revealed for its own origin and no other", () => {
  expect(secret.reveal("https://api.partoo.co")).toBe(VALUE);
  for (const other of ["https://api.partoo.co.evil.example", "http://api.partoo.co", "https://api.partoo.co:8443", ""]) {
    expect(() => secret.reveal(other)).toThrow(TypeError);
  }
});

test("a fault at making one does not quote it", () => {
  for (const bad of ["two words", "line\nbreak", "ümlaut-canary", "tab\tbed", ""]) {
    const make = (): Secret => new Secret("locator-read", bad, "x");
    expect(make).toThrow(/locator-read/);
    expect(() => {
      try {
        make();
      } catch (fault) {
        throw (fault as Error).message.includes(bad) && bad !== "" ? fault : new Error("quiet");
      }
    }).toThrow("quiet");
  }
});

test("the last newline of a file is no part of the value", () => {
  expect(new Secret("k", `${VALUE}\r\n`, "o").reveal("o")).toBe(VALUE);
});

test("equals compares whole values", () => {
  expect(secret.equals(VALUE)).toBe(true);
  for (const other of ["", VALUE.slice(1), `${VALUE}x`, VALUE.toUpperCase()]) expect(secret.equals(other)).toBe(false);
});
