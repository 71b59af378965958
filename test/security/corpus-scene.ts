/** The proxy that the corpus is sent to, how its rows are sent, and what is true of every answer. */
import { connect } from "node:net";
import { once } from "node:events";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Conversation } from "../support/conversation.ts";
import type { RawAnswer } from "../support/raw-client.ts";
import type { Scene } from "./scene.ts";
import type { Outcome } from "./corpus/entry.ts";
import type { After } from "./corpus/poisoning.ts";
import type { Member, Together } from "./corpus/together.ts";
import { until } from "../support/cli.ts";
import { converse } from "../support/conversation.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { SECRETS, SETTING, SPENT_ADDRESS, WITH_SESSIONS, cityPage, corpusPartoo } from "./corpus/setting.ts";
import { SEARCH, expectOutcome, openScene, plainHead } from "./scene.ts";

const NO_ANSWER: RawAnswer = { status: 0, headers: {}, body: "", text: "", closed: true };

export interface CorpusScene {
  readonly scene: Scene;
  /** Heads that Partoo heard since the test began. */
  readonly heard: () => readonly string[];
  readonly send: (bytes: string | readonly string[], due?: number) => Promise<Conversation>;
  /** One answer for each outcome and no other, what Partoo heard of them, and whether the connection is closed or in step. */
  expectOutcomes(conversation: Conversation, outcomes: readonly Outcome[]): void;
  /** The answer of a city that Partoo has. */
  expectPage(answer: RawAnswer, city: string, after: Omit<After, "bytes">): void;
  /** Sends all while Partoo thinks. @returns the answers, undefined for who hung up */
  askTogether(together: Together, city: string): Promise<readonly (Conversation | undefined)[]>;
}

/** For a whole file. */
export function openCorpus(): CorpusScene {
  const partoo = corpusPartoo();
  // Hooks run in reverse order: after the process has stopped, when its log is whole.
  afterAll(() => {
    const log = scene.proxy.log();
    expect(log.length).toBeGreaterThan(200);
    expectNothingRepeated(log.join("\n"));
  });
  const scene = openScene(SETTING, partoo.script);
  let plainAnswer: RawAnswer;
  let said: string[] = [];
  beforeAll(async () => {
    await until(async () => (await sendRaw(scene.proxy.port, request("/directory/stores"))).status === 200);
    const spend = request("/once/v2/business/search?city=Paris", { fields: [`X-Forwarded-For: ${SPENT_ADDRESS}`] });
    expect((await sendRaw(scene.proxy.port, spend)).status).toBe(200);
    plainAnswer = await sendRaw(scene.proxy.port, request(SEARCH));
    expect(plainAnswer.status).toBe(200);
  });
  beforeEach(() => {
    said = [];
  });
  afterEach(() => {
    expectNothingRepeated(said.join(""));
  });

  /** What was sent before on other connections has been read: this takes more turns of the event loop. */
  const othersAreTaken = (): Promise<unknown> => converse(scene.proxy.port, request("/healthz"));
  const heard = (): readonly string[] => scene.upstream.requests.map(({ head }) => head);
  const send: CorpusScene["send"] = async (bytes, due = 1) => {
    const conversation = await converse(scene.proxy.port, bytes, { due, methods: methodsOf(String(bytes), due) });
    said.push(...conversation.answers.map(({ text }) => text));
    if (!WITH_SESSIONS.test(String(bytes))) {
      for (const { headers } of conversation.answers) expect(headers).not.toHaveProperty("access-control-allow-credentials");
    }
    return conversation;
  };
  return {
    scene,
    heard,
    send,
    expectOutcomes(conversation, outcomes) {
      outcomes.forEach((outcome, nth) => {
        const answer = conversation.answers[nth] ?? NO_ANSWER;
        expectOutcome(answer, outcome);
        if (outcome !== "200 cookie") expect(answer.headers).not.toHaveProperty("set-cookie");
        if (outcome === "plain") expect(ownBytes(answer)).toEqual(ownBytes(plainAnswer));
      });
      const calls = outcomes.filter((outcome) => outcome === "plain" || outcome === "asked");
      expect(heard()).toEqual(calls.map(() => plainHead(scene.upstream.port)));
      expectInStep(conversation, outcomes.length);
    },
    expectPage(answer, city, { allowed, vary, fields, credentials }) {
      expect(answer.status, answer.body).toBe(200);
      const head = plainHead(scene.upstream.port).replace("city=Paris", `city=${city}`);
      expect(JSON.parse(decoded(answer))).toEqual(pageShown(cityPage(city, head), fields));
      expect(answer.headers).toEqual({
        ...FIELDS_OF_A_PAGE,
        ...(allowed === undefined ? {} : { "access-control-allow-origin": allowed, "access-control-expose-headers": EXPOSED }),
        ...(credentials === true ? { "access-control-allow-credentials": "true" } : {}),
        vary,
        "content-length": String(answer.body.length),
        ...(answer.headers["content-encoding"] === undefined ? {} : { "content-encoding": expect.stringMatching(/^(br|gzip)$/) as string }),
        ...(answer.headers["age"] === undefined ? {} : { age: expect.stringMatching(/^\d$/) as string }),
      });
    },
    async askTogether({ members, calls }, city) {
      const leaving: (() => void)[] = [];
      const conversations: Promise<Conversation | undefined>[] = [];
      for (const { bytes, gets } of members) {
        const text = bytes.replace("Held", city);
        if (gets === undefined) {
          leaving.push(await sendAndLeave(scene.proxy.port, text));
          conversations.push(Promise.resolve(undefined));
        } else conversations.push(send(text));
        await othersAreTaken();
      }
      await until(() => heard().length >= calls);
      for (const leave of leaving) leave();
      await othersAreTaken();
      partoo.release();
      return Promise.all(conversations);
    },
  };
}

/** What a member of a crowd gets is its own. */
export function expectShare(corpus: CorpusScene, conversation: Conversation | undefined, { gets }: Member, city: string): void {
  expect(conversation === undefined).toBe(gets === undefined);
  if (conversation === undefined || gets === undefined) return;
  const answer = conversation.answers[0] ?? NO_ANSWER;
  const { status, allowed, vary = "Accept-Encoding", coding, members, credentials } = gets;
  expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([status, allowed]);
  expect(answer.headers["content-encoding"]).toBe(coding);
  if (members !== undefined)
    corpus.expectPage(answer, city, { allowed, vary, fields: members, ...(credentials === undefined ? {} : { credentials }) });
  else if (status < 400) expect(answer.body).toBe("");
  expectInStep(conversation, 1);
}

/** Nothing but the answers that were due; after them the end, or the answer to the good question. */
export function expectInStep({ answers, rest, closed }: Conversation, due: number): void {
  expect(rest).toBe("");
  const after = answers.slice(due).map(({ status, headers }) => `${status} ${headers["content-length"]}`);
  expect(after).toEqual(closed ? [] : ["200 0"]);
}

/** Of an answer all that is not of its moment or its connection. */
export function ownBytes({ headers, body }: RawAnswer): readonly unknown[] {
  const momentary = { "x-request-id": "", date: "", connection: "", "keep-alive": "" };
  return [{ ...headers, ...momentary }, body];
}

/** Neither a secret nor what an attacker says of themselves. */
function expectNothingRepeated(text: string): void {
  for (const secret of SECRETS) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/evil|jndi|passwd|<script/i);
}

const EXPOSED = "Retry-After, RateLimit, RateLimit-Policy, ETag, Age, Cache-Status, X-Request-Id";
const FIELDS_OF_A_PAGE = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'",
  "referrer-policy": "no-referrer",
  "content-type": "application/json; charset=utf-8",
  "cache-control": expect.stringMatching(/^public, max-age=\d\d$/) as string,
  "cache-status": expect.stringMatching(/^partoo-bff; (fwd=miss; stored(; collapsed)?|hit; ttl=\d+)$/) as string,
  etag: expect.stringMatching(/^"[\w-]+"$/) as string,
  "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  date: expect.any(String) as string,
  connection: "keep-alive",
  "keep-alive": expect.any(String) as string,
};

function methodsOf(text: string, due: number): readonly string[] {
  if (due === 1) return [text.slice(0, text.indexOf(" "))];
  return [...text.matchAll(/^([A-Z]+) \/\S* HTTP/gm)].map(([, name = ""]) => name);
}

function decoded({ headers, body }: RawAnswer): string {
  const bytes = Buffer.from(body, "latin1");
  if (headers["content-encoding"] === "br") return brotliDecompressSync(bytes).toString();
  return (headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString();
}

type Page = { readonly businesses: readonly { readonly id: string; readonly name: string; readonly city: string }[] };

function pageShown(page: object, fields: After["fields"]): object {
  const { businesses, ...rest } = page as Page;
  return { ...rest, businesses: businesses.map(({ id, name, city }) => (fields === "all" ? { id, name, city } : { id, name })) };
}

async function sendAndLeave(port: number, text: string): Promise<() => void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(text);
  return () => socket.resetAndDestroy();
}
