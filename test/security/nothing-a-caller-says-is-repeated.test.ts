/** Advisory class K: CR, LF, markup and attributes that find their way into what we emit. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RawAnswer } from "../support/raw-client.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { SEARCH, countAnswers, openScene } from "./scene.ts";

const scene = openScene();

/** Our own words: no markup, no quotes, no line ends, nothing beyond ASCII. */
const PLAIN = /^[\w .,;:?()'-]*$/;

const fieldsOf = ({ text }: RawAnswer): string => text.slice(0, text.indexOf("\r\n\r\n"));

const INJECTIONS = [
  "%0d%0aSet-Cookie:%20x=1",
  "%0D%0A%0D%0A<script>",
  "%E5%98%8A%E5%98%8DSet-Cookie:x",
  "%00",
  "%22%3E%3Cscript%3E",
  "%7B%7B7*7%7D%7D",
  "%E2%80%A8x",
  "${jndi:x}",
];

test.each(
  INJECTIONS.flatMap((text) => [
    `/store-locator/v2/business/${text}`,
    `/store-locator/v2/${text}`,
    `/${text}`,
    `${SEARCH}&${text}=1`,
    `${SEARCH}&page=${text}`,
    `${SEARCH}&city=${text}`,
  ]),
)("%s is refused without being quoted", async (target) => {
  const answer = await sendRaw(scene.proxy.port, request(target.replaceAll(/[<>]/g, "")));
  expect([answer.status >= 400, answer.status < 500, countAnswers(answer)]).toEqual([true, true, 1]);
  expect(fieldsOf(answer)).not.toMatch(/set-cookie|script|jndi/i);
  expect((JSON.parse(answer.body) as { detail: string }).detail).toMatch(PLAIN);
});

test.each([
  ["X-Request-Id: mine", "mine"],
  ["traceparent: 00-mine-mine-01", "mine"],
  ["Origin: https://mine.example", "mine"],
  ["Access-Control-Request-Headers: x-mine", "mine"],
  ["Accept: text/mine", "mine"],
  ["Accept-Encoding: mine", "mine"],
  ['If-None-Match: "mine"', "mine"],
  ["User-Agent: mine", "mine"],
  ["X-Forwarded-For: mine", "mine"],
  ["Cookie: mine=1", "mine"],
  ["Expect: mine", "mine"],
  ["Range: mine=0-", "mine"],
])("%s is not repeated", async (line, word) => {
  for (const target of [SEARCH, "/store-locator/v2/api_keys", "/nobody"]) {
    const answer = await sendRaw(scene.proxy.port, request(target, { fields: [line] }));
    expect(answer.text.toLowerCase()).not.toContain(word);
  }
});

test("no name and no value that a caller makes up comes back, but in plain letters of a name", async () => {
  const piece = fc
    .string({ unit: "binary", minLength: 1, maxLength: 12 })
    .map((text) => encodeURIComponent(text.toWellFormed()).replaceAll(/['()*!~]/g, "."));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(piece, piece), { minLength: 10, maxLength: 10 }), async (pairs) => {
      const answers = await Promise.all(
        pairs.map(([name, value]) =>
          sendRaw(scene.proxy.port, request(`${SEARCH}&zz${name}=canary-value-${value}&page=canary-value-${value}`)),
        ),
      );
      for (const answer of answers) {
        expect([answer.status, countAnswers(answer)]).toEqual([400, 1]);
        expect(answer.text).not.toContain("canary-value");
        const { detail } = JSON.parse(answer.body) as { detail: string };
        expect(detail).toMatch(PLAIN);
      }
    }),
    { numRuns: 25 },
  );
});
