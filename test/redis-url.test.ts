import { expect, test } from "vitest";
import { parseRedisUrl } from "../src/redis-url.ts";
import { openInstance, redisForTest } from "./cache/rig.ts";
import { until } from "./support/cli.ts";

test.each([
  ["redis://localhost", { host: "localhost", port: 6379, db: 0 }],
  ["redis://127.0.0.1:6380/", { host: "127.0.0.1", port: 6380, db: 0 }],
  ["redis://[::1]:6380/15", { host: "::1", port: 6380, db: 15 }],
  ["redis://:p%40ss%2Fw%25rd@redis.example", { host: "redis.example", port: 6379, password: "p@ss/w%rd", db: 0 }],
  ["rediss://bff:secret@redis.example:6380/2", { host: "redis.example", port: 6380, username: "bff", password: "secret", db: 2, tls: {} }],
])("%s", (text, address) => {
  expect(parseRedisUrl(text)).toEqual(address);
});

test.each([
  "localhost:6379",
  "http://localhost:6379",
  "redis://",
  "redis://:pa%ss-canary@127.0.0.1:6379",
  "redis://us%er:canary@127.0.0.1",
  "redis://:canary@127.0.0.1/first",
  "redis://:canary@127.0.0.1/0/1",
  "redis://:canary@127.0.0.1/-1",
  "redis://:canary@127.0.0.1/0?enableOfflineQueue=true",
  "redis://:canary@127.0.0.1/0#x",
  "redis://:canary@127.0.0.1:99999",
])("%s is refused, and not repeated", (text) => {
  let message = "";
  try {
    parseRedisUrl(text);
  } catch (fault) {
    expect(fault).toBeInstanceOf(TypeError);
    ({ message } = fault as Error);
  }
  expect(message).not.toBe("");
  expect(message).not.toContain("canary");
});

test("a password with every odd character opens the connection", async () => {
  const password = "p@ss:w/r%d?#&é ";
  const redis = await redisForTest({ password });
  const { connection } = openInstance(`redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/3`);
  await until(() => connection.client.status === "ready");
  expect(await connection.client.echo("here")).toBe("here");
  expect(connection.client.options.db).toBe(3);
});
