/** Which texts are origins exactly as browsers and apps send them. */
import { expect, test } from "vitest";
import { originFault } from "../../src/config/origin.ts";

test.each([
  "https://stores.acme.example",
  "https://stores.acme.example:8443",
  "https://xn--bcher-kva.example",
  "https://localhost",
  "https://192.0.2.7",
  "https://[2001:db8::1]",
  "capacitor://localhost",
  "ionic://localhost",
  "app.acme.locator://localhost",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
])("takes %s", (text) => {
  expect(originFault(text)).toBeUndefined();
});

test.each([
  ["null", "origin-null"],
  ["*", "origin-wildcard"],
  ["https://*.acme.example", "origin-wildcard"],
  ["https://stores.acme.example/", "origin-slash"],
  ["https://stores.acme.example/shop", "origin-path"],
  ["https://stores.acme.example?x", "origin-path"],
  ["https://stores.acme.example#x", "origin-path"],
  ["https://stores.acme.example\\x", "origin-path"],
  ["https://Stores.acme.example", "origin-case"],
  ["HTTPS://stores.acme.example", "origin-case"],
  ["https://stores.acme.example:443", "origin-port"],
  ["https://user:pass@stores.acme.example", "origin-credentials"],
  ["http://localhost:3000", "origin-http"],
  ["HTTP://stores.acme.example", "origin-http"],
  ["stores.acme.example", "origin-invalid"],
  ["//stores.acme.example", "origin-invalid"],
  ["https:stores.acme.example", "origin-invalid"],
  ["https://", "origin-invalid"],
  ["https://bücher.example", "origin-invalid"],
  ["https://stores.acme.example:0443", "origin-invalid"],
  ["https://stores acme.example", "origin-invalid"],
  ["https://a.example,https://b.example", "origin-invalid"],
  [" https://stores.acme.example", "origin-invalid"],
  ["https://0x7f.1", "origin-invalid"],
  ["file://", "origin-invalid"],
  ["data:text/html,x", "origin-invalid"],
  ["capacitor://", "origin-invalid"],
  ["capacitor://localhost/", "origin-slash"],
  ["", "origin-invalid"],
])("refuses %j as %s", (text, code) => {
  expect(originFault(text)?.code).toBe(code);
});

test("shows the origin that was probably meant", () => {
  expect(originFault("Capacitor://localhost")).toMatchObject({ code: "origin-case", hint: "write capacitor://localhost" });
  expect(originFault("https://Stores.acme.example:443/shop?x#y")?.hint).toBe("write https://stores.acme.example");
  expect(originFault("https://bücher.example")?.hint).toBe("write https://xn--bcher-kva.example");
});
