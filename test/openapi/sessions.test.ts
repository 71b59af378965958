/** What a running proxy says of sessions is what its description says, to the last member. */
import { randomBytes } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { Document, Json } from "./support.ts";
import { startGateway } from "../support/gateway.ts";
import { BFF_YAML, FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";
import { documentOf, frontendOf, resolveResponse } from "./support.ts";

const SEARCH = "/v2/business/search";

async function scene(lines: string): Promise<{ readonly gateway: TestGateway; readonly document: Document }> {
  const upstream = await startRecordingUpstream(() => storableJson({ page: 1, max_page: 1, count: 0, businesses: [] }));
  onTestFinished(() => upstream.close());
  const gateway = await startGateway({
    upstream: upstream.url,
    bff: BFF_YAML,
    frontends: { site: FRONTEND_YAML + lines },
    env: { SESSION_SECRETS: `a:${randomBytes(32).toString("base64url")}` },
  });
  onTestFinished(() => gateway.close());
  return { gateway, document: documentOf(frontendOf(gateway.instance.policy(), "site")) };
}

/** @param closed members that are not described are refused: only where no schemas are joined */
function isDescribed(document: Document, schema: Json | undefined, value: unknown, closed = true): unknown {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  const whole = JSON.stringify({ components: document.components, ...schema });
  const strict = closed ? whole.replaceAll('"properties":', '"additionalProperties":false,"properties":') : whole;
  const validate = ajv.compile(JSON.parse(strict) as object);
  return validate(value) ? true : validate.errors;
}

function mint(
  gateway: TestGateway,
  { site = "same-site", body, origin = ORIGIN }: Partial<Record<"site" | "body" | "origin", string>> = {},
) {
  return fetch(`${gateway.url}/site/session`, {
    method: "POST",
    headers: {
      origin,
      "sec-fetch-site": site,
      "sec-fetch-mode": "cors",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

test.each([
  ["a page of the same site", "same-site", undefined, "cookie"],
  ["a page of another site", "cross-site", undefined, "bearer"],
  ["a page of the same site that keeps no cookies", "same-site", '{"use":"bearer"}', "bearer"],
])("a session for %s is as described, with the described fields", async (_who, site, body, use) => {
  const { gateway, document } = await scene("session: on-miss\n");
  const described = document.paths["/session"]?.post?.responses["200"];
  const answer = await mint(gateway, { site, ...(body === undefined ? {} : { body }) });
  const session = (await answer.json()) as Json;
  expect([answer.status, session["use"]]).toEqual([200, use]);
  expect(isDescribed(document, described?.content?.["application/json"]?.schema, session)).toBe(true);
  const absent = Object.keys(described?.headers ?? {}).filter((name) => !answer.headers.has(name));
  expect(absent).toEqual(use === "cookie" ? [] : ["Set-Cookie"]);
  const { name } = document.components.securitySchemes!["sessionCookie"] as { readonly name: string };
  if (use === "cookie") expect(answer.headers.get("set-cookie")).toMatch(new RegExp(`^${name}=`));
});

test("the described content is what is taken, and nothing else", async () => {
  const { gateway, document } = await scene("session: on-miss\n");
  const schema = document.paths["/session"]?.post?.requestBody?.content["application/json"]?.schema;
  for (const body of ["{}", '{"use":"bearer"}', '{"use":"cookie"}', '{"proof":1}', '{"admin":true}', "[]"]) {
    const { status } = await mint(gateway, { body });
    expect([body, isDescribed(document, schema, JSON.parse(body), false) === true]).toEqual([body, status === 200]);
  }
});

test.each<[string, string, number, string, (gateway: TestGateway) => Promise<Response>]>([
  ["no proof where a challenge is solved", "proof: altcha\n", 403, "challenge-required", (gateway) => mint(gateway)],
  ["a wrong solution", "proof: altcha\n", 403, "challenge-invalid", (gateway) => mint(gateway, { body: '{"proof":"AAAA"}' })],
  [
    "an issuer that is away",
    "proof: { jwt: { issuer: i, audience: a, jwks: http://127.0.0.1:9/keys } }\n",
    503,
    "challenge-unavailable",
    (gateway) =>
      mint(gateway, { body: JSON.stringify({ proof: `${Buffer.from('{"alg":"ES256","kid":"k"}').toString("base64url")}.e30.AAAA` }) }),
  ],
  ["a foreign page", "", 403, "origin-not-allowed", (gateway) => mint(gateway, { origin: "https://elsewhere.example" })],
  ["other content", "", 400, "request-malformed", (gateway) => mint(gateway, { body: "[]" })],
  ["too much content", "", 413, "body-too-large", (gateway) => mint(gateway, { body: `{"proof":"${"x".repeat(11_000)}"}` })],
  [
    "too many",
    "",
    429,
    "rate-limited",
    async (gateway) => (await Promise.all(Array.from({ length: 61 }, () => mint(gateway)))).find(({ status }) => status !== 200)!,
  ],
])("minting with %s is a described problem", async (_what, lines, status, code, ask) => {
  const { gateway, document } = await scene(`session: on-miss\n${lines}`);
  const answer = await ask(gateway);
  expect(answer.status).toBe(status);
  await isProblem(document, answer, { operation: document.paths["/session"]?.post, status, code });
});

test.each([
  ["session-required", {}],
  ["session-invalid", { authorization: "Bearer of.none.whatever" }],
])("%s is a described problem of a call", async (code, headers) => {
  const { gateway, document } = await scene("session: on-miss\n");
  const answer = await gateway.get(`/site${SEARCH}?city=Paris`, { headers: { origin: ORIGIN, ...headers } });
  await isProblem(document, answer, { operation: document.paths[SEARCH]?.get, status: 401, code });
  expect(answer.headers.has("www-authenticate")).toBe(true);
});

interface Expected {
  readonly operation: Document["paths"][string]["post"];
  readonly status: number;
  readonly code: string;
}

async function isProblem(document: Document, answer: Response, { operation, status, code }: Expected): Promise<void> {
  const body = (await answer.json()) as Json;
  expect([answer.status, body["code"]]).toEqual([status, code]);
  const described = resolveResponse(document, operation?.responses[status]);
  const schema = described.content?.["application/problem+json"]?.schema;
  expect([isDescribed(document, schema, body, false), isDescribed(document, document.components.schemas["Problem"], body)]).toEqual([
    true,
    true,
  ]);
  expect(Object.keys(described.headers ?? {}).filter((name) => !answer.headers.has(name))).toEqual([]);
}
