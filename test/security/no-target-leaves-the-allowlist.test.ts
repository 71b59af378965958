import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FRONTEND_YAML } from "../support/proxy.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { ALLOWED_TARGET, hostileTarget } from "./hostile.ts";
import { countAnswers, openScene, plainHead } from "./scene.ts";

const scene = openScene({
  frontends: {
    "store-locator": FRONTEND_YAML,
    app: "key: locator-read\napps: true\nlimits: { requests: 100000/min, misses: 100000/min }\n",
  },
});

const BATCH = 25;

test("no hostile target makes Partoo hear a path outside the allowlist, or more than one request", async () => {
  let heard = 0;
  const batch = fc.array(fc.tuple(hostileTarget, fc.constantFrom("GET", "GET", "GET", "HEAD", "POST", "OPTIONS")), {
    minLength: BATCH,
    maxLength: BATCH,
  });
  await fc.assert(
    fc.asyncProperty(batch, async (requests) => {
      scene.upstream.requests.length = 0;
      const answers = await Promise.all(
        requests.map(([target, method]) => sendRaw(scene.proxy.port, Buffer.from(request(target, { method })), 60)),
      );
      for (const answer of answers) {
        expect(answer.status).not.toBe(500);
        expect(countAnswers(answer)).toBeLessThanOrEqual(1);
      }
      expect(scene.upstream.requests.length).toBeLessThanOrEqual(answers.filter(({ status }) => status === 200 || status === 502).length);
      for (const { target, head } of scene.upstream.requests) {
        expect(target.replace(/^\/v2/, "")).toMatch(ALLOWED_TARGET);
        expect(head.replace(/^GET \S+/, "GET x")).toBe(plainHead(scene.upstream.port).replace(/^GET \S+/, "GET x"));
      }
      heard += scene.upstream.requests.length;
    }),
    { numRuns: 40 },
  );
  expect(heard).toBeGreaterThan(20);
});
