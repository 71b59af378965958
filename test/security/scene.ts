/** One proxy in front of a recording Partoo, for a whole file; and what every answer to an attacker must look like. */
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Proxy, ProxyOptions } from "../support/proxy.ts";
import type { RawAnswer } from "../support/raw-client.ts";
import type { RecordingUpstream, Script } from "../support/recording-upstream.ts";
import type { Outcome } from "./corpus/entry.ts";
import { CANARY_KEY, startProxy } from "../support/proxy.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

export const SEARCH = "/store-locator/v2/business/search?city=Paris";

/** An empty page: enough for whoever only asks what Partoo heard. */
export const EMPTY_PAGE = { page: 1, max_page: 1, count: 0, businesses: [] };

export interface Scene {
  readonly upstream: RecordingUpstream;
  readonly proxy: Proxy;
}

const emptyPage: Script = () => json(EMPTY_PAGE);

/** Starts both before the file's first test and stops them after its last; before each test Partoo is as new. */
export function openScene(options: Omit<ProxyOptions, "upstream"> = {}, script = emptyPage): Scene {
  const scene = {} as { upstream: RecordingUpstream; proxy: Proxy };
  beforeAll(async () => {
    scene.upstream = await startRecordingUpstream(script);
    scene.proxy = await startProxy({ upstream: scene.upstream.url, ...options });
  });
  afterAll(async () => {
    await scene.proxy.stop();
    await scene.upstream.close();
  });
  beforeEach(() => {
    scene.upstream.requests.length = 0;
    scene.upstream.answer(script);
  });
  return scene;
}

/** The bytes that Partoo hears of the plain request, and nothing besides. */
export function plainHead(port: number): string {
  return [
    "GET /v2/business/search?city=Paris&per_page=50&status=open%2Copening_soon%2Ctemporarily_closed HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    "connection: keep-alive",
    `x-apikey: ${CANARY_KEY}`,
    "accept: application/json",
    "accept-encoding: gzip, br",
    "user-agent: partoo-bff",
    "\r\n",
  ].join("\r\n");
}

/** How many answers came. */
export function countAnswers({ text }: RawAnswer): number {
  return text.match(/HTTP\/1\.[01] \d{3} /g)?.length ?? 0;
}

/** One answer, with the fields of every answer and without the key. */
function expectCleanAnswer(answer: RawAnswer): void {
  expect(countAnswers(answer)).toBe(1);
  expect(answer.text).not.toContain(CANARY_KEY);
  expect(answer.headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'",
    "referrer-policy": "no-referrer",
    "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
}

/** A refusal: problem details with the literal status and code. An answer to HEAD has the fields only. */
function expectProblem(answer: RawAnswer, status: number, code: string): void {
  const body = answer.body === "" ? undefined : (JSON.parse(answer.body) as Record<string, unknown>);
  expect(`${answer.status} ${body === undefined ? code : String(body["code"])}`).toBe(`${status} ${code}`);
  expectCleanAnswer(answer);
  expect(answer.headers).toMatchObject({ "content-type": "application/problem+json", "cache-control": "no-store" });
  if (body !== undefined) expect(body).toMatchObject({ status, layer: "proxy", request_id: answer.headers["x-request-id"] });
}

/** What may come of one request, as the corpus says it, without what Partoo hears. */
export function expectOutcome(answer: RawAnswer, outcome: Outcome): void {
  if (outcome === "plain" || outcome === "asked") return expectAnswered(answer, 200);
  const [status = "", code = ""] = outcome.split(" ");
  if (code === "ours" || code === "preflight") return expectAnswered(answer, Number(status));
  if (code === "cookie" || code === "bearer") return expectMinted(answer, code);
  expectProblem(answer, Number(status), code);
}

function expectAnswered(answer: RawAnswer, status: number): void {
  expect(answer.status, answer.body).toBe(status);
  expectCleanAnswer(answer);
}

/** A cookie that only a browser sees, or a token that only the page sees; and nobody stores either. */
function expectMinted(answer: RawAnswer, use: "cookie" | "bearer"): void {
  expectAnswered(answer, 200);
  const token = "[\\w-]+\\.[\\w-]+\\.[\\w-]{43}";
  const cookie = new RegExp(`^__Host-Http-bff-[a-z]+=${token}; Max-Age=900; Path=/; Secure; HttpOnly; SameSite=Strict$`);
  const asBearer = { token: expect.stringMatching(new RegExp(`^${token}$`)) as string };
  expect(JSON.parse(answer.body)).toEqual({ use, expires_in: 900, ...(use === "bearer" ? asBearer : {}) });
  expect(answer.headers["cache-control"]).toBe("no-store");
  if (use === "cookie") expect(answer.headers["set-cookie"]).toMatch(cookie);
  else expect(answer.headers).not.toHaveProperty("set-cookie");
}
