/** Sessions come and go with the configuration: a reload never opens what was shut, nor shuts out who came in before. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { loadConfig } from "../../src/config/load.ts";
import { startServerProcess, until } from "../support/cli.ts";
import { startGateway } from "../support/gateway.ts";
import { BFF_YAML, FRONTEND_YAML, ORIGIN, startProxy } from "../support/proxy.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, mint, startServed } from "./served.ts";

/** As a reload does. */
function follow(gateway: TestGateway, own: string): void {
  writeFileSync(join(gateway.directory, "frontends/store-locator.yaml"), FRONTEND_YAML + own);
  const { policy } = loadConfig(gateway.directory);
  if (policy === undefined) throw new Error("the configuration has faults");
  gateway.follow(policy);
}

async function statusOf(gateway: TestGateway, target?: string, cookie?: string): Promise<number> {
  const answer = await gateway.get(target, { headers: { origin: ORIGIN, ...(cookie === undefined ? {} : { cookie }) } });
  await answer.arrayBuffer();
  return answer.status;
}

const SEARCH = "/store-locator/v2/business/search?city=Paris";

test("none, on-miss, required and back: each request by the policy of its moment, and a session outlives them all", async () => {
  const { gateway } = await startServed({ "store-locator": "" });
  expect([await statusOf(gateway, SEARCH), (await mint(gateway.url)).status]).toEqual([200, 405]);
  follow(gateway, "session: on-miss\n");
  const { cookie } = await mint(gateway.url);
  expect([await statusOf(gateway, SEARCH), await statusOf(gateway), await statusOf(gateway, undefined, cookie)]).toEqual([200, 401, 200]);
  follow(gateway, "session: required\n");
  expect([await statusOf(gateway, SEARCH), await statusOf(gateway, SEARCH, cookie)]).toEqual([401, 200]);
  follow(gateway, "session: required\nproof: altcha\n");
  expect([(await mint(gateway.url)).status, await statusOf(gateway, undefined, cookie)]).toEqual([403, 200]);
  follow(gateway, "");
  expect([await statusOf(gateway), await statusOf(gateway, undefined, `${cookie}x`)]).toEqual([200, 200]);
});

test("a call under way when sessions become required is answered to who asked, and to nobody after", async () => {
  const asked = Promise.withResolvers<(bytes: string) => void>();
  const upstream = await startRecordingUpstream((_request, socket) => {
    asked.resolve((bytes) => socket.write(bytes));
    return undefined;
  });
  const gateway = await startGateway({
    upstream: upstream.url,
    frontends: { "store-locator": FRONTEND_YAML },
    env: { SESSION_SECRETS: `k1:${Buffer.alloc(32, "k").toString("base64url")}` },
  });
  onTestFinished(async () => {
    await gateway.close();
    await upstream.close();
  });
  const waiting = statusOf(gateway, SEARCH);
  const answer = await asked.promise;
  follow(gateway, "session: required\n");
  expect(await statusOf(gateway, SEARCH)).toBe(401);
  answer(EMPTY_PAGE);
  expect([await waiting, await statusOf(gateway, SEARCH), upstream.requests.length]).toEqual([200, 401, 1]);
});

test("start refuses sessions without SESSION_SECRETS in production, and says whose; elsewhere it warns", async () => {
  const upstream = await startRecordingUpstream();
  onTestFinished(() => upstream.close());
  const options = { upstream: upstream.url, frontends: { "store-locator": `${FRONTEND_YAML}session: on-miss\n` } };
  for (const SESSION_SECRETS of ["", "  "]) {
    const started = startProxy({ ...options, env: { NODE_ENV: "production", SESSION_SECRETS } });
    await expect(started).rejects.toThrow(/start ended with 2:[^]*SESSION_SECRETS: is missing; sessions of store-locator/);
  }
  const proxy = await startProxy({ ...options, env: { NODE_ENV: "test" } });
  expect((await mint(proxy.url)).status).toBe(200);
  await proxy.stop();
  expect(proxy.log().filter((line) => line.includes("SESSION_SECRETS is not set"))).toHaveLength(1);
});

test("a reload that would need SESSION_SECRETS is refused in production: the running policy stays, and the process stays ready", async () => {
  const upstream = await startRecordingUpstream(() => EMPTY_PAGE);
  const server = await startServerProcess({ upstream: upstream.url, bff: BFF_YAML, env: { NODE_ENV: "production" } });
  onTestFinished(async () => {
    await server.stop();
    await upstream.close();
  });
  writeFileSync(join(server.config, "frontends/store-locator.yaml"), `${FRONTEND_YAML}session: required\n`);
  server.signal("SIGHUP");
  await until(() => server.log().some(({ reload }) => reload === "refused"));
  expect(JSON.stringify(server.log())).toContain("SESSION_SECRETS: is missing; sessions of store-locator");
  const status = async (target: string): Promise<number> => (await fetch(server.url + target, { headers: { origin: ORIGIN } })).status;
  expect([await status(SEARCH), await status("/readyz")]).toEqual([200, 200]);
});

test("a reload that brings sessions without SESSION_SECRETS elsewhere warns as a start does", async () => {
  const upstream = await startRecordingUpstream(() => EMPTY_PAGE);
  const server = await startServerProcess({ upstream: upstream.url, bff: BFF_YAML });
  onTestFinished(async () => {
    await server.stop();
    await upstream.close();
  });
  writeFileSync(join(server.config, "frontends/store-locator.yaml"), `${FRONTEND_YAML}session: required\n`);
  server.signal("SIGHUP");
  await until(() => server.log().some(({ reload }) => reload === "taken"));
  expect(server.log().filter(({ msg }) => String(msg).includes("SESSION_SECRETS is not set"))).toHaveLength(1);
});
