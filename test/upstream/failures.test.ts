import { describe, expect, test } from "vitest";
import { problemOfAnswer, readRetryAfter } from "../../src/upstream/failures.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");

/** RFC 9110 §10.2.3 with the bounds of design §5: at least 1 s, at most 5 min, 60 s when unreadable. */
describe("Retry-After", () => {
  test.each([
    ["12", 12],
    [" 12 ", 12],
    ["0", 1],
    ["31536000", 300],
    ["Sun, 22 Nov 2026 10:00:30 GMT", 30],
    ["Sun, 22 Nov 2026 09:00:00 GMT", 1],
    ["Mon, 22 Nov 2027 10:00:00 GMT", 300],
    ["soon", 60],
    ["-5", 60],
    ["1.5", 60],
    ["", 60],
    [undefined, 60],
  ])("%j means %d s", (field, seconds) => {
    expect(readRetryAfter(field, NOW)).toBe(seconds);
  });
});

describe("statuses of Partoo", () => {
  test.each([
    [400, "upstream-refused", 502],
    [401, "upstream-refused", 502],
    [403, "upstream-refused", 502],
    [404, "not-found", 404],
    [415, "upstream-refused", 502],
    [422, "upstream-refused", 502],
    [429, "quota-exhausted", 503],
    [500, "upstream-failed", 502],
    [502, "upstream-failed", 502],
    [302, "upstream-failed", 502],
    [999, "upstream-failed", 502],
  ])("%d becomes %s", (status, code, outward) => {
    const fault = problemOfAnswer({ status, retryAfter: "7", mustNotStore: false });
    expect([fault.code, fault.status]).toEqual([code, outward]);
  });

  test("the wait that Partoo asks for is passed on", () => {
    expect(problemOfAnswer({ status: 429, retryAfter: "7", mustNotStore: false }).headers).toEqual({ "retry-after": "7" });
  });
});
