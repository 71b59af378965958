/** What looks like a key or secret in a configuration, and what does not. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { maskSecrets, secretSpans } from "../../src/config/secret-look.ts";

describe("looks like a secret", () => {
  test.each([
    ["32 hexadecimal digits", "8f3a91c07be24d65a1f09c3e7b82d4f6"],
    ["a UUID", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    ["base64", "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k="],
    ["a token with a prefix", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"],
    ["a signed token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"],
    ["32 letters without a digit", "permissions: [abcdefghijklmnopqrstuvwxyzabcdef]"],
    ["32 letters of both cases", "kQwErTyUiOpAsDfGhJkLzXcVbNmQwErT"],
    ["the head of a private key", "-----BEGIN RSA PRIVATE KEY-----"],
    ["a key in a comment", "# old: 8f3a91c07be24d65a1f09c3e7b82d4f6 until May"],
    ["a key in quotes", '{ key: "8f3a91c07be24d65a1f09c3e7b82d4f6" }'],
  ])("%s", (_what, line) => {
    expect(secretSpans(line)).toHaveLength(1);
    expect(maskSecrets(line)).toHaveLength(line.length);
  });

  test("nearly every random key of 32 characters", () => {
    const keys = Array.from({ length: 500 }, () => [randomBytes(16).toString("hex"), randomBytes(24).toString("base64url")]).flat();
    expect(keys.filter((key) => secretSpans(`value: ${key}`).length === 0).length).toBeLessThan(20);
  });
});

describe("does not", () => {
  test.each([
    ["a business id", "force: { business__in: 5a1b2c3d4e5f6a7b8c9d0e1f }"],
    ["a webhook's public key", "public_key: MCowBQYDK2VwAyEA0G9ciHL6XZQXuWq6W4dFLvwNEPWgcdtQgEVlBIwZWBQ="],
    ["a long name", "store-locator-preview-2026-frontend:"],
    ["a long compound", "Donaudampfschifffahrtsgesellschaftskapitaen"],
    ["words without spaces", "NombreDePlacesDeParkingPourPersonnesHandicapees"],
    ["a route", "GET /business/{business_id}/place_action_links:"],
    ["the address of a preview", "- https://store-locator-git-a1b2c3d4e5f6-acme.preview.example"],
    ["a moment", "update_date__gte: 2026-01-31T00:00:00"],
    ["a pattern", 'pattern: "^[0-9A-Za-z]{4,8}-[0-9]{2}$"'],
    ["a list of words", 'status: "open,opening_soon,temporarily_closed"'],
  ])("%s", (_what, line) => {
    expect(secretSpans(line)).toEqual([]);
    expect(maskSecrets(line)).toBe(line);
  });
});

describe("in a line that is shown", () => {
  test.each([
    ["api_key: hunter2", "api_key: •••••••"],
    ["  password: correct horse # mine", "  password: ••••••• ••••• • ••••"],
    ["{ token: abc, city: {} }", "{ token: •••• ••••• •• •"],
  ])("%s becomes %s", (line, shown) => {
    expect(maskSecrets(line)).toBe(shown);
  });

  test.each(["key: locator-read", "token: { organization: acme }", "fields: [gmb_id, value]", "public_key: MCow", "tokens:"])(
    "%s stays",
    (line) => {
      expect(maskSecrets(line)).toBe(line);
    },
  );
});
