import { KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseUpstreamBase, readEnvironment, variableName } from "../src/environment.ts";

describe("PARTOO_URL", () => {
  test.each([
    ["production", "https://api.partoo.co", "/v2"],
    ["sandbox", "https://api.sandbox.partoo.co", "/v2"],
    ["https://mirror.example/partoo/v2/", "https://mirror.example", "/partoo/v2"],
    ["http://127.0.0.1:8081/v2", "http://127.0.0.1:8081", "/v2"],
    ["http://localhost:8081", "http://localhost:8081", ""],
    ["http://[::1]:8081/v2", "http://[::1]:8081", "/v2"],
  ])("%s", (text, origin, prefix) => {
    expect(parseUpstreamBase(text)).toEqual({ origin, prefix });
  });

  test.each([
    "http://api.partoo.co/v2",
    "http://127.0.0.1.evil.example/v2",
    "http://localhost.evil.example/v2",
    "ftp://api.partoo.co",
    "https://user:pass@api.partoo.co/v2",
    "https://api.partoo.co/v2?x=1",
    "https://api.partoo.co/v2#x",
    "api.partoo.co",
  ])("%s is refused", (text) => {
    expect(() => parseUpstreamBase(text)).toThrow(TypeError);
  });
});

describe("readEnvironment", () => {
  test("an empty environment has every default", () => {
    expect(readEnvironment({})).toEqual({
      faults: [],
      environment: {
        host: "0.0.0.0",
        port: 8080,
        operator: { host: "127.0.0.1", port: 9090 },
        upstream: { origin: "https://api.partoo.co", prefix: "/v2" },
        redis: undefined,
        sessionSecrets: { all: [{ kid: "random", key: expect.any(KeyObject) }], isRandom: true },
        trustedProxy: { fly: false, networks: [] },
        devOrigins: [],
        logLevel: "info",
        logFile: undefined,
        production: false,
      },
    });
  });

  test("every fault is told at once, and no secret with it", () => {
    const { faults } = readEnvironment({
      PORT: "eighty",
      PARTOO_URL: "http://api.partoo.co",
      REDIS_URL: "http://user:canary@redis",
      TRUSTED_PROXY: "everybody",
      LOG_LEVEL: "loud",
      DEV_ORIGINS: "http://localhost:5173",
      NODE_ENV: "production",
    });
    expect(faults.map((fault) => fault.split(":")[0])).toEqual([
      "PORT",
      "PARTOO_URL",
      "REDIS_URL",
      "TRUSTED_PROXY",
      "DEV_ORIGINS",
      "LOG_LEVEL",
    ]);
    expect(faults.join()).not.toContain("canary");
  });
});

describe("the operator's listener", () => {
  test.each([["0.0.0.0"], ["::"], ["10.0.0.5"], ["localhost.example"]])("on %s needs a token", (host) => {
    expect(readEnvironment({ OPERATOR_HOST: host }).faults).toEqual([
      "OPERATOR_TOKEN: is missing; without it OPERATOR_HOST must be a loopback address",
    ]);
    expect(readEnvironment({ OPERATOR_HOST: host, OPERATOR_TOKEN: "0123456789abcdef" }).faults).toEqual([]);
  });

  test.each([["127.0.0.1"], ["::1"], ["localhost"]])("on %s does not", (host) => {
    expect(readEnvironment({ OPERATOR_HOST: host }).faults).toEqual([]);
  });

  test.each([["short-canary"], ["canary with spaces in it"]])("%j is no token, and is not repeated", (token) => {
    const { faults } = readEnvironment({ OPERATOR_TOKEN: token });
    expect(faults).toEqual([expect.stringMatching(/^OPERATOR_TOKEN: /)]);
    expect(faults.join()).not.toContain("canary");
  });
});

test("names become variables in upper case with underscores", () => {
  expect(variableName("PARTOO_KEY_", "locator-read.v2")).toBe("PARTOO_KEY_LOCATOR_READ_V2");
});
