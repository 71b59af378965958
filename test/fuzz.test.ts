/** A short attack, and that it would have told: `npm run fuzz` goes on for longer. */
import { expect, test } from "vitest";
import { readAnswers } from "../fuzz/answers.ts";
import { fuzz } from "../fuzz/fuzz.ts";
import { judgeAnswer } from "../fuzz/judge-answer.ts";
import { findSecret, KEYS } from "../fuzz/secrets.ts";

test.concurrent("a few rounds of random requests, answers, webhooks and configurations find nothing", { timeout: 60_000 }, async () => {
  const { rounds, loaded, calls, failures } = await fuzz({ seconds: 30, rounds: 4, seed: 20_261_122, print: () => undefined });
  expect(failures).toEqual([]);
  expect(Math.min(rounds, loaded, calls)).toBeGreaterThan(0);
});

test.concurrent(
  "a call that is said to be forbidden is found, and found again by the seed that was printed",
  { timeout: 60_000 },
  async () => {
    const printed: string[] = [];
    const options = { seconds: 30, rounds: 1, seed: 7, forbidden: ["/business/search"], print: (text: string) => void printed.push(text) };
    const { failures } = await fuzz(options);
    expect(failures).toContainEqual(expect.stringMatching(/^\/business\/search is forbidden\nGET \/v2\/business\/search\?/));
    const replay = Number(/replay: npm run fuzz -- --replay (\d+)/.exec(printed.join("\n"))?.[1]);
    const again = await fuzz({ ...options, replay });
    expect(again.failures).toContainEqual(expect.stringMatching(/^\/business\/search is forbidden\n/));
  },
);

test("a key is seen in every spelling, wherever it begins", () => {
  const key = KEYS["locator-read"];
  const base64 = ["", "x", "xy"].map((before) => Buffer.from(`${before}${key}!`).toString("base64"));
  const escaped = ["\\u00", "%"].map((sign) => Array.from(Buffer.from(key), (byte) => sign + byte.toString(16)).join(""));
  for (const text of [key, Buffer.from(key).toString("hex"), ...base64, ...escaped]) expect(findSecret(`"a ${text} b"`)).toBe(key);
  expect(findSecret("GET /v2/business/search?city=Paris%20")).toBeUndefined();
});

test("an answer with a field too few, an unknown one or a wrong length is told", () => {
  const fields = [
    "x-content-type-options: nosniff",
    "content-security-policy: default-src 'none'",
    "referrer-policy: no-referrer",
    "x-request-id: 3f1c1b1e-6d0c-4b7e-9c55-0d5a3b1c2d4e",
    "cache-control: public, max-age=60",
    "vary: Accept-Encoding",
    'etag: "x"',
    "content-type: application/json; charset=utf-8",
    "content-length: 2",
  ];
  const judge = (lines: readonly string[], content = "{}"): string | undefined => {
    const { answers, fault } = readAnswers(Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join("\r\n")}\r\n\r\n${content}`), false);
    return fault ?? (answers[0] === undefined ? "no whole answer" : judgeAnswer(answers[0], "public"));
  };
  expect(judge(fields)).toBeUndefined();
  expect(judge(fields.slice(1))).toBe("x-content-type-options is not as it must be");
  expect(judge([...fields, "server: x"])).toBe("the field server is not one of ours");
  expect(judge([...fields, 'etag: "y"'])).toBe("etag is repeated");
  expect(judge(fields, "{")).toBe("no whole answer");
  expect(judge(fields, "{}}")).toBe("no status line");
  expect(judge(fields, "{x")).toBe("the content is no JSON");
});
