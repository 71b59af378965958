/** Partoo's error bodies, in both shapes of its documentation, and what becomes of hostile ones. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { readUpstreamError } from "../../src/partoo/errors.ts";

test.each([
  [{ error: { authentication: "User not authenticated" } }, "authentication", "error"],
  [{ errors: { authentication: "User not authenticated" } }, "authentication", "errors"],
  [{ error: { authorization: "Operation not allowed" } }, "authorization", "error"],
  [{ errors: { authorization: "Operation not allowed" } }, "authorization", "errors"],
  [{ error: { json: "Resource not found" } }, "json", "error"],
  [{ errors: { json: "Unsupported media type." } }, "json", "errors"],
  [{ error: {} }, "unknown", "error"],
  [{ error: "broken" }, "unknown", "none"],
  [{ message: "no" }, "unknown", "none"],
])("reads %j as %s under %s", (body, kind, shape) => {
  expect(readUpstreamError(body)).toEqual({ kind, shape, fields: [], otherFields: 0 });
});

test("names the fields that Partoo complained about, and nothing it said of them", () => {
  const body = { errors: { json: { lang: { explanation: "not a language", choices: ["fr"] }, business__in: "bad", address2: ["x"] } } };
  expect(readUpstreamError(body)).toEqual({ kind: "json", shape: "errors", fields: ["lang", "business__in", "address2"], otherFields: 0 });
});

test.each([
  "3b1f9c0a7d5e4f2a8b6c1d0e9f8a7b6c",
  "key with spaces",
  "x-apikey",
  "naïve",
  "a\nb",
  "_private",
  "a".repeat(41),
  "",
  "eyJhbGciOiJIUzI1NiJ9.e30.x",
])("counts %j and does not repeat it", (name) => {
  expect(readUpstreamError({ error: { json: { city: "x", [name]: "y" } } })).toEqual({
    kind: "json",
    shape: "error",
    fields: ["city"],
    otherFields: 1,
  });
});

test("names ten fields at most", () => {
  const json = Object.fromEntries([..."abcdefghijklmno"].map((letter) => [`field_${letter}`, "bad"]));
  const { fields, otherFields } = readUpstreamError({ error: { json } });
  expect(fields).toHaveLength(10);
  expect(otherFields).toBe(5);
});

test("reads the old shape when the new one holds nothing", () => {
  expect(readUpstreamError({ error: null, errors: { authorization: "no" } }).kind).toBe("authorization");
});

test.each([undefined, null, "", "<html>", 7, true, [], [{ error: {} }], { error: [] }, { errors: null }])("is unknown for %j", (body) => {
  expect(readUpstreamError(body)).toEqual({ kind: "unknown", shape: "none", fields: [], otherFields: 0 });
});

test("never throws, and never repeats a text of the body", () => {
  const canary = "canary-4f9d";
  const hostile = fc.object({
    key: fc.constantFrom("error", "errors", "json", "authentication", "__proto__", canary),
    values: [fc.constant(canary)],
  });
  fc.assert(
    fc.property(hostile, (body) => {
      expect(JSON.stringify(readUpstreamError(body))).not.toContain(canary);
    }),
  );
});
