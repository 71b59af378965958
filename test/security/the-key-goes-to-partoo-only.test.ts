/** Advisory class D: the caller, or an answer, chooses where the key goes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { SEARCH, countAnswers, openScene } from "./scene.ts";

const scene = openScene();
let elsewhere: RecordingUpstream;

const elsewhereHost = (): string => `127.0.0.1:${elsewhere.port}`;

beforeAll(async () => {
  elsewhere = await startRecordingUpstream();
});
afterAll(() => elsewhere.close());

describe.each([300, 301, 302, 303, 304, 305, 307, 308])("status %d from Partoo", (status) => {
  test.each([
    ["another host", () => `http://localhost:${elsewhere.port}/v2/api_keys`],
    ["another port", () => `http://127.0.0.1:${elsewhere.port}/`],
    ["no scheme", () => `//127.0.0.1:${elsewhere.port}/`],
    ["a path of Partoo's own", () => "/v2/api_keys"],
    ["the same address", () => "/v2/business/search"],
    ["nowhere", () => "http://"],
  ])("with a Location of %s is a failure, not a way", async (_name, location) => {
    scene.upstream.answer(() =>
      json({}, { status, headers: { location: location(), ...(status === 304 ? { "content-length": "0" } : {}) } }),
    );
    const answer = await sendRaw(scene.proxy.port, request(SEARCH));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      502,
      expect.objectContaining({ code: "upstream-failed", layer: "upstream" }),
    ]);
    expect(answer.text).not.toContain("127.0.0.1");
    expect([scene.upstream.requests.length, elsewhere.connections, countAnswers(answer)]).toEqual([1, 0, 1]);
  });
});

test("Location, Alt-Svc, Refresh and Content-Location of a good answer lead nowhere", async () => {
  const there = `http://127.0.0.1:${elsewhere.port}/`;
  const headers = {
    location: there,
    refresh: `0; url=${there}`,
    "content-location": there,
    "alt-svc": `h2="127.0.0.1:${elsewhere.port}"; ma=99`,
  };
  scene.upstream.answer(() => json({ businesses: [] }, { headers }));
  for (let nth = 0; nth < 3; nth += 1) await sendRaw(scene.proxy.port, request(SEARCH));
  expect([scene.upstream.requests.length, elsewhere.connections]).toEqual([3, 0]);
});

describe("a caller who names another upstream", () => {
  test.each([
    ["in an absolute target", () => request(`http://${elsewhereHost()}${SEARCH}`), 0],
    [
      "in an absolute target with its own Host",
      () => `GET http://${elsewhereHost()}${SEARCH} HTTP/1.1\r\nHost: ${elsewhereHost()}\r\n\r\n`,
      0,
    ],
    ["in CONNECT", () => `CONNECT ${elsewhereHost()} HTTP/1.1\r\nHost: ${elsewhereHost()}\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`, 0],
    ["in a target that begins with two slashes", () => request(`//${elsewhereHost()}${SEARCH}`), 0],
    ["in the path", () => request(`/store-locator/v2/http://${elsewhereHost()}/`), 0],
    ["before an @", () => request(`/@${elsewhereHost()}${SEARCH}`), 0],
    ["in the query", () => request(`${SEARCH}&api_base=http://${elsewhereHost()}/`), 0],
    ["in Host", () => `GET ${SEARCH} HTTP/1.1\r\nHost: ${elsewhereHost()}\r\nOrigin: https://stores.acme.example\r\n\r\n`, 1],
    [
      "in X-Forwarded-Host",
      () =>
        request(SEARCH, {
          fields: [`X-Forwarded-Host: ${elsewhereHost()}`, `Forwarded: host="${elsewhereHost()}"`, `X-Host: ${elsewhereHost()}`],
        }),
      1,
    ],
    [
      "in fields of other gateways",
      () =>
        request(SEARCH, {
          fields: [
            `x-portkey-custom-host: http://${elsewhereHost()}`,
            `x-upstream-url: http://${elsewhereHost()}`,
            `Alt-Used: ${elsewhereHost()}`,
          ],
        }),
      1,
    ],
    [
      "in an upgrade",
      () => request(SEARCH, { fields: ["Connection: Upgrade", "Upgrade: websocket", `Sec-WebSocket-Protocol: ${elsewhereHost()}`] }),
      1,
    ],
  ])("%s is not listened to", async (_name, bytes, calls) => {
    const answer = await sendRaw(scene.proxy.port, bytes());
    expect([scene.upstream.requests.length, elsewhere.connections]).toEqual([calls, 0]);
    expect(scene.upstream.requests.every(({ headers }) => headers["host"] === `127.0.0.1:${scene.upstream.port}`)).toBe(true);
    expect(answer.text).not.toContain(CANARY_KEY);
  });
});
