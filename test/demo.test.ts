import type { ChildProcess } from "node:child_process";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { request, sendRaw } from "./support/raw-client.ts";

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

interface Counters {
  readonly calls: number;
  readonly by_path: Readonly<Record<string, number>>;
}

let demo: ChildProcess;
let printed = "";
let ports: readonly number[];

beforeAll(async () => {
  ports = await freePorts(3);
  demo = spawn(process.execPath, ["examples/demo.ts"], {
    env: { ...process.env, PORT: String(ports[0]), SANDBOX_PORT: String(ports[1]), OPERATOR_PORT: String(ports[2]) },
  });
  demo.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  demo.stderr?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const exited = once(demo, "exit").then(() => Promise.reject(new Error(printed)));
  while (!printed.includes("Ctrl-C")) await Promise.race([nextOutput(), exited]);
  exited.catch(() => undefined);
});
afterAll(async () => {
  if (demo.exitCode !== null) return;
  demo.kill("SIGKILL");
  await once(demo, "exit");
});

/** Resolves with the next chunk that the demo prints. */
async function nextOutput(): Promise<void> {
  if (demo.stdout !== null) await once(demo.stdout, "data");
}

async function counters(): Promise<Counters> {
  return (await (await fetch(`http://127.0.0.1:${ports[1]}/_sandbox/counters`)).json()) as Counters;
}

/** Runs a printed curl line with fetch: its Origin and its address. */
async function runPrinted(nth: number): Promise<Response> {
  const line = printed.split("\n").filter((text) => text.trim().startsWith("curl "))[nth] ?? "";
  const [, origin = "", address = ""] = /-H 'Origin: (.*?)' '(.*?)'/.exec(line) ?? [];
  return fetch(address, { headers: { origin } });
}

test("the first printed line is answered, without names, addresses or ids of the organization", async () => {
  const answer = await runPrinted(0);
  const text = await answer.text();
  expect(answer.status).toBe(200);
  expect((JSON.parse(text) as { businesses: unknown[] }).businesses.length).toBeGreaterThan(10);
  const raw = await fetch(`http://127.0.0.1:${ports[1]}/v2/business/search?city=Paris&per_page=100`, {
    headers: { "x-apikey": "sandbox-everything" },
  });
  const { businesses } = (await raw.json()) as { businesses: { contacts: { name: string; email: string }[] | null }[] };
  const personal = businesses
    .flatMap(({ contacts }) => contacts ?? [])
    .flatMap(({ name, email }) => [name, email])
    .filter(Boolean);
  expect(personal.length).toBeGreaterThan(10);
  expect(personal.filter((value) => text.includes(value))).toEqual([]);
  expect(text).not.toContain("org_id");
});

test("the other printed lines, and what else must be refused, never reach the sandbox", async () => {
  const before = await counters();
  expect((await runPrinted(1)).status).toBe(404);
  expect((await runPrinted(2)).status).toBe(403);
  for (const target of [
    "/v2/api_keys",
    "/store-locator/v2/api_keys",
    "/store-locator/v2/business/..%2Fapi_keys",
    "/store-locator/v2/business/search?org_id=1",
    "/v2/business/..%2Fapi_keys",
  ]) {
    expect((await sendRaw(ports[0] ?? 0, request(target))).status).toBeGreaterThanOrEqual(400);
  }
  expect(await counters()).toEqual(before);
});

test("the store locator is served, asks this proxy, and its origin may read through it", async () => {
  const origin = /page +(http:\S+)/.exec(printed)?.[1] ?? "";
  const page = await fetch(origin);
  expect(page.headers.get("content-security-policy")).toContain(`connect-src 'self' http://localhost:${ports[0]}`);
  expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
  expect(await page.text()).toContain('src="main.js"');
  expect(await (await fetch(`${origin}/config.js`)).text()).toContain(`"http://localhost:${ports[0]}/store-locator"`);
  const answer = await fetch(`http://127.0.0.1:${ports[0]}/store-locator/v2/business/search?city=Lyon`, { headers: { origin } });
  expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
});

test.each([
  "/../demo.ts",
  "/../../package.json",
  "/%2e%2e/demo.ts",
  "//etc/passwd",
  "/tsconfig.json",
  "/vendor/",
  "/index.html/",
  "/constructor",
])("the page's server has no %s", async (path) => {
  const { hostname, port } = new URL(/page +(http:\S+)/.exec(printed)?.[1] ?? "");
  const [response] = (await once(get({ hostname, port, path }), "response")) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(404);
});

test("an interrupt ends all of it", async () => {
  demo.kill("SIGINT");
  const [code] = (await once(demo, "exit")) as [number];
  expect(code).toBe(0);
  for (const port of ports) await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
});
