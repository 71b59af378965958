import { expect, test } from "vitest";
import { pino } from "pino";
import { createRouteAlarm } from "../../src/upstream/route-alarm.ts";

test("the alarm comes again after ten minutes, and each route of each key has its own", () => {
  const told: string[] = [];
  let now = 0;
  const logger = pino(
    { base: null },
    {
      write(line) {
        const { key, route, upstream_status: status } = JSON.parse(line) as Record<string, unknown>;
        told.push([key, route, status].join(" "));
      },
    },
  );
  const alarm = createRouteAlarm(logger, () => now);
  const refuse = (keyName: string, route: string, status: number): void => alarm({ keyName, route, status, reason: `status ${status}` });

  refuse("locator-read", "/reviews", 400);
  refuse("locator-read", "/reviews", 422);
  refuse("locator-read", "/business/search", 400);
  refuse("other", "/reviews", 400);
  now += 599_999;
  refuse("locator-read", "/reviews", 400);
  now += 1;
  refuse("locator-read", "/reviews", 422);
  expect(told).toEqual([
    "locator-read /reviews 400",
    "locator-read /business/search 400",
    "other /reviews 400",
    "locator-read /reviews 422",
  ]);
});
