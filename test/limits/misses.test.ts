import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import type { RedisServer } from "../support/redis.ts";
import type { ServerProcess } from "../support/cli.ts";
import { SERVED, startServerProcess, until } from "../support/cli.ts";
import { BFF_YAML, ORIGIN } from "../support/proxy.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { freePort, startRedis } from "../support/redis.ts";

/** Six a minute for each address; two processes, so three for each while they can't see each other. */
const LIMIT = 6;
const SHARE = 3;
const BFF = BFF_YAML.replace("instances: 1", "instances: 2");
const FRONTEND = `key: locator-read
origins: [${ORIGIN}]
limits: { requests: 100000/min, misses: 6/min }
`;

let upstream: RecordingUpstream;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
});
afterAll(() => upstream.close());

/** Two processes of one deployment, as a platform starts them. */
async function startPair(redisUrl: string): Promise<readonly [ServerProcess, ServerProcess]> {
  const start = (): Promise<ServerProcess> =>
    startServerProcess({
      upstream: upstream.url,
      bff: BFF,
      frontends: { "store-locator": FRONTEND },
      env: { REDIS_URL: redisUrl, TRUSTED_PROXY: "127.0.0.1/32" },
    });
  const pair = await Promise.all([start(), start()]);
  onTestFinished(async () => void (await Promise.all(pair.map((server) => server.stop()))));
  return pair;
}

async function startRedisForTest(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.close());
  return redis;
}

function ask({ url }: ServerProcess, address: string): Promise<Response> {
  return fetch(`${url}/store-locator/v2/business/search?city=Paris`, { headers: { origin: ORIGIN, "x-forwarded-for": address } });
}

/** Statuses of so many requests of one address, one after the other. */
async function statuses(server: ServerProcess, address: string, count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let nth = 0; nth < count; nth += 1) found.push((await ask(server, address)).status);
  return found;
}

const addresses = (function* nextAddress(): Generator<string, never> {
  for (let nth = 1; ; nth += 1) yield `203.0.113.${nth}`;
})();
const newAddress = (): string => addresses.next().value;

/** Until a request to this process is counted in Redis. */
async function untilShared(redis: RedisServer, server: ServerProcess): Promise<void> {
  const address = newAddress();
  await until(async () => {
    await ask(server, address);
    return (await redis.keys()).some((key) => key.endsWith(address));
  });
}

function linesAbout(server: ServerProcess, state: "away" | "ready"): number {
  return server.log().filter(({ redis }) => redis === state).length;
}

async function expectShared(servers: readonly [ServerProcess, ServerProcess]): Promise<void> {
  const address = newAddress();
  expect(await statuses(servers[0], address, 4)).toEqual([200, 200, 200, 200]);
  expect(await statuses(servers[1], address, 3)).toEqual([200, 200, 429]);
  expect(await statuses(servers[0], address, 1)).toEqual([429]);
}

async function expectEachForItself(servers: readonly ServerProcess[]): Promise<void> {
  const address = newAddress();
  for (const server of servers) expect(await statuses(server, address, SHARE + 1)).toEqual([200, 200, 200, 429]);
}

describe("with Redis", () => {
  test("two processes share one limit, and a refused request makes no call", async () => {
    const redis = await startRedisForTest();
    const pair = await startPair(redis.url);
    for (const server of pair) await untilShared(redis, server);
    upstream.requests.length = 0;
    await expectShared(pair);
    expect(upstream.requests).toHaveLength(LIMIT);
  });

  test("each address has a limit of its own, and an IPv6 network of 64 bits counts as one", async () => {
    const redis = await startRedisForTest();
    const [server] = await startPair(redis.url);
    await untilShared(redis, server);
    expect(await statuses(server, "2001:db8:1:2::1", 4)).toEqual([200, 200, 200, 200]);
    expect(await statuses(server, "2001:db8:1:2:ffff::9", 3)).toEqual([200, 200, 429]);
    expect(await statuses(server, "2001:db8:1:3::1", 1)).toEqual([200]);
  });

  test("every key begins with our prefix, and what is about a caller goes away by itself", async () => {
    const redis = await startRedisForTest();
    const [server] = await startPair(redis.url);
    await untilShared(redis, server);
    await statuses(server, "198.51.100.7", 1);
    const keys = await redis.keys();
    expect(keys).toContain("partoo-bff:misses:store-locator:198.51.100.7");
    expect(keys.filter((key) => !key.startsWith("partoo-bff:"))).toEqual([]);
    const forever = new Set(["partoo-bff:purge:generation", "partoo-bff:quota:{acme}"]);
    for (const key of keys.filter((name) => !forever.has(name))) {
      const seconds = await redis.secondsLeft(key);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    }
  });

  test("a refused page can read how long to wait", async () => {
    const redis = await startRedisForTest();
    const [server] = await startPair(redis.url);
    await untilShared(redis, server);
    await statuses(server, "198.51.100.8", LIMIT);
    const refused = await ask(server, "198.51.100.8");
    const seconds = refused.headers.get("retry-after") ?? "";
    expect(seconds).toMatch(/^([1-9]|[1-5]\d|60)$/);
    expect(Object.fromEntries(["ratelimit", "ratelimit-policy", "cache-control"].map((name) => [name, refused.headers.get(name)]))).toEqual(
      {
        ratelimit: `"misses";r=0;t=${seconds}`,
        "ratelimit-policy": '"misses";q=6;w=60',
        "cache-control": "no-store",
      },
    );
    expect(refused.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(refused.headers.get("access-control-expose-headers")).toContain("Retry-After, RateLimit, RateLimit-Policy");
    expect(await refused.json()).toMatchObject({ code: "rate-limited", status: 429, layer: "proxy" });
  });
});

describe("when Redis goes", () => {
  test("killed: each process counts its share and keeps answering; back: they share again, with one line for the outage", async () => {
    const redis = await startRedisForTest();
    const pair = await startPair(redis.url);
    for (const server of pair) await untilShared(redis, server);
    await redis.kill();
    await expectEachForItself(pair);
    await redis.restart();
    for (const server of pair) await untilShared(redis, server);
    await expectShared(pair);
    for (const server of pair) {
      expect(await server.stop()).toMatchObject({ code: 0, stderr: expect.stringMatching(SERVED) });
      expect([linesAbout(server, "away"), linesAbout(server, "ready")]).toEqual([1, 2]);
    }
  });

  test("down at start: the processes serve, count their share, and share as soon as it is up", async () => {
    const port = await freePort();
    const pair = await startPair(`redis://127.0.0.1:${port}`);
    await expectEachForItself(pair);
    const redis = await startRedisForTest({ port });
    for (const server of pair) await untilShared(redis, server);
    await expectShared(pair);
    for (const server of pair) {
      expect(await server.stop()).toMatchObject({ code: 0, stderr: expect.stringMatching(SERVED) });
      expect([linesAbout(server, "away"), linesAbout(server, "ready")]).toEqual([1, 1]);
    }
  });

  test("hung: requests are answered all the while, and the limit is shared again afterwards, without a restart", async () => {
    const redis = await startRedisForTest();
    const pair = await startPair(redis.url);
    for (const server of pair) await untilShared(redis, server);
    await redis.pause(3000);
    await expectEachForItself(pair);
    const [first] = pair;
    await until(async () => {
      expect((await ask(first, newAddress())).status).toBe(200);
      return linesAbout(first, "away") === 1;
    });
    for (const server of pair) await untilShared(redis, server);
    await expectShared(pair);
    for (const server of pair) {
      expect(await server.stop()).toMatchObject({ code: 0, stderr: expect.stringMatching(SERVED) });
      expect(server.log().filter(({ redis: state }) => state === "away")).toMatchObject([
        { level: "warn", error_code: expect.stringMatching(/^(timeout|closed)$/) },
      ]);
    }
  });

  test("a wrong password: served from memory, one line that names the reason, and the password nowhere", async () => {
    const redis = await startRedisForTest({ password: "the-right-one" });
    const [server] = await startPair(`redis://:not-the-right-one@127.0.0.1:${redis.port}`);
    await expectEachForItself([server]);
    await until(() => linesAbout(server, "away") === 1);
    await server.stop();
    const about = server.log().filter((line) => "redis" in line);
    expect(about).toMatchObject([{ level: "warn", redis: "away", error_code: "WRONGPASS" }]);
    expect(JSON.stringify(server.log()) + server.printed()).not.toContain("the-right-one");
  });
});
