/** Sessions: requests for one, genuine tokens of every frontend, and what forgers make of them. */
import { createHash, createHmac } from "node:crypto";
import type { Random } from "../src/sandbox/random.ts";
import { SESSION_SECRET } from "./secrets.ts";
import { gibberish, spoil, word } from "./words.ts";
import { FRONTEND_NAMES, ORIGINS } from "./world-config.ts";

const HEADERS: readonly object[] = [
  { alg: "none", kid: "k1", typ: "bff-session+jwt" },
  { alg: "HS512", kid: "k1", typ: "bff-session+jwt" },
  { alg: "RS256", kid: "k1", typ: "bff-session+jwt" },
  { alg: "HS256", kid: "k2", typ: "bff-session+jwt" },
  { alg: "HS256", kid: "__proto__", typ: "bff-session+jwt" },
  { alg: "HS256", kid: "k1", typ: "JWT" },
  { alg: "HS256", typ: "bff-session+jwt", kid: "k1" },
  { alg: "HS256", kid: "k1", typ: "bff-session+jwt", crit: ["exp"], jku: "http://127.0.0.1:1/" },
];
const ODD_CLAIMS: readonly object[] = [
  { exp: undefined },
  { exp: 1 },
  { exp: 1e300 },
  { exp: "9999999999" },
  { iat: 9_999_999_999 },
  { nbf: 9_999_999_999 },
  { aud: ["wide"] },
  { aud: "nobody" },
  { sid: "" },
  { sid: 1 },
  { use: "both" },
  { origin_hash: "x" },
  { origin_hash: undefined },
];

interface Scope {
  readonly frontend: string;
  readonly origin: string | undefined;
  readonly use: "cookie" | "bearer";
}

/** A line that carries a session, mostly a genuine one that fits. @param origin of the page; undefined: an app's */
export function sessionField(random: Random, frontend: string, origin: string | undefined): string {
  const use = random.chance(0.5) ? "cookie" : "bearer";
  const scope = { frontend: random.chance(0.9) ? frontend : random.pick(FRONTEND_NAMES), origin, use } as const;
  const token = createToken(random, scope);
  if (use === "bearer") return `Authorization: ${random.chance(0.95) ? "Bearer " : "bearer   "}${token}`;
  const cookie = `__Host-Http-bff-${frontend}=${token}`;
  return `Cookie: ${random.chance(0.9) ? cookie : random.pick([`a=b; ${cookie}`, `${cookie}; ${cookie}`, `${cookie};`, ` ${cookie}`, `"${cookie}"`])}`;
}

/** The bytes of a request for a session. */
export function sessionRequest(random: Random): Buffer {
  const frontend = random.pick(FRONTEND_NAMES);
  const body = random.pick([
    () => "",
    () => "{}",
    () => JSON.stringify({ use: "bearer" }),
    () => JSON.stringify({ proof: word(random) }),
    () => JSON.stringify({ proof: altchaPayload(random) }),
    () => JSON.stringify({ proof: createToken(random, { frontend, origin: undefined, use: "bearer" }) }),
    () => gibberish(random),
    () => JSON.stringify({ proof: "x".repeat(random.pick([9000, 11_000, 60_000])) }),
    () => spoil(random, JSON.stringify({ proof: altchaPayload(random), use: "bearer" })),
  ])();
  const fields = [
    "Host: proxy.example",
    `X-Forwarded-For: 198.51.${random.integer(256)}.${random.integer(256)}`,
    ...(random.chance(0.8) ? [`Origin: ${random.pick(ORIGINS)}`] : []),
    ...(random.chance(0.5)
      ? [`Sec-Fetch-Site: ${random.pick(["same-site", "same-origin", "cross-site", "none"])}`, "Sec-Fetch-Mode: cors"]
      : []),
    ...(random.chance(0.8) ? [`Content-Type: ${random.pick(["application/json", "text/plain"])}`] : []),
    ...(random.chance(0.05) ? ["Expect: 100-continue"] : []),
    `Content-Length: ${Buffer.byteLength(body) + (random.chance(0.97) ? 0 : random.integer(9) - 4)}`,
  ];
  const line = `${random.chance(0.95) ? "POST" : random.pick(["GET", "PUT", "OPTIONS", "HEAD"])} /${frontend}/session HTTP/1.1`;
  return Buffer.from(`${[line, ...fields].join("\r\n")}\r\n\r\n${body}`);
}

/** Of the form that ALTCHA's widget sends; never a solution. */
function altchaPayload(random: Random): string {
  const parameters = {
    algorithm: "PBKDF2/SHA-256",
    cost: random.pick([1, 5000, 1e9, -1]),
    nonce: random.hex(32),
    salt: random.hex(32),
    keyPrefix: "00",
  };
  const data = { frontend: random.pick(FRONTEND_NAMES), kid: random.pick(["k1", "k2", "__proto__"]) };
  const challenge = { parameters: { ...parameters, data, expiresAt: random.pick([9_999_999_999, 1, "x"]) }, signature: random.hex(64) };
  const solution = random.pick<unknown>([{ counter: 1, derivedKey: random.hex(64) }, {}, null, []]);
  return Buffer.from(JSON.stringify({ challenge, solution })).toString("base64");
}

function createToken(random: Random, { frontend, origin, use }: Scope): string {
  const isGenuine = random.chance(0.6);
  const now = Math.floor(Date.now() / 1000);
  const digest = createHash("sha256")
    .update(origin ?? "app")
    .digest("base64url");
  const claims = {
    aud: frontend,
    iat: now,
    exp: now + 900,
    sid: random.hex(22),
    use,
    ...(use === "bearer" ? { origin_hash: digest } : {}),
  };
  if (isGenuine) return signToken({ alg: "HS256", kid: "k1", typ: "bff-session+jwt" }, claims);
  const header = random.chance(0.5) ? { alg: "HS256", kid: "k1", typ: "bff-session+jwt" } : random.pick(HEADERS);
  const token = signToken(header, random.chance(0.5) ? { ...claims, ...random.pick(ODD_CLAIMS) } : claims);
  return random.pick([
    () => token,
    () => token.slice(0, random.integer(token.length)),
    () => token.slice(0, token.lastIndexOf(".") + 1),
    () => token + random.pick(["=", ".", "x".repeat(2000)]),
    () => spoil(random, token),
  ])();
}

function signToken(header: object, claims: object): string {
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${createHmac("sha256", Buffer.from(SESSION_SECRET, "base64url")).update(signed).digest("base64url")}`;
}
