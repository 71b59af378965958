/** Header fields of requests: those that browsers, apps, servers and proxies send, and those that attackers do. */
import type { Random } from "../src/sandbox/random.ts";
import { KEYS, OPERATOR_TOKEN, SERVER_TOKEN } from "./secrets.ts";
import { sessionField } from "./sessions.ts";
import { gibberish, spoil, word } from "./words.ts";
import { ORIGINS } from "./world-config.ts";

const HOSTS = ["proxy.example", "127.0.0.1:8080", "[::1]:80", "localhost", "bff.acme.localhost", "xn--nxasmq6b"];
const BAD_HOSTS = ["", "a b", "proxy.example:99999", "[::g]", "evil.example/path", "user@host", "a,b", "%zz", "\u00e9"];
const ANYTHING: Readonly<Record<string, readonly string[]>> = {
  accept: ["*/*", "application/json", "application/ld+json", "application/ld+json;q=0, */*;q=0.1", "text/html", ";;;q=", "a/b;q=9"],
  "accept-encoding": [
    "br",
    "gzip",
    "gzip, br",
    "identity",
    "*",
    "br;q=0",
    "*;q=0",
    "gzip;q=0.5, br;q=0.50001",
    "br;q=x",
    "identity;q=0",
    ",",
  ],
  "if-none-match": ["*", '"x"', 'W/"x", "y"', '""', "x", ",,,", '"'.repeat(3)],
  "if-modified-since": ["Sun, 06 Nov 1994 08:49:37 GMT", "0"],
  range: ["bytes=0-1", "bytes=-1", "bytes=9-0,0-0", "lines=1"],
  connection: ["close", "keep-alive", "x-apikey", "upgrade", "close, host", "te", "keep-alive, close"],
  expect: ["100-continue", "200-ok", "100-Continue, x"],
  upgrade: ["websocket", "h2c"],
  te: ["trailers", "gzip"],
  "cache-control": ["no-cache", "no-store", "max-age=0", "only-if-cached"],
  "sec-fetch-site": ["same-origin", "same-site", "cross-site", "none", "x"],
  "sec-fetch-mode": ["cors", "no-cors", "navigate", "same-origin", "websocket"],
  "sec-fetch-dest": ["empty", "image", "document", "script"],
  "access-control-request-method": ["GET", "POST", ""],
  "access-control-request-headers": ["x-a", "authorization"],
  "x-forwarded-for": ["203.0.113.7", "2001:db8::1", "203.0.113.7, 10.0.0.1", "unknown", ",,,", "1.2.3.4:80", "::ffff:127.0.0.1"],
  "fly-client-ip": ["203.0.113.9"],
  forwarded: ["for=203.0.113.7;host=evil.example"],
  "x-forwarded-host": ["evil.example"],
  "x-original-url": ["/v2/api_keys"],
  traceparent: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "ff-0-0-0", "00-0-0-0"],
  authorization: [`Bearer ${SERVER_TOKEN}`, `Bearer ${OPERATOR_TOKEN}`, "Bearer ", "Basic YTpi", `bearer ${SERVER_TOKEN}x`, SERVER_TOKEN],
  cookie: ["__Host-Http-bff-wide=x", "a=b; c", "=;=;", ";"],
  "x-apikey": ["mine", ...Object.values(KEYS)],
  referer: ["https://evil.example/"],
  "content-type": ["application/json", "text/plain", "multipart/form-data"],
  "x-http-method-override": ["DELETE"],
  "content-length": ["0", "00", "1", "-1", "+0", "1e1", "99999999999999999999", "0, 0", "0x0", ""],
  "transfer-encoding": ["chunked", "identity", "gzip, chunked", "chunked, chunked", " chunked", "xchunked", "chunked;a=b"],
};
const NAMES = Object.keys(ANYTHING);

const HONEST = [
  "accept",
  "accept-encoding",
  "if-none-match",
  "if-modified-since",
  "range",
  "cache-control",
  "traceparent",
  "x-forwarded-host",
];

/** Lines without their ends, as nobody has to be ashamed of. @param target what they go with */
export function honestFields(random: Random, target: string): readonly string[] {
  const fields = ["Host: proxy.example", `X-Forwarded-For: 198.51.${random.integer(256)}.${random.integer(256)}`];
  const origin = random.chance(0.6) ? (random.chance(0.5) ? "https://stores.acme.example" : random.pick(ORIGINS)) : undefined;
  if (origin !== undefined) fields.push(`Origin: ${origin}`);
  if (random.chance(0.4)) fields.push(sessionField(random, target.split("/")[1] ?? "", origin));
  const names = HONEST.filter(() => random.chance(0.3));
  return [...fields, ...names.map((name) => `${name}: ${random.pick(ANYTHING[name] as readonly string[])}`)];
}

/** Lines without their ends. */
export function headerFields(random: Random): readonly string[] {
  const fields = [...hostFields(random), ...originFields(random), `X-Forwarded-For: 198.51.${random.integer(256)}.${random.integer(256)}`];
  for (let left = random.integer(5); left > 0; left -= 1) fields.push(anyField(random));
  if (random.chance(0.04)) fields.push(random.pick(fields));
  if (random.chance(0.02)) fields.push(...Array.from({ length: random.pick([20, 90, 101, 400]) }, (_, nth) => `X-Many-${nth}: ${nth}`));
  if (random.chance(0.02)) fields.push(`X-Long: ${"x".repeat(random.pick([1000, 15_000, 17_000, 40_000]))}`);
  return fields;
}

function hostFields(random: Random): readonly string[] {
  if (random.chance(0.95)) return [`Host: ${random.pick(HOSTS)}`];
  return random.pick([[], [`Host: ${random.pick(BAD_HOSTS)}`], ["Host: a", "Host: a"], ["host : a"], ["Host:a"]]);
}

/** Who is a page, an app or a server is decided by these. */
function originFields(random: Random): readonly string[] {
  const kind = random.next();
  if (kind < 0.6) return [`Origin: ${random.pick(ORIGINS)}`];
  if (kind < 0.85) return [];
  if (kind < 0.9) return [`Authorization: Bearer ${SERVER_TOKEN}`];
  return [
    `Origin: ${random.pick(["null", "https://evil.example", "https://one.example.evil.example", "https://one.example/", "", word(random)])}`,
  ];
}

function anyField(random: Random): string {
  if (random.chance(0.08))
    return random.pick([gibberish(random), ` folded: ${word(random)}`, `${gibberish(random, 2)}: ${word(random)}`, ":", "a"]);
  const name = random.pick(NAMES);
  const value = random.chance(0.8) ? random.pick(ANYTHING[name] as readonly string[]) : random.pick([word, gibberish])(random);
  const line = `${name}: ${value}`;
  return random.chance(0.05) ? spoil(random, line) : line;
}
