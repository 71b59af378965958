import { randomInt } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RequestHead } from "../../src/request/request-line.ts";
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
const context = contexts[0] as (typeof contexts)[number];
const peer = fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { nil: undefined });

/** Another stream each time; a failure prints it, and it can be set here to see the same again. */
const seed = randomInt(2 ** 31);

/** A head of a listed page, as a browser sends it. */
function pageHead(method: string, target: string, fields: Readonly<Record<string, string>> = {}): RequestHead {
  const headers = { host: "proxy.example", origin: "https://stores.acme.example", ...fields };
  return { method, target, httpVersion: "1.1", rawHeaders: Object.entries(headers).flat(), headers };
}

const ALLOWED_PATH = "/store-locator/v2/business/search?city=Paris";
/** A head that is allowed, a preflight and a refused one: tried before the random ones. */
const KNOWN_HEADS = [
  pageHead("GET", ALLOWED_PATH),
  pageHead("OPTIONS", ALLOWED_PATH, { "access-control-request-method": "GET" }),
  pageHead("GET", "/store-locator/v2/business/..%2Fapi_keys"),
] as const;

test("any head at all gets a decision: allowed, preflight, or a refusal that is not ours to be sorry for", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyHead, peer, fc.constantFrom(...contexts), (head, address, reader) => {
      const decision = decide(policy, head, readCaller(head, address, reader));
      seen.add(decision.decision);
      const status = decision.decision === "refused" ? decision.fault.status : 400;
      const target = decision.decision === "allowed" ? decision.match.target : "/business/c-1";
      expect([Math.floor(status / 100), target]).toEqual([4, expect.stringMatching(ALLOWED_TARGET)]);
    }),
    { numRuns: 6000, seed, examples: KNOWN_HEADS.map((head): [RequestHead, string, typeof context] => [head, "192.0.2.1", context]) },
  );
  expect([...seen].toSorted(), `seed ${seed}`).toEqual(["allowed", "preflight", "refused"]);
});

test("the same head gets the same decision", () => {
  fc.assert(
    fc.property(anyHead, (head) => {
      const [one, two] = [0, 1].map(() => decide(policy, head, readCaller(head, "192.0.2.1", context)));
      expect(JSON.stringify(one)).toBe(JSON.stringify(two));
    }),
    { numRuns: 500, seed, examples: KNOWN_HEADS.map((head) => [head]) },
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
    fc.property(fields, peer, fc.constantFrom(...contexts), (headers, connection, reader) => {
      const head = { method: "GET", target: "/", httpVersion: "1.1", rawHeaders: [], headers };
      const { addressKey, maskedAddress } = readCaller(head, connection, reader);
      expect(addressKey).toMatch(/^(\d+\.\d+\.\d+\.\d+|([0-9a-f]{1,4}:){4}:)$/);
      expect(maskedAddress).toMatch(/^(\d+\.\d+\.\d+\.0\/24|([0-9a-f]{1,4}:){3}:\/48)$/);
    }),
    { numRuns: 3000, seed },
  );
});

test("no hostile target is allowed to be anything but its template, even for who is let in everywhere", () => {
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
    { numRuns: 10_000, seed, examples: [[ALLOWED_PATH]] },
  );
  expect(allowed, `seed ${seed}`).toBeGreaterThan(200);
});
