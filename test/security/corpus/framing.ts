/** Smuggling: two readers who disagree where a message ends. Routes are read, so no content is welcome at all. */
import type { Entry } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { PLAIN_TARGET, named } from "./entry.ts";

/** What would be smuggled: it must never reach Partoo, nor get an answer. */
const HIDDEN = request("/store-locator/v2/business/search?city=Smuggled");

function get(outcome: Entry[2], list: readonly (readonly [lines: string, content: string])[]): readonly Entry[] {
  return list.map(([lines, content]) => [
    `GET ${named(`${lines} ${content}`)}`,
    request(PLAIN_TARGET, { fields: lines.split("\r\n") }) + content,
    outcome,
  ]);
}

function post(outcome: Entry[2], list: readonly (readonly [lines: string, content: string])[]): readonly Entry[] {
  return list.map(([lines, content]) => [
    `POST ${named(`${lines} ${content}`)}`,
    request(PLAIN_TARGET, { method: "POST", fields: lines.split("\r\n") }) + content,
    outcome,
  ]);
}

const CHUNKED = "Transfer-Encoding: chunked";

export const FRAMING: readonly Entry[] = [
  ...get("413 body-too-large", [
    ["Content-Length: 5", "hello"],
    ["Content-Length: 05", "hello"],
    [`Content-Length: ${HIDDEN.length}`, HIDDEN],
    ["Content-Length: 3", `abc${HIDDEN}`],
    ["Content-Length: 100000000", "hello"],
    [CHUNKED, "5\r\nhello\r\n0\r\n\r\n"],
    [CHUNKED, `0\r\n\r\n${HIDDEN}`],
    [CHUNKED, `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`],
    ["Transfer-Encoding: CHUNKED", "0\r\n\r\n"],
    ["Transfer-Encoding:\tchunked", "0\r\n\r\n"],
    ["Transfer-Encoding: gzip, chunked", "0\r\n\r\n"],
    ["Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", "0\r\n\r\n"],
    [`${CHUNKED}\r\nTrailer: x-apikey`, "0\r\nx-apikey: mine\r\n\r\n"],
    ["Transfer-Encoding: xchunked", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding: identity", HIDDEN],
    ['Transfer-Encoding: "chunked"', `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding: chunked;q=1", `0\r\n\r\n${HIDDEN}`],
    ["Expect: 100-continue\r\nContent-Length: 5", "hello"],
  ]),
  ...get("400 request-malformed", [
    [`Content-Length: 5\r\n${CHUNKED}`, `0\r\n\r\n${HIDDEN}`],
    [`${CHUNKED}\r\nContent-Length: 5`, `0\r\n\r\n${HIDDEN}`],
    [`Content-Length: 0\r\n${CHUNKED}`, `0\r\n\r\n${HIDDEN}`],
    ["Content-Length: 5\r\nContent-Length: 5", "hello"],
    ["Content-Length: 0\r\nContent-Length: 0", ""],
    [`Content-Length: 0\r\nContent-Length: ${HIDDEN.length}`, HIDDEN],
    [`Content-Length: ${HIDDEN.length}\r\ncontent-length: 0`, HIDDEN],
    ["Content-Length: 5, 5", "hello"],
    ["Content-Length: 0, 5", "hello"],
    ["Content-Length: +5", "hello"],
    ["Content-Length: -1", "hello"],
    ["Content-Length: -0", ""],
    ["Content-Length: 5 5", "hello"],
    ["Content-Length: 0x5", "hello"],
    ["Content-Length: 5e0", "hello"],
    ["Content-Length: 5.0", "hello"],
    ["Content-Length: 99999999999999999999", "hello"],
    ["Content-Length: \x0b5", "hello"],
    ["Content-Length : 5", "hello"],
    ["Content-Length:", ""],
    ["Content-Length\x0b: 5", "hello"],
    ["Transfer-Encoding: chunked, identity", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding: chunked\r\nTransfer-Encoding: x", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding : chunked", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding\x0b: chunked", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding: \x0bchunked", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding: ch\x00unked", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding:\r\n chunked", `0\r\n\r\n${HIDDEN}`],
    ["X-Note: x\nTransfer-Encoding: chunked", `0\r\n\r\n${HIDDEN}`],
    ["X-Note: x\rTransfer-Encoding: chunked", `0\r\n\r\n${HIDDEN}`],
    ["Transfer-Encoding:", HIDDEN],
  ]),
  ...get("plain", [
    ["Content-Length: 0", ""],
    ["Content-Length: 000", ""],
    ["Content_Length: 5", ""],
    ["Transfer_Encoding: chunked", ""],
    ["X-Transfer-Encoding: chunked", ""],
    ["Content-Length-: 5", ""],
  ]),
  ...post("405 method-not-allowed", [
    ["Content-Length: 5", "hello"],
    ["Content-Length: 0", HIDDEN],
    ["Content-Length: 3", `abc${HIDDEN}`],
    [CHUNKED, `0\r\n\r\n${HIDDEN}`],
    [CHUNKED, "5\r\nhello\r\n0\r\n\r\n"],
    [CHUNKED, '5;a=b\r\nhello\r\n0;c="d"\r\n\r\n'],
    [CHUNKED, `5;${"a".repeat(2000)}=b\r\nhello\r\n0\r\n\r\n`],
    [CHUNKED, "5\r\nhello\r\n0\r\nHost: evil.example\r\nx-apikey: mine\r\n\r\n"],
    [CHUNKED, "00000000000000005\r\nhello\r\n0\r\n\r\n"],
    ["Expect: 100-continue\r\nContent-Length: 5", ""],
    ["Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5", "--x--"],
    ["Content-Encoding: gzip\r\nContent-Length: 5", "hello"],
    ["X-HTTP-Method-Override: GET\r\nContent-Length: 0", ""],
  ]),
  [
    "HEAD with content",
    `HEAD ${PLAIN_TARGET} HTTP/1.1\r\nHost: proxy.example\r\nOrigin: https://stores.acme.example\r\nContent-Length: 5\r\n\r\nhello`,
    "413 body-too-large",
  ] as const,
  [
    "HEAD with a hidden request in its content",
    request(PLAIN_TARGET, { method: "HEAD", fields: [`Content-Length: ${HIDDEN.length}`] }) + HIDDEN,
    "413 body-too-large",
  ] as const,
  [
    "DELETE with content",
    request(PLAIN_TARGET, { method: "DELETE", fields: ["Content-Length: 5"] }) + "hello",
    "405 method-not-allowed",
  ] as const,
  [
    "an unknown frontend with content",
    request("/nobody/v2", { method: "POST", fields: [`Content-Length: ${HIDDEN.length}`] }) + HIDDEN,
    "404 frontend-unknown",
  ] as const,
  [
    "a refused path with content",
    request("/store-locator/v2/business/..%2Fapi_keys", { method: "POST", fields: [`Content-Length: ${HIDDEN.length}`] }) + HIDDEN,
    "400 path-encoding",
  ] as const,
  [
    "a foreign page with content",
    request(PLAIN_TARGET, { method: "POST", origin: "https://evil.example", fields: [`Content-Length: ${HIDDEN.length}`] }) + HIDDEN,
    "403 origin-not-allowed",
  ] as const,
];

/** Sizes of chunks that are none. What is said first depends on how much had been read; a second answer never comes. */
export const BAD_CHUNKS: readonly string[] = ["g", "-1", "+5", "0x5", "5 5", " 5", "", "ffffffffffffffffff", "5\x00", "5\n"].map(
  (size) => `${request(PLAIN_TARGET, { method: "POST", fields: [CHUNKED] })}${size}\r\nhello\r\n0\r\n\r\n${HIDDEN}`,
);
