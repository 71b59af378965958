import { describe, expect, test } from "vitest";
import { selectCoding } from "../../src/present/coding.ts";
import { isNotModified } from "../../src/present/present.ts";

/** RFC 9110 §12.5.3. */
describe("Accept-Encoding", () => {
  test.each([
    [undefined, "identity"],
    ["", "identity"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["br;q=0, gzip;q=0", "identity"],
    ["*", "br"],
    ["identity", "identity"],
    ["zstd", "identity"],
    ["GZIP", "gzip"],
  ])("%j gets %s", (field, coding) => {
    expect(selectCoding(field, 5000)).toBe(coding);
  });

  test("a body under 1 KiB is not coded", () => {
    expect(selectCoding("br", 1023)).toBe("identity");
    expect(selectCoding("br", 1024)).toBe("br");
  });
});

/** RFC 9110 §13.1.2, §8.8.3.2. */
describe("If-None-Match", () => {
  test.each([
    ['"abc-br"', true],
    ['W/"abc-br"', true],
    ['"x", "abc-br"', true],
    ["*", true],
    ['"abc"', false],
    ['"abc-gz"', false],
    ["abc-br", false],
    ["", false],
  ])("%s", (field, expected) => {
    expect(isNotModified(field, '"abc-br"')).toBe(expected);
  });
});
