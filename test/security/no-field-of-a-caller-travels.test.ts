/** Advisory class C: hop-by-hop and alias fields that remove or forge what a proxy adds. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { freshSearch } from "../support/fresh-search.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, SEARCH, openScene, plainHead } from "./scene.ts";

const scene = openScene();

/** Names that mean something to the message itself, which other tests are about. */
const FRAMING = /^(host|origin|content-length|transfer-encoding|expect|sec-fetch-.*|upgrade|if-none-match)$/i;
const NAMES = [
  "Connection",
  "x-apikey",
  "X_APIKEY",
  "Keep-Alive",
  "TE",
  "Trailer",
  "Via",
  "Forwarded",
  "X-Forwarded-Host",
  "Accept",
  "Accept-Encoding",
  "User-Agent",
  "Cookie",
  "Authorization",
  "Range",
  "__proto__",
];
const VALUES = ["x-apikey", "close, x-apikey", "host, accept-encoding, user-agent", "api.partoo.co", "gzip", "*", "", "\xe9", "a,b;q=0"];

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]{0,30}[\x21-\x7e\x80-\xff])?$/);
const field = fc
  .tuple(fc.oneof(fc.constantFrom(...NAMES), token), fc.oneof(fc.constantFrom(...VALUES), value))
  .filter(([name]) => !FRAMING.test(name))
  .map(([name, text]) => `${name}: ${text}`);

test("whatever fields a caller sends, Partoo hears the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(field, { maxLength: 12 }), { minLength: 20, maxLength: 20 }), async (requests) => {
      scene.upstream.requests.length = 0;
      const targets = requests.map(freshSearch);
      const answers = await Promise.all(requests.map((fields, nth) => sendRaw(scene.proxy.port, request(targets[nth] ?? "", { fields }))));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const plain = plainHead(scene.upstream.port);
      const expected = targets.map((target) => plain.replace("city=Paris", target.slice(target.indexOf("city="))));
      expect(scene.upstream.requests.map(({ head }) => head).toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 25 },
  );
});

test("a caller can't name fields of the answer away", async () => {
  const named = "Connection: close, access-control-allow-origin, content-security-policy, x-content-type-options, x-request-id, etag, vary";
  const answer = await sendRaw(scene.proxy.port, request(SEARCH, { fields: [named] }));
  for (const name of ["access-control-allow-origin", "content-security-policy", "x-content-type-options", "x-request-id", "etag", "vary"]) {
    expect(answer.headers).toHaveProperty([name]);
  }
});

test("Partoo can neither name fields away nor add its own", async () => {
  const plain = await sendRaw(scene.proxy.port, request(SEARCH));
  const headers = {
    connection: "keep-alive, content-security-policy, access-control-allow-origin, x-request-id",
    "set-cookie": "session=1",
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": "true",
    "cache-control": "public, max-age=31536000",
    "content-security-policy": "default-src *",
    "clear-site-data": '"*"',
    "strict-transport-security": "max-age=0",
    "x-request-id": "theirs",
    etag: '"theirs"',
    vary: "*",
    link: "<https://evil.example>; rel=preload",
    location: "https://evil.example/",
    refresh: "0; url=https://evil.example/",
    "alt-svc": 'h3="evil.example:443"',
    "www-authenticate": "Basic",
    "content-disposition": "attachment",
    "content-type": "text/html",
    server: "partoo",
    trailer: "x-apikey",
  };
  scene.upstream.answer(() => json(EMPTY_PAGE, { headers }));
  const answer = await sendRaw(scene.proxy.port, request(SEARCH));
  const own = ({ headers: fields }: typeof answer): object => ({ ...fields, "x-request-id": "", date: "" });
  expect(own(answer)).toEqual(own(plain));
  expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
});
