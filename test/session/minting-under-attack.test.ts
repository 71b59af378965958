/** POST /{frontend}/session meets foreign pages, floods and odd HTTP: it sets a cookie for nobody but a listed page's own script. */
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { RawAnswer } from "../support/raw-client.ts";
import { ORIGIN } from "../support/proxy.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { answerText, signingKey, startIssuer } from "./issuer.ts";
import { from, mint, pipeline, startServed } from "./served.ts";

const TARGET = "/store-locator/session";
const FOREIGN = "https://evil.example";
/** Same site as the proxy's own host, but not listed. */
const SIBLING = "https://blog.acme.example";

const post = (fields: readonly string[], content = "", origin: string | null = ORIGIN): string =>
  request(TARGET, { method: "POST", origin, fields: [...fields, ...(content === "" ? [] : [`Content-Length: ${content.length}`])] }) +
  content;

const fetchFields = (site: string, mode = "cors", dest = "empty"): readonly string[] => [
  `Sec-Fetch-Site: ${site}`,
  `Sec-Fetch-Mode: ${mode}`,
  `Sec-Fetch-Dest: ${dest}`,
];
const JSON_TYPE = "Content-Type: application/json";
const PAGE = fetchFields("same-site");

function codeOf({ status, headers, body }: RawAnswer): string {
  expect(headers["cache-control"]).toBe("no-store");
  if (status === 200) return "minted";
  expect(headers).not.toHaveProperty("set-cookie");
  return `${status} ${(JSON.parse(body) as { readonly code: string }).code}`;
}

describe("a page that is not listed gives its visitor no session (login CSRF)", () => {
  const FORM = "Content-Type: application/x-www-form-urlencoded";
  const PLAIN = "Content-Type: text/plain;charset=UTF-8";
  test.each<readonly [string, string | null, readonly string[], string, string]>([
    ["a form", FOREIGN, [FORM, ...fetchFields("cross-site", "navigate", "document")], "a=b", "403 origin-not-allowed"],
    [
      "a form that spells JSON",
      FOREIGN,
      ["Content-Type: text/plain", ...fetchFields("cross-site", "navigate", "document")],
      '{"a":"="}',
      "403 origin-not-allowed",
    ],
    ["a form in a sandboxed frame", "null", [FORM, ...fetchFields("cross-site", "navigate", "iframe")], "a=b", "403 origin-not-allowed"],
    ["an empty form of a sibling host", SIBLING, fetchFields("same-site", "navigate", "document"), "", "403 origin-not-allowed"],
    ["fetch() without a preflight", FOREIGN, [PLAIN, ...fetchFields("cross-site", "no-cors")], "{}", "403 origin-not-allowed"],
    ["fetch() without content", FOREIGN, fetchFields("cross-site"), "", "403 origin-not-allowed"],
    ["fetch() of a sibling host", SIBLING, PAGE, "", "403 origin-not-allowed"],
    ["sendBeacon()", FOREIGN, [JSON_TYPE, ...fetchFields("cross-site", "no-cors")], "{}", "403 origin-not-allowed"],
    ["an old browser's form", FOREIGN, [FORM], "a=b", "403 origin-not-allowed"],
    ["an old browser's form without Origin", null, [FORM], "a=b", "403 origin-not-allowed"],
    ["a listed page's form", ORIGIN, [FORM, ...fetchFields("same-site", "navigate", "document")], "a=b", "403 fetch-metadata-refused"],
    ["a listed page's image or beacon", ORIGIN, fetchFields("same-site", "no-cors"), "", "403 fetch-metadata-refused"],
    [
      "a navigation that says it is of this host",
      null,
      fetchFields("same-origin", "navigate", "document"),
      "",
      "403 fetch-metadata-refused",
    ],
    ["two Sec-Fetch-Mode fields", ORIGIN, [...PAGE, "Sec-Fetch-Mode: navigate"], "", "403 fetch-metadata-refused"],
  ])("%s", async (_what, origin, fields, content, expected) => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    expect(codeOf(await sendRaw(gateway.port, post(fields, content, origin)))).toBe(expected);
    expect(codeOf(await sendRaw(gateway.port, post(PAGE)))).toBe("minted");
  });

  test("where apps are welcome, what has no Origin gets a bearer for itself, and no browser a cookie", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\napps: true\n" });
    const app = await sendRaw(gateway.port, post([FORM.replace("x-www-form-urlencoded", "json")], "{}", null));
    expect([codeOf(app), JSON.parse(app.body).use, app.headers["set-cookie"]]).toEqual(["minted", "bearer", undefined]);
    expect(codeOf(await sendRaw(gateway.port, post([FORM], "a=b", null)))).toBe("400 request-malformed");
    expect(codeOf(await sendRaw(gateway.port, post(fetchFields("none", "navigate", "document"), "", null)))).toBe(
      "403 fetch-metadata-refused",
    );
  });

  test("a page of another site gets a bearer, whatever cookie it would like", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    for (const site of ["cross-site", "none", "same-site, cross-site", "SAME-SITE"]) {
      const answer = await sendRaw(gateway.port, post(fetchFields(site)));
      expect([site, JSON.parse(answer.body).use, answer.headers["set-cookie"]]).toEqual([site, "bearer", undefined]);
    }
    expect(codeOf(await sendRaw(gateway.port, post([JSON_TYPE, ...fetchFields("cross-site")], '{"use":"cookie"}')))).toBe(
      "400 request-malformed",
    );
  });
});

test("a session is a new one each time, whatever the caller presents (session fixation)", async () => {
  const { gateway } = await startServed({ "store-locator": "session: required\n" });
  const fixed = await mint(gateway.url);
  const sid = ({ cookie }: { readonly cookie: string }): string =>
    (JSON.parse(Buffer.from(cookie.split(".")[1] ?? "", "base64url").toString()) as { readonly sid: string }).sid;
  const next = await mint(gateway.url, { fields: { cookie: fixed.cookie } });
  expect([next.status, sid(next) === sid(fixed)]).toEqual([200, false]);
});

describe("odd HTTP", () => {
  test.each<readonly [string, string, string]>([
    ["GET", request(TARGET), "405 method-not-allowed"],
    ["PUT", request(TARGET, { method: "PUT" }), "405 method-not-allowed"],
    ["OPTIONS that is no preflight", request(TARGET, { method: "OPTIONS" }), "405 method-not-allowed"],
    ["an encoded slash", request("/store-locator/session%2F", { method: "POST" }), "400 path-encoding"],
    ["a longer path", request("/store-locator/session/x.css", { method: "POST" }), "405 method-not-allowed"],
    ["an unknown member", post([JSON_TYPE, ...PAGE], '{"__proto__":{"use":"bearer"}}'), "400 request-malformed"],
    ["an array", post([JSON_TYPE, ...PAGE], "[]"), "400 request-malformed"],
    ["a proof that is no text", post([JSON_TYPE, ...PAGE], '{"proof":{"length":1}}'), "400 request-malformed"],
    ["bytes that are no UTF-8", post([JSON_TYPE, ...PAGE], "\xff\xfe{}"), "400 request-malformed"],
    ["text/plain", post(["Content-Type: text/plain", ...PAGE], "{}"), "400 request-malformed"],
    ["no type", post(PAGE, "{}"), "400 request-malformed"],
    ["a type behind another", post(["Content-Type: text/plain", JSON_TYPE, ...PAGE], "{}"), "400 request-malformed"],
    ["a type in a parameter", post(["Content-Type: text/plain; x=application/json", ...PAGE], "{}"), "400 request-malformed"],
    [
      "too long by its length, unsent",
      request(TARGET, { method: "POST", fields: [JSON_TYPE, "Content-Length: 99999999999"] }),
      "413 body-too-large",
    ],
    ["an expectation nobody knows", post(["Expect: 200-ok", ...PAGE]), "400 request-malformed"],
    [
      "chunks that are none",
      request(TARGET, { method: "POST", fields: [JSON_TYPE, "Transfer-Encoding: chunked"] }) + "zz\r\n",
      "400 request-malformed",
    ],
  ])("%s", async (_what, bytes, expected) => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    expect(codeOf(await sendRaw(gateway.port, bytes))).toBe(expected);
    expect(gateway.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("chunks are read like any content", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    const chunked = request(TARGET, { method: "POST", fields: [JSON_TYPE, "Transfer-Encoding: chunked", ...PAGE] });
    expect(codeOf(await sendRaw(gateway.port, `${chunked}2\r\n{}\r\n0\r\n\r\n`))).toBe("minted");
    expect(codeOf(await sendRaw(gateway.port, `${chunked}0\r\n\r\n`))).toBe("minted");
  });

  test("chunks beyond ten kilobytes are refused while more are to come: nobody fills the memory with them", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    const head = request(TARGET, { method: "POST", fields: [JSON_TYPE, "Transfer-Encoding: chunked", ...PAGE] });
    const answer = await sendRaw(gateway.port, `${head}5000\r\n${" ".repeat(0x5000)}\r\n`);
    expect([codeOf(answer), answer.headers["connection"], answer.closed]).toEqual(["413 body-too-large", "close", true]);
  });

  test("100 Continue comes only where the content will be read", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    const expecting = (...fields: string[]): string =>
      request(TARGET, { method: "POST", fields: ["Expect: 100-continue", ...PAGE, ...fields] });
    const read = await sendRaw(gateway.port, `${expecting(JSON_TYPE, "Content-Length: 2")}{}`);
    expect(read.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    for (const fields of [
      ["Content-Type: text/plain", "Content-Length: 2"],
      [JSON_TYPE, "Content-Length: 20000"],
    ]) {
      expect((await sendRaw(gateway.port, expecting(...fields))).text).not.toContain("100 Continue");
    }
  });

  test("content that looks like a request is content: refused unread it ends the connection, read it is one answer", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    const inner = post(PAGE);
    const unread = await sendRaw(gateway.port, post(["Content-Type: text/plain", ...PAGE], inner) + inner, 400);
    expect([unread.text.match(/^HTTP\/1\.1 \d+/gm), unread.closed]).toEqual([["HTTP/1.1 400"], true]);
    expect(await pipeline(gateway.port, [post([JSON_TYPE, ...PAGE], inner), inner])).toEqual([400, 200]);
  });

  test("content that stops half-way is no session, and ends with the caller's connection", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    const head = request(TARGET, { method: "POST", fields: [JSON_TYPE, "Content-Length: 20", ...PAGE] });
    const socket = connect(gateway.port, "127.0.0.1").setEncoding("latin1");
    let received = "";
    socket.on("data", (text: string) => (received += text)).end(`${head}{`);
    await once(socket, "close");
    expect(received).toBe("");
    expect(codeOf(await sendRaw(gateway.port, post(PAGE)))).toBe("minted");
  });
});

describe("a flood", () => {
  test("of pipelined requests on one connection gets what one address gets", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    const statuses = await pipeline(
      gateway.port,
      Array.from({ length: 100 }, () => post(PAGE)),
    );
    expect(statuses).toEqual([...Array.from({ length: 60 }, () => 200), ...Array.from({ length: 40 }, () => 429)]);
  });

  test("from all addresses of an IPv6 network gets what one address gets; another network is another one", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n" });
    const post64 = (network: string, count: number): readonly string[] =>
      Array.from({ length: count }, (_, nth) => post([...PAGE, `X-Forwarded-For: 2001:db8:0:${network}:${nth}::${nth}`]));
    const statuses = await pipeline(gateway.port, post64("1", 100));
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
    expect(await pipeline(gateway.port, post64("2", 1))).toEqual([200]);
  });

  test("is refused before its content is read or its proof is checked, and says for how long", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\nproof: altcha\n" });
    await pipeline(
      gateway.port,
      Array.from({ length: 60 }, () => post(PAGE)),
    );
    const refused = await sendRaw(gateway.port, request(TARGET, { method: "POST", fields: [JSON_TYPE, "Content-Length: 9000", ...PAGE] }));
    expect([codeOf(refused), Number(refused.headers["retry-after"])]).toEqual(["429 rate-limited", expect.any(Number)]);
  });

  test("on one frontend or from one address leaves the others theirs", async () => {
    const { gateway } = await startServed({ "store-locator": "session: on-miss\n", second: "session: on-miss\n" });
    await pipeline(
      gateway.port,
      Array.from({ length: 70 }, () => post(PAGE)),
    );
    expect((await mint(gateway.url)).status).toBe(429);
    expect((await mint(gateway.url, { frontend: "second" })).status).toBe(200);
    expect((await mint(gateway.url, { fields: from("203.0.113.9") })).status).toBe(200);
  });
});

test("an issuer that is away opens no door: no session, a time to come back, and still none without one", async () => {
  const issuer = await startIssuer(answerText("", 503));
  const key = signingKey("k");
  const proof = `proof: { jwt: { issuer: "https://id.example", audience: app, jwks: "${issuer.url.href}" } }\n`;
  const { gateway, calls } = await startServed({ "store-locator": `session: on-miss\n${proof}` });
  const token = key.token({ iss: "https://id.example", aud: "app", exp: Math.floor(Date.now() / 1000) + 60 });
  const ask = (): Promise<RawAnswer> => sendRaw(gateway.port, post([JSON_TYPE, ...PAGE], JSON.stringify({ proof: token })));
  for (let nth = 0; nth < 2; nth += 1) {
    const answer = await ask();
    expect([codeOf(answer), Number(answer.headers["retry-after"])]).toEqual(["503 challenge-unavailable", expect.any(Number)]);
  }
  await issuer.stop();
  expect(codeOf(await ask())).toBe("503 challenge-unavailable");
  expect([(await gateway.get()).status, calls(), JSON.stringify(gateway.log).includes(token.slice(0, 60))]).toEqual([401, 0, false]);
});

test("a process that stops answers who is still sending, with no session", async () => {
  const { gateway } = await startServed({ "store-locator": "session: on-miss\n" }, { drainMs: 200 });
  const head = request(TARGET, { method: "POST", fields: [JSON_TYPE, "Content-Length: 20", ...PAGE] });
  const sending = sendRaw(gateway.port, `${head}{`, 3000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [answer] = await Promise.all([sending, gateway.drain()]);
  expect(codeOf(answer)).toBe("503 draining");
});
