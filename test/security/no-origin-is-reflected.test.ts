/** Advisory class E: CORS fields that repeat what the caller said. */
import { describe, expect, test } from "vitest";
import { request, sendRaw } from "../support/raw-client.ts";
import { openScene } from "./scene.ts";

const ONE = "https://stores.acme.example";
const OTHER = "https://www.acme.example";
const LIMITS = "limits: { requests: 100000/min, misses: 100000/min }";
const scene = openScene({
  frontends: {
    one: `key: locator-read\norigins: [${ONE}]\n${LIMITS}\n`,
    two: `key: locator-read\norigins: [${ONE}, ${OTHER}, "capacitor://localhost"]\n${LIMITS}\n`,
    app: `key: locator-read\napps: true\n${LIMITS}\n`,
  },
});

const FOREIGN = [
  "https://evil.example",
  "null",
  "*",
  `${ONE}.evil.example`,
  `${ONE}/`,
  ONE.toUpperCase(),
  `${ONE}, ${OTHER}`,
  "",
  "x\xe9",
  "file://",
  "capacitor://localhost.evil",
];
const PATHS = [
  "business/search?city=Paris",
  "api_keys",
  "business/..%2Fapi_keys",
  "business/search?page=0",
  "business/5f3c8f1de1b2a30001a1b2c3",
];
const PREFLIGHT = [
  "Access-Control-Request-Method: DELETE",
  "Access-Control-Request-Headers: x-evil",
  "Access-Control-Request-Private-Network: true",
];

const requests = PATHS.flatMap((path) => ["GET", "HEAD", "POST", "OPTIONS"].map((method) => ({ path, method })));

async function corsOf(frontend: string, origin: string | null): Promise<readonly (readonly [string | undefined, string | undefined])[]> {
  const answers = await Promise.all(
    requests.map(({ path, method }) =>
      sendRaw(scene.proxy.port, request(`/${frontend}/v2/${path}`, { method, origin, fields: method === "OPTIONS" ? PREFLIGHT : [] }), 60),
    ),
  );
  for (const { text } of answers) {
    expect(text).not.toMatch(/access-control-allow-(credentials|private-network)|x-evil/i);
    expect(text).not.toMatch(/access-control-allow-methods:.*DELETE/i);
  }
  return answers.map(({ headers }) => [headers["access-control-allow-origin"], headers["vary"]]);
}

/** The same for every request there is. */
const always = <T>(pair: T): readonly T[] => requests.map(() => pair);

describe("a frontend with one origin", () => {
  test.each([...FOREIGN, ONE, null])("says the same to %s", async (origin) => {
    expect(await corsOf("one", origin)).toEqual(always([ONE, "Accept-Encoding"]));
  });
});

describe("a frontend with several", () => {
  test.each([...FOREIGN, null])("names none to %s, and varies", async (origin) => {
    expect(await corsOf("two", origin)).toEqual(always([undefined, "Accept-Encoding, Origin"]));
  });
  test.each([ONE, OTHER, "capacitor://localhost"])("names the listed one to %s, and varies", async (origin) => {
    expect(await corsOf("two", origin)).toEqual(always([origin, "Accept-Encoding, Origin"]));
  });
});

test.each([...FOREIGN, ONE, null])("a frontend for apps names no origin to %s", async (origin) => {
  expect(await corsOf("app", origin)).toEqual(always([undefined, "Accept-Encoding"]));
});

test.each([
  ["an unknown frontend", request("/nobody/v2", { origin: ONE })],
  ["what is no HTTP", `GET one HTTP/1.1\r\nOrigin: ${ONE}\r\nno colon\r\n\r\n`],
  ["/healthz", request("/healthz", { origin: ONE })],
])("%s has no CORS fields", async (_name, bytes) => {
  expect((await sendRaw(scene.proxy.port, bytes)).text).not.toMatch(/access-control/i);
});
