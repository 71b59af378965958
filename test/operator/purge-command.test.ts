import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AddressInfo } from "node:net";
import { SEARCH, gatewayFor, idOf, nameShown, pageOf, startPartoo, store } from "../cache/partoo.ts";
import { redisForTest } from "../cache/rig.ts";
import { runCli, startServerProcess, until } from "../support/cli.ts";
import { ORIGIN } from "../support/proxy.ts";
import { freePort } from "../support/redis.ts";
import { TOKEN, listenerOf } from "./operator.ts";

async function start(options: Parameters<typeof gatewayFor>[1] & { readonly token?: string } = {}) {
  const { token, ...rest } = options;
  const partoo = await startPartoo();
  const gateway = await gatewayFor(partoo, rest);
  const listener = await listenerOf(gateway, token === undefined ? {} : { token });
  expect(await nameShown(gateway, 1)).toBe("Acme 1");
  partoo.stores = [store(1, { name: "Renamed", modified: 1_790_000_999 })];
  return { partoo, gateway, listener };
}

describe("exit 0: purged", () => {
  test("one tag, and what it was is printed", async () => {
    const { gateway, listener } = await start();
    const { code, stdout, stderr } = await runCli(["purge", "--tag", `business:${idOf(1)}`, "--url", listener.url]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      `purged business:${idOf(1)} in this process; without Redis there is no other it could tell: 1 stored answer in its memory\n`,
    );
    expect(await nameShown(gateway, 1)).toBe("Renamed");
  });

  test("everything, in every process; as JSON", async () => {
    const redis = await redisForTest();
    const { gateway, listener } = await start({ redisUrl: redis.url });
    const plain = await runCli(["purge", "--all", "--url", listener.url]);
    expect([plain.code, plain.stdout]).toEqual([0, "purged everything in every process: 1 stored answer in its memory\n"]);
    expect(await nameShown(gateway, 1)).toBe("Renamed");
    const { code, stdout } = await runCli(["purge", "--all", "--json", "--url", listener.url]);
    expect([code, JSON.parse(stdout)]).toEqual([0, { purged: { all: true }, tags: ["all"], entries: 1, instances: "all" }]);
  });

  test("where the environment says the listener is, with the token of .env", async () => {
    const { listener } = await start({ token: TOKEN });
    const folder = mkdtempSync(join(tmpdir(), "partoo-bff-purge-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, ".env"), `OPERATOR_PORT=${listener.port}\nOPERATOR_TOKEN=${TOKEN}\n`);
    for (const host of ["", "localhost", "0.0.0.0"]) {
      const { code, stdout, stderr } = await runCli(["purge", "--all"], { cwd: folder, env: { OPERATOR_HOST: host } });
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).not.toContain(TOKEN);
    }
  });
});

describe("exit 1: refused, or not yet everywhere", () => {
  test.each([
    ["without the token", {}],
    ["with another", { OPERATOR_TOKEN: "another-canary-9f4c1d7ab86e" }],
  ])("%s", async (_name, env) => {
    const { listener } = await start({ token: TOKEN });
    const { code, stdout, stderr } = await runCli(["purge", "--all", "--url", listener.url], { env });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^http:\S+ refused: operator-token: /);
    expect(stderr).not.toContain("canary");
  });

  test("a tag that names nothing, with what there is", async () => {
    const { listener } = await start();
    const { code, stderr } = await runCli(["purge", "--tag", "key:locator", "--url", listener.url]);
    expect([code, stderr]).toEqual([
      1,
      `${listener.url} refused: parameter-invalid: The configuration has no such key; there is locator-read.\n`,
    ]);
  });

  test("Redis is away: here it counts", async () => {
    const { gateway, listener } = await start({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
    const { code, stdout } = await runCli(["purge", "--all", "--url", listener.url]);
    expect(code).toBe(1);
    expect(stdout).toContain("Redis is away, the others hear of it when it is back");
    expect(await nameShown(gateway, 1)).toBe("Renamed");
  });
});

describe("exit 2: usage, or nobody there", () => {
  test.each([[[]], [["--all", "--tag", "key:locator-read"]], [["--everything"]], [["--all", "--url", "127.0.0.1:9090"]], [["all"]]])(
    "%j is explained",
    async (args) => {
      const { code, stdout, stderr } = await runCli(["purge", ...args]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("purge --tag TAG | --all");
      expect(stderr).not.toContain("    at ");
    },
  );

  test("no listener: where it was looked for, why not, and what to do", async () => {
    const port = await freePort();
    const { code, stdout, stderr } = await runCli(["purge", "--all"], { env: { OPERATOR_PORT: String(port), OPERATOR_TOKEN: TOKEN } });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      `No operator's listener answers at http://127.0.0.1:${port} (ECONNREFUSED). Is the server running? --url, OPERATOR_HOST and OPERATOR_PORT say where.\n`,
    );
  });

  test.each([
    ["a page", "<!doctype html>"],
    ["other JSON", '{"status":"ok"}'],
    ["a redirect", undefined],
  ])("something else listens and answers with %s", async (_name, body) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      if (body === undefined) response.writeHead(307, { location: "/elsewhere" });
      response.end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, stderr } = await runCli(["purge", "--all", "--url", url], { env: { OPERATOR_TOKEN: TOKEN } });
    expect([code, stderr.includes(url), stderr.includes(TOKEN)]).toEqual([2, true, false]);
    expect(asked).toEqual([`/api/purge Bearer ${TOKEN}`]);
  });
});

test("a server that asks for a token: metrics go without, a purge needs it, and its log holds what was done but not the token", async () => {
  const [partoo, port] = [await startPartoo(), await freePort()];
  const env = { OPERATOR_PORT: String(port), OPERATOR_TOKEN: TOKEN };
  const server = await startServerProcess({ upstream: partoo.url, env });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/metrics`).catch(() => undefined))?.ok === true);
  const get = (target: string): Promise<Response> => fetch(server.url + target, { headers: { origin: ORIGIN } });
  for (const target of [SEARCH, pageOf(1)]) expect((await get(target)).status).toBe(200);
  partoo.stores = [store(1, { name: "Renamed", modified: 1_790_000_999 })];
  expect((await fetch(`${url}/api/counters`)).status).toBe(401);
  expect((await runCli(["purge", "--all"], { env })).code).toBe(0);
  expect(await (await get(pageOf(1))).json()).toMatchObject({ name: "Renamed" });
  const { stdout, stderr } = await server.stop();
  expect(server.log().filter(({ msg }) => msg === "purged by hand")).toMatchObject([{ operator: "token", action: "purge", all: true }]);
  expect(JSON.stringify([server.log(), stdout, stderr])).not.toContain("canary");
});

test("--help and the documentation name the same tags", async () => {
  const { code, stdout } = await runCli(["purge", "--help"]);
  const documented = readFileSync("docs/configuration.md", "utf8");
  const tags = stdout.match(/\b(?:business|list|route|key|organization):\S+/g) ?? [];
  expect([code, tags.length]).toEqual([0, 6]);
  for (const tag of tags) expect(documented).toContain(`\`${tag}\``);
});
