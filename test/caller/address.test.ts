import { describe, expect, test } from "vitest";
import { clientAddress, limitKey, maskedAddress, parseTrustedProxy } from "../../src/caller/address.ts";

function client(trusted: string, peer: string, headers: Record<string, string> = {}): string {
  return clientAddress(peer, headers, parseTrustedProxy(trusted)).toString();
}

describe("without a trusted proxy", () => {
  test("the connection's address counts, whatever the fields say", () => {
    const forged = { "x-forwarded-for": "1.2.3.4", "fly-client-ip": "1.2.3.4" };
    expect(client("none", "203.0.113.7", forged)).toBe("203.0.113.7");
  });

  test("an IPv4 address inside IPv6 is the IPv4 address", () => {
    expect(client("none", "::ffff:203.0.113.7")).toBe("203.0.113.7");
  });
});

describe("behind listed networks", () => {
  test("the rightmost entry that is not one of them is the client", () => {
    const headers = { "x-forwarded-for": "6.6.6.6, 198.51.100.9, 10.0.0.5" };
    expect(client("10.0.0.0/8", "10.1.1.1", headers)).toBe("198.51.100.9");
  });

  test("a connection from elsewhere is its own client, whatever it forwards", () => {
    expect(client("10.0.0.0/8", "203.0.113.7", { "x-forwarded-for": "1.2.3.4" })).toBe("203.0.113.7");
  });

  test("an entry that is no plain address ends the search at the hop that reported it", () => {
    for (const odd of ["unknown", "198.51.100.9:80", "0x7f.1", "1.2.3", "fe80::1%eth0", "2130706433"]) {
      expect(client("10.0.0.0/8", "10.1.1.1", { "x-forwarded-for": `${odd}, 10.0.0.5` })).toBe("10.0.0.5");
    }
  });

  test("without the field the proxy itself is the client", () => {
    expect(client("10.0.0.0/8", "10.1.1.1")).toBe("10.1.1.1");
  });

  test("IPv6 networks match whatever the spelling", () => {
    expect(client("2001:db8::/32", "2001:0DB8:0:0::1", { "x-forwarded-for": "2001:db9::7" })).toBe("2001:db9::7");
  });
});

describe("on Fly", () => {
  test("Fly-Client-IP is the client", () => {
    expect(client("fly", "172.16.0.1", { "fly-client-ip": "198.51.100.9", "x-forwarded-for": "6.6.6.6, 198.51.100.9, 66.241.1.1" })).toBe(
      "198.51.100.9",
    );
  });

  test("behind a listed CDN the entry before it counts, not the app's own address at the right", () => {
    const headers = { "fly-client-ip": "192.0.2.10", "x-forwarded-for": "6.6.6.6, 198.51.100.9, 192.0.2.10, 66.241.1.1" };
    expect(client("fly,192.0.2.0/24", "172.16.0.1", headers)).toBe("198.51.100.9");
  });

  test("whoever goes around the CDN is the client, whatever is forwarded", () => {
    const headers = { "fly-client-ip": "203.0.113.7", "x-forwarded-for": "1.2.3.4, 203.0.113.7, 66.241.1.1" };
    expect(client("fly,192.0.2.0/24", "172.16.0.1", headers)).toBe("203.0.113.7");
  });
});

describe("forms of an address", () => {
  const of = (text: string): ReturnType<typeof clientAddress> => clientAddress(text, {}, parseTrustedProxy("none"));

  test("limits count IPv4 by address and IPv6 by /64", () => {
    expect(limitKey(of("203.0.113.7"))).toBe("203.0.113.7");
    expect(limitKey(of("2001:db8:1:2:3:4:5:6"))).toBe(limitKey(of("2001:db8:1:2::1")));
    expect(limitKey(of("2001:db8:1:3::1"))).not.toBe(limitKey(of("2001:db8:1:2::1")));
  });

  test("the log shows a /24 or a /48", () => {
    expect(maskedAddress(of("203.0.113.7"))).toBe("203.0.113.0/24");
    expect(maskedAddress(of("2001:db8:1:2:3:4:5:6"))).toBe("2001:db8:1::/48");
  });
});

describe("TRUSTED_PROXY", () => {
  test.each(["none", "fly", "10.0.0.0/8", "10.1.2.3", "fly, 10.0.0.0/8,2001:db8::/32", "::/0"])("%s is read", (text) => {
    expect(() => parseTrustedProxy(text)).not.toThrow();
  });

  test.each([
    "10.0.0.0/33",
    "10.0.0.0/8/9",
    "10.0.0.0/8/",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "example.org",
    "fly,nonsense",
    "::/129",
    "fe80::1%eth0/10",
    "fe80::1%eth0",
  ])("%s is refused", (text) => {
    expect(() => parseTrustedProxy(text)).toThrow(TypeError);
  });
});
