/** A short attack, and that it would have told: `npm run fuzz` goes on for longer. */
import { expect, test } from "vitest";
import { fuzz } from "../fuzz/fuzz.ts";

test.concurrent("three seconds of random requests, answers, webhooks and configurations find nothing", { timeout: 60_000 }, async () => {
  const { cases, loaded, calls, failures } = await fuzz({ seconds: 3, seed: 20_261_122, print: () => undefined });
  expect(failures).toEqual([]);
  expect(Math.min(cases, loaded, calls)).toBeGreaterThan(5);
});

test.concurrent(
  "a call that is said to be forbidden is found, and found again by the seed that was printed",
  { timeout: 60_000 },
  async () => {
    const printed: string[] = [];
    const options = { seconds: 1, seed: 7, forbidden: ["/business/search"], print: (text: string) => void printed.push(text) };
    const { failures } = await fuzz(options);
    expect(failures).toContainEqual(expect.stringMatching(/^\/business\/search is forbidden\nGET \/v2\/business\/search\?/));
    const replay = Number(/replay: npm run fuzz -- --replay (\d+)/.exec(printed.join("\n"))?.[1]);
    const again = await fuzz({ ...options, replay });
    expect(again.failures).toContainEqual(expect.stringMatching(/^\/business\/search is forbidden\n/));
  },
);
