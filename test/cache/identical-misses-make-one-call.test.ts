/** A thousand identical misses at once make one call per instance; all get the same bytes; five hundred who hang up make no difference. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { until } from "../support/cli.ts";
import { callMany, holdAnswers } from "./callers.ts";
import { gatewayFor, startPartoo } from "./partoo.ts";
import { redisForTest } from "./rig.ts";

const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);
const fieldOf = (answer: string, name: string): string | undefined => new RegExp(`\r\n${name}: (.*)\r\n`, "i").exec(answer)?.[1];

test("a thousand make one call, and all get the same bytes, each with a request id of its own", async () => {
  const partoo = await startPartoo();
  const gateway = await gatewayFor(partoo);
  const allow = holdAnswers(partoo);
  const callers = await callMany(gateway, 1000);
  allow();
  const answers = await Promise.all(callers.map(({ answer }) => answer));
  expect(partoo.calls()).toHaveLength(1);
  expect(new Set(answers.map((answer) => answer.slice(0, 15)))).toEqual(new Set(["HTTP/1.1 200 OK"]));
  expect(new Set(answers.map((answer) => createHash("sha256").update(bodyOf(answer)).digest("hex"))).size).toBe(1);
  expect(new Set(answers.map((answer) => fieldOf(answer, "x-request-id"))).size).toBe(1000);
  const statuses = answers.map((answer) => fieldOf(answer, "cache-status"));
  expect(statuses.filter((status) => status === "partoo-bff; fwd=miss; stored")).toHaveLength(1);
  expect(statuses.filter((status) => status === "partoo-bff; fwd=miss; stored; collapsed")).toHaveLength(999);
});

test("a thousand, of which five hundred hang up, the first among them, make one call and answer the others", async () => {
  const partoo = await startPartoo();
  const gateway = await gatewayFor(partoo);
  const allow = holdAnswers(partoo);
  const callers = await callMany(gateway, 1000);
  for (const [nth, caller] of callers.entries()) if (nth % 2 === 0) caller.leave();
  await until(() => gateway.log.filter(({ status }) => status === 499).length === 500);
  allow();
  const stayed = await Promise.all(callers.filter((_caller, nth) => nth % 2 === 1).map(({ answer }) => answer));
  expect(new Set(stayed.map(bodyOf)).size).toBe(1);
  expect(JSON.parse(bodyOf(stayed[0] ?? ""))).toMatchObject({ count: 3, businesses: [{ name: "Acme 1" }, {}, {}] });
  expect(partoo.calls()).toHaveLength(1);
});

test("a thousand at two processes make one call each at most, and all get the same bytes", async () => {
  const [partoo, { url: redisUrl }] = [await startPartoo(), await redisForTest()];
  const pair = [await gatewayFor(partoo, { redisUrl }), await gatewayFor(partoo, { redisUrl })];
  const allow = holdAnswers(partoo);
  const callers = (await Promise.all(pair.map((gateway) => callMany(gateway, 500)))).flat();
  allow();
  const answers = await Promise.all(callers.map(({ answer }) => answer));
  expect(new Set(answers.map((answer) => answer.slice(0, 15)))).toEqual(new Set(["HTTP/1.1 200 OK"]));
  expect(new Set(answers.map(bodyOf)).size).toBe(1);
  expect(partoo.calls().length).toBeLessThanOrEqual(2);
});
