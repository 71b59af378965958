/** Requests to the operator's listener: with its token, without, and spoiled. */
import type { Random } from "../src/sandbox/random.ts";
import { OPERATOR_TOKEN } from "./secrets.ts";
import { target } from "./targets.ts";
import { escape, gibberish, spoil, word } from "./words.ts";

const PATHS = ["/", "/metrics", "/api/counters", "/explain", "/login", "/logout", "/purge", "/reload", "/api/purge", "/api/reload", "/x"];
const CONTENTS = ["{}", '{"all":true}', '{"tag":"x"}', '{"tag":["x"]}', "[]", "{", "token=x", "all=yes", `token=${OPERATOR_TOKEN}`, ""];

/** The bytes of one request. */
export function operatorRequest(random: Random): Buffer {
  const isPost = random.chance(0.3);
  const path = random.pick(PATHS) + (random.chance(0.4) ? explainQuery(random) : "");
  const content = isPost ? (random.chance(0.8) ? random.pick(CONTENTS) : gibberish(random)) : "";
  const fields = [
    `Host: ${random.chance(0.9) ? "127.0.0.1" : word(random)}`,
    ...(random.chance(0.8) ? [`Authorization: Bearer ${random.chance(0.9) ? OPERATOR_TOKEN : spoil(random, OPERATOR_TOKEN)}`] : []),
    ...(random.chance(0.2) ? [`Origin: ${random.pick(["http://127.0.0.1", "https://evil.example", "null"])}`] : []),
    ...(random.chance(0.2) ? [`Cookie: ${random.pick(["session=x", gibberish(random)])}`] : []),
    ...(isPost ? [`Content-Type: ${random.pick(["application/json", "application/x-www-form-urlencoded", "text/plain"])}`] : []),
    ...(isPost ? [`Content-Length: ${Buffer.byteLength(content)}`] : []),
  ];
  const line = `${isPost ? "POST" : random.pick(["GET", "GET", "GET", "HEAD", "PUT"])} ${random.chance(0.9) ? path : spoil(random, path)} HTTP/1.1`;
  return Buffer.from(`${line}\r\n${fields.join("\r\n")}\r\n\r\n${content}`);
}

function explainQuery(random: Random): string {
  const values = { request: `GET ${target(random)}`, origin: word(random), frontend: word(random), server: "web", header: "a: b" };
  const pairs = Object.entries(values).filter(() => random.chance(0.7));
  return `?${pairs.map(([name, value]) => `${name}=${escape(value)}`).join("&")}`;
}
