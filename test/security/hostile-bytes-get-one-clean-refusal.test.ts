/** The corpus, row by row, against one proxy: the answer, what Partoo hears, and whether the connection is in step afterwards. */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import type { RawAnswer } from "../support/raw-client.ts";
import type { Entry, Pipeline } from "./corpus/entry.ts";
import type { Poisoning } from "./corpus/poisoning.ts";
import type { Together } from "./corpus/together.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { CORPUS, CROWDS, FIRST_CALLERS, FIRST_OF_OURS, PIPELINES } from "./corpus.ts";
import { BAD_CHUNKS } from "./corpus/framing.ts";
import { expectShare, openCorpus, ownBytes } from "./corpus-scene.ts";
import { SEARCH, countAnswers, expectOutcome, plainHead } from "./scene.ts";

const corpus = openCorpus();
const { scene, heard, send } = corpus;
let named = 100;
/** Of the same length each, and asked for by nobody yet. */
const newCity = (kind: "Cold" | "Held"): string => `${kind}-${(named += 1)}`;

describe.each(Object.entries(CORPUS))("%s", (_part, { rows }) => {
  test.each(rows as Entry[])("%s", async (_name, bytes, outcome) => {
    const conversation = await send(bytes);
    corpus.expectOutcomes(conversation, [outcome]);
    expect(conversation.answers.length).toBeLessThanOrEqual(2);
  });
});

describe("several requests on one connection", () => {
  test.each(PIPELINES.rows as Pipeline[])("%s", async (_name, bytes, outcomes, after) => {
    const conversation = await send(bytes, outcomes.length);
    corpus.expectOutcomes(conversation, outcomes);
    expect(conversation.closed ? "closed" : "in step").toBe(after);
  });
});

describe("who asks next gets the same as if nobody had asked with", () => {
  test.each(FIRST_CALLERS.rows as Poisoning[])("$name", async ({ bytes, outcome, after, refusal, calls }) => {
    const city = newCity("Cold");
    const first = (await send(bytes.replace("Cold", city).replace("%43old", city))).answers[0]!;
    if (outcome === "304") expect([first.status, first.body]).toEqual([304, ""]);
    else expectOutcome(first, outcome);
    expect(heard()).toHaveLength(outcome === "304" || outcome === "asked" ? 1 : 0);
    const next = (await send(after.bytes.replace("Cold", city))).answers[0]!;
    if (refusal === undefined) corpus.expectPage(next, city, after);
    else expectOutcome(next, refusal);
    expect(heard()).toHaveLength(calls);
  });
});

describe("what is made here is the same", () => {
  const controls = new Map<string, RawAnswer>();
  const lasting = (answer: RawAnswer): readonly unknown[] =>
    ownBytes({ ...answer, headers: { ...answer.headers, age: "", "cache-control": "", "cache-status": "" } });
  beforeAll(async () => {
    for (const [, , plain] of FIRST_OF_OURS.rows) controls.set(plain, (await send(plain)).answers[0]!);
  });
  test.each(FIRST_OF_OURS.rows as [string, string, string][])("%s", async (_name, first, plain) => {
    await send(first);
    const { answers } = await send(plain);
    expect(answers[0]!.status).toBe(200);
    expect(lasting(answers[0]!)).toEqual(lasting(controls.get(plain)!));
    expect(heard()).toEqual([]);
  });
});

describe("callers at once get each their own", () => {
  test.each(CROWDS.rows as Together[])("$name", async (together) => {
    const city = newCity("Held");
    const conversations = await corpus.askTogether(together, city);
    expect(heard()).toHaveLength(together.calls);
    together.members.forEach((member, nth) => expectShare(corpus, conversations[nth], member, city));
  });
});

test.each(BAD_CHUNKS)("a chunk of no size is never answered twice (%#)", async (bytes) => {
  const answer = await sendRaw(scene.proxy.port, bytes);
  expect([answer.status, countAnswers(answer), answer.closed]).toEqual([405, 1, true]);
  expect(heard()).toEqual([]);
});

test("there are at least 1,000 single requests and 200 of several, no two alike, each class with its reason", () => {
  const repeated = (list: readonly string[]): readonly string[] => list.filter((text, nth) => list.indexOf(text) !== nth);
  const singles = Object.entries(CORPUS).flatMap(([part, { rows }]) => rows.map(([name, bytes]) => [`${part} ${name}`, String(bytes)]));
  const several = [
    ...PIPELINES.rows.map(([name, bytes]) => [`pipeline ${name}`, bytes]),
    ...FIRST_CALLERS.rows.map(({ name, bytes, after }) => [`first ${name}`, `${bytes} ${JSON.stringify(after)}`]),
    ...FIRST_OF_OURS.rows.map(([name, first]) => [`first ${name}`, `first of ${name} ${first}`]),
    ...CROWDS.rows.map(({ name, members }) => [`crowd ${name}`, JSON.stringify(members)]),
  ];
  expect(repeated([...singles, ...several].map(([name = ""]) => name))).toEqual([]);
  expect(repeated([...singles, ...several].map(([, bytes = ""]) => bytes))).toEqual([]);
  expect(singles.length).toBeGreaterThanOrEqual(1000);
  expect(several.length).toBeGreaterThanOrEqual(200);
  for (const { why } of [...Object.values(CORPUS), PIPELINES, FIRST_CALLERS, FIRST_OF_OURS, CROWDS]) expect(why).toMatch(/^[A-Z].{40,}\.$/);
});

test("after all of it the proxy serves as before, and Partoo hears of nothing late", async () => {
  const answer = await sendRaw(scene.proxy.port, request(SEARCH));
  await sleep(50);
  expect([answer.status, heard()]).toEqual([200, [plainHead(scene.upstream.port)]]);
});
