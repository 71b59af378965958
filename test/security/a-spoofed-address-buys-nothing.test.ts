/** Advisory class F: trust in forwarded fields, and the parsing of addresses, through the whole chain. */
import { describe, expect, test } from "vitest";
import { request, sendRaw } from "../support/raw-client.ts";
import { SEARCH, openScene } from "./scene.ts";

/** Three requests a minute for one address; each test has a frontend, and so a count, of its own. */
const COUNT = 40;
const frontends = Object.fromEntries(
  Array.from({ length: COUNT }, (_, n) => [`f-${n}`, "key: locator-read\napps: true\nlimits: { requests: 3/min, misses: 100000/min }\n"]),
);
const direct = openScene({ frontends });
const fly = openScene({ frontends, env: { TRUSTED_PROXY: "fly" } });
const cidr = openScene({ frontends, env: { TRUSTED_PROXY: "127.0.0.0/8,10.0.0.0/8" } });
const flyBehindCdn = openScene({ frontends, env: { TRUSTED_PROXY: "fly,198.51.100.0/24" } });

let next = 0;
/** Statuses of requests of one fresh frontend, each with its own field lines. */
async function statuses(scene: typeof direct, lines: readonly (readonly string[])[]): Promise<readonly number[]> {
  const target = SEARCH.replace("store-locator", `f-${(next += 1) % COUNT}`);
  const all: number[] = [];
  for (const fields of lines) all.push((await sendRaw(scene.proxy.port, request(target, { origin: null, fields }))).status);
  return all;
}

const ONE_ADDRESS = [200, 200, 200, 429, 429];
const MANY_ADDRESSES = [200, 200, 200, 200, 200];
const five = (line: (n: number) => readonly string[]): readonly (readonly string[])[] => [1, 2, 3, 4, 5].map(line);

describe("under TRUSTED_PROXY=none no field is believed", () => {
  test.each(
    [
      "X-Forwarded-For",
      "X_Forwarded_For",
      "X-Real-IP",
      "True-Client-IP",
      "CF-Connecting-IP",
      "Fly-Client-IP",
      "Fly_Client_IP",
      "X-Client-IP",
      "X-Cluster-Client-IP",
      "Forwarded",
      "X-Forwarded",
      "X-Original-Forwarded-For",
      "Via",
      "Client-IP",
      "X-ProxyUser-Ip",
    ].map((name) => [name]),
  )("%s", async (name) => {
    const prefix = name === "Forwarded" ? "for=" : "";
    expect(
      await statuses(
        direct,
        five((n) => [`${name}: ${prefix}203.0.113.${n}`]),
      ),
    ).toEqual(ONE_ADDRESS);
  });

  test("nor do other Hosts, cookies, agents or connections count as somebody else", async () => {
    expect(
      await statuses(
        direct,
        five((n) => [`User-Agent: ${n}`, `Cookie: id=${n}`, `Authorization: Bearer ${n}`, `X-Session: ${n}`]),
      ),
    ).toEqual(ONE_ADDRESS);
  });
});

describe("under TRUSTED_PROXY=fly", () => {
  test("Fly-Client-IP is who calls", async () => {
    expect(
      await statuses(
        fly,
        five((n) => [`Fly-Client-IP: 203.0.113.${n}`]),
      ),
    ).toEqual(MANY_ADDRESSES);
  });
  test("X-Forwarded-For changes nothing", async () => {
    expect(
      await statuses(
        fly,
        five((n) => ["Fly-Client-IP: 203.0.113.9", `X-Forwarded-For: 198.51.100.${n}, 66.241.125.1`]),
      ),
    ).toEqual(ONE_ADDRESS);
  });
  test.each([
    ["two lines", (n: number) => [`Fly-Client-IP: 203.0.113.${n}`, `Fly-Client-IP: 203.0.114.${n}`]],
    ["a list", (n: number) => [`Fly-Client-IP: 203.0.113.${n}, 203.0.114.${n}`]],
    ["a port", (n: number) => [`Fly-Client-IP: 203.0.113.1:${n}`]],
    ["a zone", (n: number) => [`Fly-Client-IP: fe80::1%${n}`]],
    ["leading zeros", (n: number) => [`Fly-Client-IP: 203.0.113.00${n}`]],
    ["hexadecimal", (n: number) => [`Fly-Client-IP: 0xcb.0.113.${n}`]],
    ["one number", (n: number) => [`Fly-Client-IP: 340580400${n}`]],
    ["brackets", (n: number) => [`Fly-Client-IP: [2001:db8:${n}::1]`]],
    ["words", (n: number) => [`Fly-Client-IP: somebody-${n}`]],
  ])("%s are not an address", async (_name, line) => {
    expect(await statuses(fly, five(line))).toEqual(ONE_ADDRESS);
  });
  test("the addresses of one IPv6 network are one caller", async () => {
    expect(
      await statuses(
        fly,
        five((n) => [`Fly-Client-IP: 2001:db8:1:2:${n}::${n}`]),
      ),
    ).toEqual(ONE_ADDRESS);
    expect(
      await statuses(
        fly,
        five((n) => [`Fly-Client-IP: 2001:db8:1:${n}::1`]),
      ),
    ).toEqual(MANY_ADDRESSES);
  });
  test("one address in other spellings is one caller", async () => {
    const v4 = ["203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"];
    expect(
      await statuses(
        fly,
        v4.map((text) => [`Fly-Client-IP: ${text}`]),
      ),
    ).toEqual(ONE_ADDRESS);
    const v6 = ["2001:db8:0:1::1", "2001:DB8:0:1::1", "2001:0db8:0000:0001:0:0:0:1", "2001:db8::1:0:0:0:1", "2001:db8:0:1::192.0.2.1"];
    expect(
      await statuses(
        fly,
        v6.map((text) => [`Fly-Client-IP: ${text}`]),
      ),
    ).toEqual(ONE_ADDRESS);
  });
});

describe("under TRUSTED_PROXY with networks", () => {
  test("the nearest address that is not ours counts", async () => {
    expect(
      await statuses(
        cidr,
        five((n) => [`X-Forwarded-For: 203.0.113.${n}, 10.0.0.1`]),
      ),
    ).toEqual(MANY_ADDRESSES);
  });
  test("what stands left of it is a caller's own invention", async () => {
    expect(
      await statuses(
        cidr,
        five((n) => [`X-Forwarded-For: 203.0.113.${n}, 198.51.100.9, 10.0.0.1`]),
      ),
    ).toEqual(ONE_ADDRESS);
    expect(
      await statuses(
        cidr,
        five((n) => [`X-Forwarded-For: 203.0.113.${n}`, "X-Forwarded-For: 198.51.100.9"]),
      ),
    ).toEqual(ONE_ADDRESS);
    expect(
      await statuses(
        cidr,
        five((n) => [`X-Forwarded-For: 203.0.113.${n}, nonsense, 10.0.0.1`]),
      ),
    ).toEqual(ONE_ADDRESS);
    expect(
      await statuses(
        cidr,
        five((n) => [`X-Forwarded-For: 203.0.113.${n},, 10.0.0.1`]),
      ),
    ).toEqual(ONE_ADDRESS);
  });
  test("Fly-Client-IP and aliases are not believed", async () => {
    expect(
      await statuses(
        cidr,
        five((n) => [`Fly-Client-IP: 203.0.113.${n}`, `X_Forwarded_For: 203.0.113.${n}`, `Forwarded: for=203.0.113.${n}`]),
      ),
    ).toEqual(ONE_ADDRESS);
  });
});

describe("behind a CDN in front of Fly", () => {
  test("the last entry is Fly's own and the next one counts", async () => {
    expect(
      await statuses(
        flyBehindCdn,
        five((n) => ["Fly-Client-IP: 198.51.100.7", `X-Forwarded-For: 203.0.113.${n}, 66.241.125.1`]),
      ),
    ).toEqual(MANY_ADDRESSES);
  });
  test("who does not come through the CDN can't pretend to", async () => {
    expect(
      await statuses(
        flyBehindCdn,
        five((n) => ["Fly-Client-IP: 192.0.2.7", `X-Forwarded-For: 203.0.113.${n}, 198.51.100.7, 66.241.125.1`]),
      ),
    ).toEqual(ONE_ADDRESS);
  });
});
