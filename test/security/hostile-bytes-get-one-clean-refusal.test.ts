/** The corpus, row by row, against one proxy: the answer, what Partoo hears, and whether the connection is in step afterwards. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RawAnswer } from "../support/raw-client.ts";
import type { Conversation } from "../support/conversation.ts";
import type { Entry, Outcome, Pipeline } from "./corpus/entry.ts";
import { until } from "../support/cli.ts";
import { converse } from "../support/conversation.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { CORPUS, PIPELINES } from "./corpus.ts";
import { BAD_CHUNKS } from "./corpus/framing.ts";
import { SECRETS, SETTING, SPENT_ADDRESS, corpusPartoo } from "./corpus/setting.ts";
import { SEARCH, countAnswers, expectOutcome, openScene, plainHead } from "./scene.ts";

const partoo = corpusPartoo();
const scene = openScene(SETTING, partoo.script);
let plainAnswer: RawAnswer;

beforeAll(async () => {
  await until(async () => (await sendRaw(scene.proxy.port, request("/directory/stores"))).status === 200);
  const spend = request("/once/v2/business/search?city=Paris", { fields: [`X-Forwarded-For: ${SPENT_ADDRESS}`] });
  expect((await sendRaw(scene.proxy.port, spend)).status).toBe(200);
  plainAnswer = await sendRaw(scene.proxy.port, request(SEARCH));
  expect(plainAnswer.status).toBe(200);
});

let said = "";
beforeEach(() => {
  said = "";
});
afterEach(() => {
  for (const secret of SECRETS) expect(said).not.toContain(secret);
  expect(said).not.toMatch(/\r\n(set-cookie|access-control-allow-credentials):/i);
});

/** Those of the connection are its own affair. */
function ownFields({ headers }: RawAnswer): object {
  return { ...headers, "x-request-id": "", date: "", connection: "", "keep-alive": "" };
}

function heard(): readonly string[] {
  return scene.upstream.requests.map(({ head }) => head);
}

async function send(bytes: string | readonly string[], due = 1): Promise<Conversation> {
  const text = typeof bytes === "string" ? bytes : bytes.join("");
  const methods =
    due === 1 ? [text.slice(0, text.indexOf(" "))] : [...text.matchAll(/^([A-Z]+) \/\S* HTTP/gm)].map(([, name = ""]) => name);
  const conversation = await converse(scene.proxy.port, bytes, { due, methods });
  said = conversation.answers.map((answer) => answer.text).join("");
  return conversation;
}

function expectAll({ answers, rest, closed }: Conversation, outcomes: readonly Outcome[]): void {
  outcomes.forEach((outcome, nth) => {
    const answer = answers[nth] ?? { status: 0, headers: {}, body: "", text: "", closed };
    expectOutcome(answer, outcome);
    if (outcome === "plain") expect([ownFields(answer), answer.body]).toEqual([ownFields(plainAnswer), plainAnswer.body]);
  });
  const calls = outcomes.filter((outcome) => outcome === "plain" || outcome === "asked");
  expect(heard()).toEqual(calls.map(() => plainHead(scene.upstream.port)));
  expect(rest).toBe("");
  const after = answers.slice(outcomes.length).map(({ status, headers }) => `${status} ${headers["content-length"]}`);
  expect(after).toEqual(closed ? [] : ["200 0"]);
}

describe.each(Object.entries(CORPUS))("%s", (_part, { rows }) => {
  test.each(rows as Entry[])("%s", async (_name, bytes, outcome) => {
    expectAll(await send(bytes), [outcome]);
  });
});

describe("several requests on one connection", () => {
  test.each(PIPELINES.rows as Pipeline[])("%s", async (_name, bytes, outcomes, after) => {
    const conversation = await send(bytes, outcomes.length);
    expectAll(conversation, outcomes);
    expect(conversation.closed ? "closed" : "in step").toBe(after);
  });
});

test.each(BAD_CHUNKS)("a chunk of no size is never answered twice (%#)", async (bytes) => {
  const answer = await sendRaw(scene.proxy.port, bytes);
  expect([answer.status, countAnswers(answer), answer.closed]).toEqual([405, 1, true]);
  expect(scene.upstream.requests).toEqual([]);
});

const repeated = (list: readonly string[]): readonly string[] => list.filter((text, nth) => list.indexOf(text) !== nth);

test("there are at least 300 of them, no two alike", () => {
  const all = [...Object.values(CORPUS).flatMap(({ rows }) => rows), ...PIPELINES.rows];
  const named = Object.entries({ ...CORPUS, pipelines: PIPELINES }).flatMap(([part, { rows }]) => rows.map(([name]) => `${part} ${name}`));
  expect(repeated(named)).toEqual([]);
  expect(repeated(all.map(([, bytes]) => String(bytes)))).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(300);
});

test("after all of it the proxy serves as before, and Partoo hears of nothing late", async () => {
  const answer = await sendRaw(scene.proxy.port, request(SEARCH));
  await sleep(50);
  expect([answer.status, heard()]).toEqual([200, [plainHead(scene.upstream.port)]]);
});
