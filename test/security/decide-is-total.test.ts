import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseTrustedProxy } from "../../src/caller/address.ts";
import { readCaller } from "../../src/caller/caller.ts";
import { decide } from "../../src/decide.ts";
import { Secret } from "../../src/secret.ts";
import { ALLOWED_TARGET, anyHead, hostileTarget, testPolicy } from "./hostile.ts";

const policy = testPolicy();
const contexts = ["none", "fly", "10.0.0.0/8", "fly,0.0.0.0/0,::/0"].map((text) => ({
  trustedProxy: parseTrustedProxy(text),
  servers: new Map([["web", new Secret("web", "token-of-the-web-server", "callers")]]),
}));
const peer = fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { nil: undefined });

test("any head at all gets a decision: allowed, preflight, or a refusal that is not ours to be sorry for", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyHead, peer, fc.constantFrom(...contexts), (head, address, context) => {
      const decision = decide(policy, head, readCaller(head, address, context));
      seen.add(decision.decision);
      const status = decision.decision === "refused" ? decision.fault.status : 400;
      const target = decision.decision === "allowed" ? decision.match.target : "/business/c-1";
      expect([Math.floor(status / 100), target]).toEqual([4, expect.stringMatching(ALLOWED_TARGET)]);
    }),
    // One fixed stream of heads: a random one met no allowed head in 4 runs of 91.
    { numRuns: 6000, seed: 42 },
  );
  expect([...seen].toSorted()).toEqual(["allowed", "preflight", "refused"]);
});

test("the same head gets the same decision", () => {
  const context = contexts[0] as (typeof contexts)[number];
  fc.assert(
    fc.property(anyHead, (head) => {
      const [one, two] = [0, 1].map(() => decide(policy, head, readCaller(head, "192.0.2.1", context)));
      expect(JSON.stringify(one)).toBe(JSON.stringify(two));
    }),
    { numRuns: 500 },
  );
});

test("no address in any field is more than a text to the reader of addresses", () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4Extended(),
    fc.string(),
    fc.constantFrom("::ffff:1.2.3.4", "64:ff9b::1.2.3.4", "::1%eth0", "1.2.3", "0", "::", "1::1::1", "[::1]", "0177.0.0.1"),
  );
  const fields = fc.dictionary(
    fc.constantFrom("x-forwarded-for", "fly-client-ip"),
    fc.array(address, { maxLength: 4 }).map((list) => list.join(", ")),
  );
  fc.assert(
    fc.property(fields, peer, fc.constantFrom(...contexts), (headers, connection, context) => {
      const head = { method: "GET", target: "/", httpVersion: "1.1", rawHeaders: [], headers };
      const { addressKey, maskedAddress } = readCaller(head, connection, context);
      expect(addressKey).toMatch(/^(\d+\.\d+\.\d+\.\d+|([0-9a-f]{1,4}:){4}:)$/);
      expect(maskedAddress).toMatch(/^(\d+\.\d+\.\d+\.0\/24|([0-9a-f]{1,4}:){3}:\/48)$/);
    }),
    { numRuns: 3000 },
  );
});

test("no hostile target is allowed to be anything but its template, even for who is let in everywhere", () => {
  const context = contexts[0] as (typeof contexts)[number];
  let allowed = 0;
  fc.assert(
    fc.property(hostileTarget, (target) => {
      const headers = { host: "proxy.example" };
      const head = {
        method: "GET",
        target: target.replace("/store-locator/", "/app/"),
        httpVersion: "1.1",
        rawHeaders: ["Host", "proxy.example"],
        headers,
      };
      const decision = decide(policy, head, readCaller(head, "192.0.2.1", context));
      if (decision.decision !== "allowed") return;
      allowed += 1;
      expect(decision.match.target).toMatch(ALLOWED_TARGET);
    }),
    { numRuns: 10_000 },
  );
  expect(allowed).toBeGreaterThan(200);
});
