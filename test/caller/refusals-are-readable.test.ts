/** CORS on every answer, errors included (design §6): without it the page's script sees a network error and no code. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";

const OTHER = "https://www.acme.example";

let upstream: RecordingUpstream;
let gateway: TestGateway;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  const several = FRONTEND_YAML.replace(ORIGIN, `${ORIGIN}, ${OTHER}`);
  gateway = await startGateway({ upstream: upstream.url, frontends: { "store-locator": FRONTEND_YAML, several } });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const search = (frontend: string): string => `/${frontend}/v2/business/search`;
const PREFLIGHT = "Access-Control-Request-Method: GET";

const REFUSALS: readonly (readonly [name: string, status: number, bytes: (frontend: string, origin: string) => string])[] = [
  ["a target of 9 KB", 414, (name, origin) => request(`${search(name)}?city=${"a".repeat(9000)}`, { origin })],
  ["a target of 40 KB", 414, (name, origin) => request(`${search(name)}?city=${"a".repeat(40_000)}`, { origin })],
  ["fields of 20 KB", 431, (name, origin) => request(search(name), { origin, fields: [`X-Note: ${"a".repeat(20_000)}`] })],
  ["fields of 40 KB", 431, (name, origin) => request(search(name), { origin, fields: [`X-Note: ${"a".repeat(40_000)}`] })],
  ["content", 413, (name, origin) => `${request(search(name), { origin, fields: ["Content-Length: 5"] })}hello`],
  ["two Hosts", 400, (name, origin) => request(search(name), { origin, fields: ["Host: proxy.example"] })],
  ["a raw quote", 400, (name, origin) => request(`${search(name)}?city="`, { origin })],
  ["a field that is none", 400, (name, origin) => request(search(name), { origin, fields: ["no colon"] })],
  [
    "a preflight of 9 KB",
    414,
    (name, origin) => request(`${search(name)}?city=${"a".repeat(9000)}`, { method: "OPTIONS", origin, fields: [PREFLIGHT] }),
  ],
];

describe.each(REFUSALS)("the refusal of %s", (_name, status, bytes) => {
  test("can be read by a page of the frontend's only origin, and so by everybody's cache", async () => {
    const { headers, ...answer } = await sendRaw(gateway.port, bytes("store-locator", ORIGIN));
    expect([answer.status, headers["access-control-allow-origin"], headers["vary"]]).toEqual([status, ORIGIN, "Accept-Encoding"]);
    expect(headers["access-control-expose-headers"]).toContain("X-Request-Id");
  });

  test("can be read by a listed page of several, and by no other", async () => {
    const listed = await sendRaw(gateway.port, bytes("several", OTHER));
    expect([listed.status, listed.headers["access-control-allow-origin"]]).toEqual([status, OTHER]);
    expect(listed.headers["vary"]).toBe("Accept-Encoding, Origin");
    const foreign = await sendRaw(gateway.port, bytes("several", "https://evil.example"));
    expect([foreign.status, foreign.headers["access-control-allow-origin"]]).toEqual([status, undefined]);
    expect(foreign.headers["vary"]).toBe("Accept-Encoding, Origin");
  });

  test("has no such fields where no frontend is named", async () => {
    const { headers, ...answer } = await sendRaw(gateway.port, bytes("nobody", ORIGIN));
    expect([answer.status, headers["access-control-allow-origin"], headers["vary"]]).toEqual([status, undefined, undefined]);
  });
});
