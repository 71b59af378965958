/** Advisory class M: laxity with bearer tokens. */
import { describe, expect, test } from "vitest";
import { request, sendRaw } from "../support/raw-client.ts";
import { SEARCH, openScene } from "./scene.ts";

const TOKEN = "web-9c41d07b5e2f4a6688d1";
const OTHER = "job-77aa0c1b9d3e4f508812";
const scene = openScene({
  frontends: {
    "store-locator":
      "key: locator-read\norigins: [https://stores.acme.example]\nservers: [web]\nlimits: { requests: 100000/min, misses: 100000/min }\n",
    jobs: "key: locator-read\norigins: [https://jobs.acme.example]\nservers: [job]\nlimits: { requests: 100000/min, misses: 100000/min }\n",
    open: "key: locator-read\napps: true\nservers: [web]\nlimits: { requests: 2/min, misses: 2/min }\n",
  },
  env: { BFF_SERVER_WEB: TOKEN, BFF_SERVER_JOB: OTHER },
});

async function statusFor(fields: readonly string[], target = SEARCH): Promise<number> {
  return (await sendRaw(scene.proxy.port, request(target, { origin: null, fields }))).status;
}

describe("a server is let in", () => {
  test.each([
    `Authorization: Bearer ${TOKEN}`,
    `authorization: bearer ${TOKEN}`,
    `AUTHORIZATION: BEARER ${TOKEN}`,
    `Authorization:   Bearer ${TOKEN}   `,
  ])("with %s", async (line) => {
    expect(await statusFor([line])).toBe(200);
  });
});

describe("nobody is let in", () => {
  test.each([
    ["with another frontend's token", `Bearer ${OTHER}`],
    ["with nothing", ""],
    ["with a scheme only", "Bearer"],
    ["with a scheme and spaces", "Bearer  "],
    ["without a scheme", TOKEN],
    ["with two spaces between", `Bearer  ${TOKEN}`],
    ["with a tab between", `Bearer\t${TOKEN}`],
    ["with Basic", `Basic ${TOKEN}`],
    ["with Basic of the token", `Basic ${Buffer.from(`web:${TOKEN}`).toString("base64")}`],
    ["with Token", `Token ${TOKEN}`],
    ["with a scheme that begins so", `Bearerx ${TOKEN}`],
    ["with a scheme that ends so", `xBearer ${TOKEN}`],
    ["with two tokens", `Bearer ${TOKEN} ${TOKEN}`],
    ["with two credentials", `Bearer wrong, Bearer ${TOKEN}`],
    ["with the token first of two", `Bearer ${TOKEN}, Bearer wrong`],
    ["with the token quoted", `Bearer "${TOKEN}"`],
    ["with the token as a parameter", `Bearer token=${TOKEN}`],
    ["with the token in upper case", `Bearer ${TOKEN.toUpperCase()}`],
    ["with the first half", `Bearer ${TOKEN.slice(0, 12)}`],
    ["with something before", `Bearer x${TOKEN}`],
    ["with something behind", `Bearer ${TOKEN}x`],
    ["with a comma behind", `Bearer ${TOKEN},`],
    ["with bytes behind", `Bearer ${TOKEN}\xff`],
    ["with the token encoded", `Bearer ${TOKEN.replace("-", "%2D")}`],
    ["with the variable's name", "Bearer BFF_SERVER_WEB"],
    ["with the server's name", "Bearer web"],
    ["with a long token", `Bearer ${TOKEN.repeat(30)}`],
    ["with a pattern", "Bearer .*"],
    ["with undefined", "Bearer undefined"],
  ])("%s", async (_name, value) => {
    expect(await statusFor([`Authorization: ${value}`])).toBe(403);
    expect(scene.upstream.requests).toEqual([]);
  });

  test.each([
    ["in another field", [`Proxy-Authorization: Bearer ${TOKEN}`, `X-Authorization: Bearer ${TOKEN}`, `Cookie: authorization=${TOKEN}`]],
    ["in a second Authorization field", ["Authorization: Bearer wrong", `Authorization: Bearer ${TOKEN}`]],
    ["from a foreign page", [`Authorization: Bearer ${TOKEN}`, "Origin: https://evil.example"]],
    ["from an image", [`Authorization: Bearer ${TOKEN}`, "Sec-Fetch-Site: cross-site"]],
    ["from a navigation", [`Authorization: Bearer ${TOKEN}`, "Sec-Fetch-Mode: navigate"]],
  ])("with the token %s", async (_name, fields) => {
    expect(await statusFor(fields)).toBe(403);
    expect(scene.upstream.requests).toEqual([]);
  });

  test("with the token in the query", async () => {
    expect(await statusFor([], `${SEARCH}&access_token=${TOKEN}`)).toBe(403);
  });

  test("with the token of another frontend's server", async () => {
    expect(await statusFor([`Authorization: Bearer ${TOKEN}`], "/jobs/v2/business/search")).toBe(403);
    expect(await statusFor([`Authorization: Bearer ${OTHER}`], "/jobs/v2/business/search")).toBe(200);
  });
});

test("only the right token is free of the address limit", async () => {
  const target = "/open/v2/business/search";
  const of = async (token: string): Promise<readonly number[]> => {
    const all: number[] = [];
    for (let nth = 0; nth < 4; nth += 1) all.push(await statusFor([`Authorization: Bearer ${token}`], target));
    return all;
  };
  expect(await of(TOKEN)).toEqual([200, 200, 200, 200]);
  expect(await of(OTHER)).toEqual([200, 200, 429, 429]);
  expect(await of(TOKEN)).toEqual([200, 200, 200, 200]);
});

test("Partoo never hears a token", async () => {
  await statusFor([`Authorization: Bearer ${TOKEN}`]);
  expect(scene.upstream.requests.map(({ head }) => head).join("")).not.toContain(TOKEN);
});
