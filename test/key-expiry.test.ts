/** Keys that expire are told 30, 7 and 1 days before, once each, and when the day has come. */
import { expect, onTestFinished, test, vi } from "vitest";
import type { KeyPolicy, Policy } from "../src/policy.ts";
import type { LogLine } from "./support/cli.ts";
import { pino } from "pino";
import { keyExpiries, watchKeyExpiry } from "../src/key-expiry.ts";
import { startGateway } from "./support/gateway.ts";
import { BFF_YAML } from "./support/proxy.ts";
import { startPartoo } from "./cache/partoo.ts";

const DAY_MS = 86_400_000;
const policyWith = (expires: string | undefined): Pick<Policy, "keys"> => {
  const key = { name: "locator-read", ...(expires === undefined ? {} : { expires }) } as KeyPolicy;
  return { keys: new Map([["locator-read", key]]) };
};

test.each([
  ["2027-06-30", "2027-05-30T23:59:59Z", 31, undefined],
  ["2027-06-30", "2027-05-31T00:00:00Z", 30, 30],
  ["2027-06-30", "2027-06-22T12:00:00Z", 8, 30],
  ["2027-06-30", "2027-06-23T00:00:00Z", 7, 7],
  ["2027-06-30", "2027-06-29T23:59:59Z", 1, 1],
  ["2027-06-30", "2027-06-30T00:00:00Z", 0, 0],
  ["2027-06-30", "2027-08-01T00:00:00Z", -32, 0],
])("%s, seen at %s: %d days left, mark %s", (expires, now, daysLeft, mark) => {
  expect(keyExpiries(policyWith(expires), Date.parse(now))).toEqual([{ key: "locator-read", expires, daysLeft, mark }]);
});

test("a key without a day says nothing", () => {
  expect(keyExpiries(policyWith(undefined), Date.now())).toEqual([]);
});

test("as the days pass each mark is told once; a new day in the configuration begins anew", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const log: LogLine[] = [];
  const logger = pino(
    { base: null, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => log.push(JSON.parse(line)) },
  );
  let policy = policyWith("2027-06-30");
  vi.setSystemTime(Date.parse("2027-05-01T09:00:00Z"));
  const watch = watchKeyExpiry({ policy: () => policy as Policy, logger });
  vi.advanceTimersByTime(62 * DAY_MS);
  const told = (): readonly unknown[] => log.map(({ level, key, expires, days_left }) => [level, key, expires, days_left]);
  expect(told()).toEqual([
    ["warn", "locator-read", "2027-06-30", 30],
    ["warn", "locator-read", "2027-06-30", 7],
    ["warn", "locator-read", "2027-06-30", 1],
    ["error", "locator-read", "2027-06-30", 0],
  ]);
  log.length = 0;
  policy = policyWith("2027-07-05");
  vi.advanceTimersByTime(DAY_MS);
  expect(told()).toEqual([["warn", "locator-read", "2027-07-05", 3]]);
  watch.close();
  vi.advanceTimersByTime(30 * DAY_MS);
  expect(log).toHaveLength(1);
});

test("a server tells it at its start", async () => {
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10);
  const { url } = await startPartoo();
  const bff = BFF_YAML.replace("permissions: [review_read]", `permissions: [review_read]\n    expires: ${tomorrow}`);
  const gateway = await startGateway({ upstream: url, bff });
  onTestFinished(() => gateway.close());
  expect(gateway.log).toContainEqual(
    expect.objectContaining({ level: "warn", alarm: "key-expiry", key: "locator-read", expires: tomorrow }),
  );
});
