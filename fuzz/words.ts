/** What hostile texts are made of, and how a text is spoiled. Everything comes out of the stream that is handed in. */
import type { Random } from "../src/sandbox/random.ts";

/** Stands in values that callers send. No log line and no metric may hold it. */
export const CALLER_WORD = "Zq7callersword";

const ORDINARY = ["Paris", "Lyon", "bakery", "1", "50", "75011", "open", "c-FR-1", "été", "a b", "true", "0", "-1", "48.85", "2.35"];

const PIECES: readonly string[] = [
  ..."/|//|/./|/../|/..;/|..|.|%2e%2e|%2E|%2F|%2f|%5C|%5c|\\|%252F|%25|%|%zz|%u002f|%c0%af|%EF%BC%8F|;|%3B|%00|%0d%0a|%0a|%20|+".split("|"),
  ..."?|??|#|%23|%3F|&|&&|=|==|[]|[0]|{}|<|>|\"|'|`|~|*|:|@|,|%2C|$|!|^|\t| |\0|\u0001|\u007f|\u0085|\u00a0|\ufeff|\u202e".split("|"),
  ..."\u{1f600}|\ud800|%F0%9F%98%80|%ff|%80|%ED%A0%80|%C2%85|__proto__|constructor|toString|undefined|NaN|1e999|-0|9007199254740993".split(
    "|",
  ),
  "\r\n",
  "\r\nX-Injected: 1",
  "|",
  "\r",
  "\n",
  "api_keys",
  "user/me",
  "v2",
  "../../api_keys",
  "http://127.0.0.1/",
  "//evil.example/",
  "a".repeat(300),
  CALLER_WORD,
];

/** A word as honest callers use it. */
export function word(random: Random): string {
  if (random.chance(0.1)) return CALLER_WORD;
  return random.chance(0.6) ? random.pick(ORDINARY) : random.hex(1 + random.integer(12));
}

/** A piece out of an attacker's box. */
export function piece(random: Random): string {
  return random.pick(PIECES);
}

/** A few pieces and words in a row. */
export function gibberish(random: Random, most = 6): string {
  return Array.from({ length: 1 + random.integer(most) }, () => (random.chance(0.6) ? piece(random) : word(random))).join("");
}

/** The same text with one to three changes: something put in, left out, doubled, escaped, or in another case. */
export function spoil(random: Random, text: string): string {
  let spoiled = text;
  for (let left = 1 + random.integer(3); left > 0; left -= 1) spoiled = spoilOnce(random, spoiled);
  return spoiled;
}

function spoilOnce(random: Random, text: string): string {
  const at = random.integer(text.length + 1);
  const until = Math.min(text.length, at + 1 + random.integer(6));
  const [before, part, after] = [text.slice(0, at), text.slice(at, until), text.slice(until)];
  return random.pick([
    () => before + piece(random) + part + after,
    () => before + piece(random) + after,
    () => before + after,
    () => before + part + part + after,
    () => before + escapeBytes(part) + after,
    () => before + escapeBytes(part).replaceAll("%", "%25") + after,
    () => before + part.toUpperCase() + after,
    () => before + String.fromCodePoint(random.integer(256)) + part + after,
  ])();
}

/** Every byte as an escape, needed or not. */
export function escapeBytes(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

/** As a query wants it; half a surrogate pair has no escape. */
export function escape(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
