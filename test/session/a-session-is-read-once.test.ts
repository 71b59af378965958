/** Which session a request carries is never in doubt: other cookies, other spellings and other callers' tokens are none. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Proxy } from "../support/proxy.ts";
import { BFF_YAML, FRONTEND_YAML, ORIGIN, startProxy } from "../support/proxy.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { EVERYTHING, rawStores } from "../sandbox/support.ts";
import { until } from "../support/cli.ts";
import { redisForTest } from "../cache/rig.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, from, mint, startServed } from "./served.ts";

const REQUIRED = { "store-locator": "session: required\n" };
const NAME = "__Host-Http-bff-store-locator";
const SEARCH = "/store-locator/v2/business/search?city=Paris";

const tokenOf = ({ cookie }: { readonly cookie: string }): string => cookie.slice(cookie.indexOf("=") + 1);

interface Asked {
  readonly target?: string;
  readonly method?: string;
  readonly origin?: string | null;
}

/** @returns 200 and 304 as they are, else the problem's code; to HEAD the status */
async function codeOf(port: number, fields: readonly string[], { target = SEARCH, method = "GET", origin = ORIGIN }: Asked = {}) {
  const { status, headers, body } = await sendRaw(port, request(target, { method, fields: [...fields, "Connection: close"], origin }));
  if (status === 200 || status === 304) return status;
  expect(headers["cache-control"]).toBe("no-store");
  for (const name of ["etag", "age", "cache-status", "set-cookie"]) expect(headers).not.toHaveProperty(name);
  return method === "HEAD" ? status : (JSON.parse(body) as { readonly code: string }).code;
}

describe("cookies that a neighbour of the host could set, or that look like ours", () => {
  test.each<readonly [string, (token: string) => string, string | number]>([
    ["ours", (token) => `${NAME}=${token}`, 200],
    ["ours between others, in any order", (token) => `a=b; ${NAME}=${token}; c="d; e`, 200],
    ["ours behind spaces and tabs", (token) => `a=b;\t  ${NAME}=${token} \t`, 200],
    ["ours behind another frontend's", (token) => `${NAME}-2=x; ${NAME}=${token}`, 200],
    ["in small letters, which browsers protect no less", (token) => `${NAME.toLowerCase()}=${token}`, "session-required"],
    ["without its prefix", (token) => `bff-store-locator=${token}`, "session-required"],
    ["with the prefix of another kind", (token) => `__Host-bff-store-locator=${token}`, "session-required"],
    ["without a name", (token) => `=${NAME}=${token}`, "session-required"],
    ["in the value of another one", (token) => `a=${NAME}=${token}`, "session-required"],
    ["in quotes of another one, behind a comma", (token) => `a="b, ${NAME}=${token}"`, "session-required"],
    ["with its name encoded", (token) => `%5F%5FHost-Http-bff-store-locator=${token}`, "session-required"],
    ["with a space before the equals sign", (token) => `${NAME} =${token}`, "session-required"],
    ["in quotes", (token) => `${NAME}="${token}"`, "session-invalid"],
    ["empty", () => `${NAME}=`, "session-invalid"],
    ["twice, the genuine one first", (token) => `${NAME}=${token}; ${NAME}=tossed`, "session-invalid"],
    ["twice, the genuine one last", (token) => `${NAME}=tossed; ${NAME}=${token}`, "session-invalid"],
    ["behind nine kilobytes of others", (token) => `a=${"x".repeat(9000)}; ${NAME}=${token}`, "session-invalid"],
  ])("%s", async (_what, cookie, expected) => {
    const { gateway } = await startServed(REQUIRED);
    expect(await codeOf(gateway.port, [`Cookie: ${cookie(tokenOf(await mint(gateway.url)))}`])).toBe(expected);
  });

  test("in two Cookie fields they are as in one (RFC 9113 §8.2.3)", async () => {
    const { gateway } = await startServed(REQUIRED);
    const { cookie } = await mint(gateway.url);
    expect(await codeOf(gateway.port, ["Cookie: a=b", `Cookie: ${cookie}`])).toBe(200);
    expect(await codeOf(gateway.port, [`Cookie: ${cookie}`, `Cookie: ${NAME}=tossed`])).toBe("session-invalid");
  });

  test("the cookie is for this host, TLS, scripts' requests of the same site, and no script's eyes", async () => {
    const { gateway } = await startServed(REQUIRED);
    const fields = ["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors"];
    const { headers } = await sendRaw(gateway.port, request("/store-locator/session", { method: "POST", fields }));
    expect(headers["set-cookie"]).toMatch(
      /^__Host-Http-bff-store-locator=[\w-]+\.[\w-]+\.[\w-]+; Max-Age=900; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
  });
});

describe("bearers", () => {
  test("the scheme in any letters; nothing else in the field", async () => {
    const { gateway } = await startServed(REQUIRED);
    const token = (await mint(gateway.url, { site: "cross-site" })).json.token ?? "";
    const codes = [
      `Bearer ${token}`,
      `bearer   ${token}`,
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${token} x`,
      `Basic ${token}`,
      token,
    ];
    const expected = [200, 200, "session-invalid", "session-invalid", "session-required", "session-required"];
    expect(await Promise.all(codes.map((value) => codeOf(gateway.port, [`Authorization: ${value}`])))).toEqual(expected);
  });

  test("of an app is no page's, and a page's no app's", async () => {
    const { gateway } = await startServed({ "store-locator": "session: required\napps: true\n" });
    const ofPage = `Authorization: Bearer ${(await mint(gateway.url, { site: "cross-site" })).json.token}`;
    const app = await sendRaw(gateway.port, request("/store-locator/session", { method: "POST", origin: null }));
    const ofApp = `Authorization: Bearer ${(JSON.parse(app.body) as { readonly token: string }).token}`;
    expect(await codeOf(gateway.port, [ofApp], { origin: null })).toBe(200);
    expect(await codeOf(gateway.port, [ofPage])).toBe(200);
    expect(await codeOf(gateway.port, [ofApp])).toBe("session-invalid");
    expect(await codeOf(gateway.port, [ofPage], { origin: null })).toBe("session-invalid");
  });
});

describe("servers", () => {
  const TOKEN = "server-token-0123456789abcdef0123456789";

  async function withServers(): Promise<Proxy> {
    const upstream = await startRecordingUpstream(() => EMPTY_PAGE);
    const proxy = await startProxy({
      upstream: upstream.url,
      frontends: { "store-locator": `${FRONTEND_YAML}session: required\nservers: [ssr]\n`, second: `${FRONTEND_YAML}session: required\n` },
      env: { BFF_SERVER_SSR: TOKEN },
    });
    onTestFinished(async () => {
      await proxy.stop();
      await upstream.close();
    });
    return proxy;
  }

  test("need no session; their bearer is none, neither for a page nor for another frontend", async () => {
    const { port, url } = await withServers();
    const server = `Authorization: Bearer ${TOKEN}`;
    const { cookie } = await mint(url);
    expect(await codeOf(port, [server], { origin: null })).toBe(200);
    expect(await codeOf(port, [server, `Cookie: ${cookie}x`], { origin: null })).toBe(200);
    expect(await codeOf(port, [server])).toBe("session-required");
    expect(await codeOf(port, [server, `Cookie: ${cookie}`])).toBe(200);
    expect(await codeOf(port, [server], { origin: null, target: SEARCH.replace("store-locator", "second") })).toBe("origin-not-allowed");
    expect(await codeOf(port, [`Authorization: Bearer ${TOKEN}x`], { origin: null })).toBe("origin-not-allowed");
  });
});

describe("required covers whatever the frontend answers", () => {
  const TARGETS = [SEARCH, "/store-locator/v2/business/1", "/store-locator/v2/nothing", "/store-locator/", "/store-locator/openapi.json/x"];

  test("every path, allowed or not, known or not, with GET and HEAD: nothing tells them apart without a session", async () => {
    const { gateway, calls } = await startServed(REQUIRED);
    await codeOf(gateway.port, [`Cookie: ${(await mint(gateway.url)).cookie}`]);
    for (const target of TARGETS) {
      expect([target, await codeOf(gateway.port, [], { target })]).toEqual([target, "session-required"]);
      expect(await codeOf(gateway.port, [], { target, method: "HEAD" })).toBe(401);
    }
    expect(calls()).toBe(1);
  });

  test("an entity tag that is known from before tells nothing", async () => {
    const { gateway } = await startServed(REQUIRED);
    const { cookie } = await mint(gateway.url);
    const { headers } = await sendRaw(gateway.port, request(SEARCH, { fields: [`Cookie: ${cookie}`] }));
    for (const tag of [headers["etag"], "*", `W/${headers["etag"]}`]) {
      expect(await codeOf(gateway.port, [`If-None-Match: ${tag}`])).toBe("session-required");
      expect(await codeOf(gateway.port, [`If-None-Match: ${tag}`, `Cookie: ${cookie}`])).toBe(304);
    }
  });

  test("the directory: the list and every question to it; with a session it is for the caller alone", async () => {
    const bff = BFF_YAML.replace("sweep: false", "sweep: true");
    const sandbox = await startSandbox({ stores: 30, limitPerMinute: 10_000 });
    onTestFinished(() => sandbox.close());
    const id = rawStores(sandbox).find(({ status }) => status === "open")?.id;
    const options = { bff, upstream: sandbox.url, env: { PARTOO_KEY_LOCATOR_READ: EVERYTHING } };
    const { gateway } = await startServed({ "store-locator": "session: required\nstores: true\n" }, options);
    const cookie = `Cookie: ${(await mint(gateway.url)).cookie}`;
    for (const target of ["/store-locator/stores", "/store-locator/stores?near=48.86,2.35", "/store-locator/stores?q=paris"])
      expect(await codeOf(gateway.port, [], { target })).toBe("session-required");
    for (const target of ["/store-locator/stores", "/store-locator/stores/all", `/store-locator/stores/${id}`]) {
      const ask = (): ReturnType<typeof sendRaw> => sendRaw(gateway.port, request(target, { fields: [cookie] }));
      await until(async () => (await ask()).status === 200);
      expect((await ask()).headers["cache-control"]).toMatch(/^private, max-age=/);
    }
  });

  test("but a preflight and the description, which say nothing that is not in the page", async () => {
    const { gateway } = await startServed(REQUIRED);
    const preflight = await sendRaw(
      gateway.port,
      request(SEARCH, {
        method: "OPTIONS",
        fields: ["Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization"],
      }),
    );
    expect([preflight.status, preflight.headers["access-control-allow-credentials"]]).toEqual([204, "true"]);
    const description = await sendRaw(gateway.port, request("/store-locator/openapi.json", { origin: "https://evil.example" }));
    expect([description.status, description.headers["access-control-allow-credentials"]]).toEqual([200, undefined]);
  });
});

describe("a session's misses are counted with it, wherever it goes", () => {
  test("from many addresses and at two processes that share a Redis, it gets what one address gets; and an address no more with many", async () => {
    const { url: redisUrl } = await redisForTest();
    const frontends = { "store-locator": "session: on-miss\n" };
    const few = {
      "store-locator": "key: locator-read\norigins: [https://stores.acme.example]\nlimits: { misses: 3/min }\nsession: on-miss\n",
    };
    const env = { SESSION_SECRETS: `k1:${Buffer.alloc(32, "k").toString("base64url")}` };
    const { gateway, another } = await startServed(frontends, { redisUrl, env, frontends: few });
    const both = [gateway, await another()];
    const askAt = async (nth: number, cookie: string, address: string): Promise<number> => {
      const answer = await both[nth % 2]!.get(undefined, { headers: { origin: ORIGIN, cookie, ...from(address) } });
      await answer.arrayBuffer();
      return answer.status;
    };
    const { cookie } = await mint(gateway.url);
    const travelling: number[] = [];
    for (let nth = 0; nth < 5; nth += 1) travelling.push(await askAt(nth, cookie, `203.0.113.${nth}`));
    expect(travelling).toEqual([200, 200, 200, 429, 429]);
    const many: number[] = [];
    for (let nth = 0; nth < 5; nth += 1) many.push(await askAt(nth, (await mint(both[nth % 2]!.url)).cookie, "198.51.100.1"));
    expect(many).toEqual([200, 200, 200, 429, 429]);
  });
});
