import { expect, test } from "vitest";
import type { Problem } from "../../src/problem.ts";
import { createRequestLimit } from "../../src/limits/requests.ts";

function refusal(action: () => void): Problem | undefined {
  try {
    action();
    return undefined;
  } catch (fault) {
    return fault as Problem;
  }
}

test("as many requests as the rate says pass in a window, then none until it ends", () => {
  let now = 1000;
  const limit = createRequestLimit(() => now);
  const rate = { count: 3, windowSeconds: 60 };
  const admit = (): Problem | undefined => refusal(() => limit.admit("store-locator", "203.0.113.7", rate));
  expect([admit(), admit(), admit()]).toEqual([undefined, undefined, undefined]);
  now += 48_500;
  const refused = admit();
  expect(refused?.code).toBe("rate-limited");
  expect(refused?.headers).toEqual({ "retry-after": "12", ratelimit: '"requests";r=0;t=12', "ratelimit-policy": '"requests";q=3;w=60' });
  now += 11_500;
  expect(admit()).toBeUndefined();
});

test("frontends and addresses are counted apart", () => {
  const limit = createRequestLimit(() => 0);
  const rate = { count: 1, windowSeconds: 60 };
  limit.admit("a", "203.0.113.7", rate);
  expect(refusal(() => limit.admit("b", "203.0.113.7", rate))).toBeUndefined();
  expect(refusal(() => limit.admit("a", "203.0.113.8", rate))).toBeUndefined();
  expect(refusal(() => limit.admit("a", "203.0.113.7", rate))?.code).toBe("rate-limited");
});
