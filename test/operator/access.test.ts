import { describe, expect, test } from "vitest";
import type { Listener } from "./operator.ts";
import { gatewayFor, startPartoo } from "../cache/partoo.ts";
import { sendRaw } from "../support/raw-client.ts";
import { TOKEN, listenerOf } from "./operator.ts";

const BODY = '{"all":true}';

/** A purge as these header fields make it; Host and Content-Type are there unless they say otherwise. */
function purgeRequest(port: number, fields: readonly string[], method = "POST", path = "/api/purge"): string {
  const given = (name: string): boolean => fields.some((field) => field.toLowerCase().startsWith(`${name}:`));
  const lines = [
    ...(given("host") ? [] : [`Host: 127.0.0.1:${port}`]),
    ...(given("content-type") ? [] : ["Content-Type: application/json"]),
    ...fields.map((field) => field.replaceAll("PORT", String(port))),
    ...(method === "GET" ? [] : [`Content-Length: ${BODY.length}`]),
  ];
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\nConnection: close\r\n\r\n${method === "GET" ? "" : BODY}`;
}

async function start(options: Parameters<typeof listenerOf>[1] = {}) {
  const gateway = await gatewayFor(await startPartoo());
  const listener = await listenerOf(gateway, options);
  return { gateway, listener };
}

async function ask({ port }: Listener, fields: readonly string[], method?: string, path?: string) {
  const { status, headers, body } = await sendRaw(port, purgeRequest(port, fields, method, path));
  return { status, headers, body, code: (JSON.parse(body) as { code?: string }).code };
}

describe("without a token, on loopback", () => {
  test("another name for this machine does not lead to the metrics", async () => {
    const { listener } = await start();
    const statusFor = async (host: string): Promise<number> =>
      (await sendRaw(listener.port, `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status;
    expect([await statusFor("rebound.evil.example"), await statusFor("localhost")]).toEqual([421, 200]);
  });

  test.each([
    ["a program", []],
    ["by name", ["Host: localhost:PORT"]],
    ["in other letters", ["Host: LocalHost:PORT"]],
    ["IPv6", ["Host: [::1]:PORT"]],
    ["the listener's own page", ["Origin: http://127.0.0.1:PORT", "Sec-Fetch-Site: same-origin"]],
    ["an address typed into the browser", ["Sec-Fetch-Site: none"]],
    ["a charset", ["Content-Type: Application/JSON; charset=utf-8"]],
  ])("purges for %s", async (_name, fields) => {
    const { listener } = await start();
    expect(await ask(listener, fields)).toMatchObject({ status: 200 });
  });

  test.each([
    [421, "host-not-allowed", ["Host: rebound.evil.example:PORT"]],
    [
      421,
      "host-not-allowed",
      ["Host: rebound.evil.example:PORT", "Origin: http://rebound.evil.example:PORT", "Sec-Fetch-Site: same-origin"],
    ],
    [421, "host-not-allowed", ["Host: localhost.evil.example"]],
    [421, "host-not-allowed", ["Host: 127.0.0.1.evil.example"]],
    [421, "host-not-allowed", ["Host: 192.168.0.7:PORT"]],
    [400, "request-malformed", ["Host: 127.0.0.1:PORT", "Host: evil.example"]],
    [403, "origin-not-allowed", ["Origin: https://evil.example"]],
    [403, "origin-not-allowed", ["Origin: null"]],
    [403, "origin-not-allowed", ["Origin: http://localhost:PORT"]],
    [403, "origin-not-allowed", ["Origin: http://127.0.0.1:1"]],
    [403, "fetch-metadata-refused", ["Sec-Fetch-Site: cross-site"]],
    [403, "fetch-metadata-refused", ["Sec-Fetch-Site: same-site"]],
    [400, "request-malformed", ["Content-Type: text/plain"]],
    [400, "request-malformed", ["Content-Type: application/x-www-form-urlencoded"]],
    [400, "request-malformed", ["Content-Type: multipart/form-data; boundary=application/json"]],
  ])("refuses with %d %s: %j", async (status, code, fields) => {
    const { gateway, listener } = await start();
    const answer = await ask(listener, fields);
    expect(answer).toMatchObject({ status, code });
    expect(answer.headers).toMatchObject({ "content-type": "application/problem+json", "cache-control": "no-store" });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(gateway.counts().purges).toBe(0);
    expect(answer.body).not.toContain("evil");
  });

  test("counters are as shut to a rebound name and to other sites", async () => {
    const { listener } = await start();
    expect(await ask(listener, ["Host: evil.example"], "GET", "/api/counters")).toMatchObject({ status: 421 });
    expect(await ask(listener, ["Sec-Fetch-Site: cross-site"], "GET", "/api/counters")).toMatchObject({ status: 403 });
    expect(await ask(listener, [], "GET", "/api/counters")).toMatchObject({ status: 200 });
  });
});

describe("with a token", () => {
  test.each([
    ["none", []],
    ["another", ["Authorization: Bearer operator-canary-5d1c07e3"]],
    ["its beginning", ["Authorization: Bearer operator-canary"]],
    ["an empty one", ["Authorization: Bearer "]],
    ["another scheme", [`Authorization: Basic ${TOKEN}`]],
    ["in the wrong place", [`X-Operator-Token: ${TOKEN}`]],
  ])("%s is refused although it comes from loopback, and the answer says what is missing", async (_name, fields) => {
    const { gateway, listener } = await start({ token: TOKEN });
    for (const [method, path] of [
      ["POST", "/api/purge"],
      ["GET", "/api/counters"],
    ]) {
      const answer = await ask(listener, fields, method, path);
      expect(answer).toMatchObject({ status: 401, code: "operator-token" });
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="operator"');
    }
    expect(gateway.counts().purges).toBe(0);
  });

  test("it is enough under whatever name the listener is reached by, but not for another site's page", async () => {
    const { listener } = await start({ token: TOKEN });
    const bearer = `Authorization: bearer ${TOKEN}`;
    expect(await ask(listener, [bearer, "Host: bff.internal:9090"])).toMatchObject({ status: 200 });
    expect(await ask(listener, [bearer, "Origin: https://evil.example"])).toMatchObject({ status: 403 });
    expect(await ask(listener, [bearer, "Sec-Fetch-Site: cross-site"])).toMatchObject({ status: 403 });
  });

  test("metrics ask for none", async () => {
    const { listener } = await start({ token: TOKEN });
    const answer = await fetch(`${listener.url}/metrics`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  });
});

test("each action is one line in the log: who, what, never the token; so is each refusal", async () => {
  const { gateway, listener } = await start({ token: TOKEN });
  gateway.log.length = 0;
  await listener.purge({ tag: "route:/business/search" });
  await ask(listener, ["Authorization: Bearer wrong-canary-wrong"]);
  expect(gateway.log).toMatchObject([
    { level: "info", operator: "token", action: "purge", tag: "route:/business/search", msg: "purged by hand" },
    { level: "warn", status: 401, code: "operator-token" },
  ]);
  expect(JSON.stringify(gateway.log)).not.toContain("canary");
  const open = await listenerOf(gateway);
  await open.purge({ all: true });
  expect(gateway.log.at(-1)).toMatchObject({ operator: "loopback", action: "purge", all: true });
});

test.each([
  ["not JSON", "{"],
  ["nothing to purge", "{}"],
  ["both", '{"all":true,"tag":"key:locator-read"}'],
  ["not everything", '{"all":false}'],
  ["a member too many", '{"all":true,"hard":true}'],
  ["a tag that is no text", '{"tag":["key:locator-read"]}'],
  ["a list", '[{"all":true}]'],
])("a body that is %s is refused and purges nothing", async (_name, body) => {
  const { gateway, listener } = await start();
  const answer = await fetch(`${listener.url}/api/purge`, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, "request-malformed"]);
  expect(gateway.counts().purges).toBe(0);
});

test("a body beyond its bound is refused, and other methods and paths are told what there is", async () => {
  const { listener } = await start();
  const head = `POST /api/purge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2097152\r\n\r\n`;
  expect(await sendRaw(listener.port, head)).toMatchObject({ status: 413 });
  expect(await ask(listener, [], "GET", "/api/purge")).toMatchObject({
    status: 405,
    code: "method-not-allowed",
    headers: { allow: "POST" },
  });
  expect(await ask(listener, [], "POST", "/api/counters")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  expect(await ask(listener, [], "GET", "/api/keys")).toMatchObject({ status: 404, code: "route-not-allowed" });
});
