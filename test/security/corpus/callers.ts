/** Origins that look like the listed one, and requests that a browser sends for something else than a script. */
import type { Entry } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { PLAIN_TARGET, named } from "./entry.ts";

const LISTED = "https://stores.acme.example";

function origins(outcome: Entry[2], list: readonly string[]): readonly Entry[] {
  return list.map((origin) => [`Origin: ${named(origin)}`, request(PLAIN_TARGET, { origin }), outcome]);
}

function from(outcome: Entry[2], origin: string | null, list: readonly (readonly string[])[]): readonly Entry[] {
  return list.map((lines) => [
    `${origin ?? "no Origin"}, ${named(lines.join(" | "))}`,
    request(PLAIN_TARGET, { origin, fields: lines }),
    outcome,
  ]);
}

function options(
  outcome: Entry[2],
  list: readonly (readonly [target: string, origin: string | null, lines: readonly string[]])[],
): readonly Entry[] {
  return list.map(([target, origin, lines]) => [
    `OPTIONS ${target} ${origin ?? "no Origin"} ${named(lines.join(" | "))}`,
    request(target, { method: "OPTIONS", origin, fields: lines }),
    outcome,
  ]);
}

const ASKS_GET = "Access-Control-Request-Method: GET";

export const CALLERS: readonly Entry[] = [
  ...origins("403 origin-not-allowed", [
    "null",
    "NULL",
    "",
    "*",
    "https://evil.example",
    "HTTPS://STORES.ACME.EXAMPLE",
    "https://Stores.acme.example",
    `${LISTED}/`,
    `${LISTED}:443`,
    `${LISTED}.`,
    `${LISTED}.evil.example`,
    `${LISTED}@evil.example`,
    "https://evil-stores.acme.example",
    "https://x.stores.acme.example",
    "http://stores.acme.example",
    "//stores.acme.example",
    "stores.acme.example",
    "https:/stores.acme.example",
    `${LISTED}, https://evil.example`,
    `https://evil.example, ${LISTED}`,
    `${LISTED} https://evil.example`,
    `${LISTED}%00`,
    `${LISTED}\xe9`,
    "https://stores.acme\xc2\xadexample",
    "https://st\xd0\xberes.acme.example",
    "https://xn--stres-emd.acme.example",
    "file://",
    "data:",
    "chrome-extension://abc",
    "capacitor://localhost",
    "https://stores.acme.example?x",
    "https://stores.acme.example#x",
    "undefined",
    "__proto__",
    "https://[::1",
    "https://xn--",
  ]),
  ...from("403 origin-not-allowed", LISTED, [["Origin: https://evil.example"], [`Origin: ${LISTED}`], ["origin: null"]]),
  ...from("403 origin-not-allowed", null, [
    [],
    [`Referer: ${LISTED}/`],
    ["X-Origin: https://stores.acme.example"],
    ["Authorization: Bearer x"],
    ["X-Requested-With: XMLHttpRequest"],
    ["Sec-Fetch-Mode: cors"],
  ]),
  ...from("403 fetch-metadata-refused", null, [
    ["Sec-Fetch-Site: cross-site"],
    ["Sec-Fetch-Site: same-site"],
    ["Sec-Fetch-Site: none"],
    ["Sec-Fetch-Site: SAME-ORIGIN"],
    ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: same-origin"],
    ["Sec-Fetch-Site:"],
    ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: image"],
    ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate"],
    ["Sec-Fetch-Site: \xff"],
  ]),
  ...from("403 fetch-metadata-refused", LISTED, [
    ["Sec-Fetch-Mode: navigate"],
    ["Sec-Fetch-Mode: no-cors"],
    ["Sec-Fetch-Mode: websocket"],
    ["Sec-Fetch-Mode: CORS"],
    ["Sec-Fetch-Mode:"],
    ["Sec-Fetch-Mode: cors", "Sec-Fetch-Mode: cors"],
    ["Sec-Fetch-Dest: script"],
    ["Sec-Fetch-Dest: document"],
    ["Sec-Fetch-Dest: iframe"],
    ["Sec-Fetch-Dest: empty, image"],
    ["Sec-Fetch-Dest:"],
  ]),
  ...from("plain", LISTED, [
    ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"],
    ["Sec-Fetch-Site: nonsense"],
    ["Sec-Fetch-User: ?1"],
    ["Sec-Fetch-Storage-Access: active"],
  ]),
  ...from("plain", null, [
    ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"],
    ["Sec-Fetch-Site: same-origin"],
  ]),
  ...options("204 preflight", [
    [PLAIN_TARGET, LISTED, [ASKS_GET]],
    [PLAIN_TARGET, LISTED, ["Access-Control-Request-Method: DELETE", "Access-Control-Request-Headers: x-apikey, x-evil"]],
    ["/store-locator/v2/api_keys", LISTED, [ASKS_GET]],
    ["/store-locator/..%2F", LISTED, [ASKS_GET, "Access-Control-Request-Private-Network: true"]],
    [PLAIN_TARGET, LISTED, ["Access-Control-Request-Method: \xff"]],
  ]),
  ...options("403 origin-not-allowed", [
    [PLAIN_TARGET, "https://evil.example", [ASKS_GET]],
    [PLAIN_TARGET, "null", [ASKS_GET]],
    [PLAIN_TARGET, `${LISTED}.evil.example`, [ASKS_GET]],
    [PLAIN_TARGET, LISTED, ["Origin: https://evil.example", ASKS_GET]],
  ]),
  ...options("404 frontend-unknown", [["/nobody/v2", LISTED, [ASKS_GET]]]),
  ...options("405 method-not-allowed", [
    [PLAIN_TARGET, LISTED, []],
    [PLAIN_TARGET, null, []],
    [PLAIN_TARGET, null, [ASKS_GET]],
  ]),
];
