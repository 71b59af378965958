import { describe, expect, test } from "vitest";
import type { Entry } from "./corpus/entry.ts";
import { sendRaw } from "../support/raw-client.ts";
import { CORPUS } from "./corpus.ts";
import { BAD_CHUNKS } from "./corpus/framing.ts";
import { SEARCH, countAnswers, expectOutcome, openScene, plainHead } from "./scene.ts";
import { request } from "../support/raw-client.ts";

const scene = openScene();

describe.each(Object.entries(CORPUS))("%s", (_part, entries) => {
  test.each(entries as Entry[])("%s", async (_name, bytes, outcome) => {
    const answer = await sendRaw(scene.proxy.port, bytes);
    const heard = scene.upstream.requests.map(({ head }) => head);
    expect(heard).toEqual(outcome === "plain" ? [plainHead(scene.upstream.port)] : []);
    expectOutcome(answer, outcome);
  });
});

test.each(BAD_CHUNKS)("a chunk of no size is never answered twice (%#)", async (bytes) => {
  const answer = await sendRaw(scene.proxy.port, bytes);
  expect([answer.status, countAnswers(answer), answer.closed]).toEqual([405, 1, true]);
  expect(scene.upstream.requests).toEqual([]);
});

test("there are at least 180 of them, no two alike", () => {
  const all = Object.values(CORPUS).flat();
  expect(new Set(all.map(([, bytes]) => String(bytes))).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(180);
});

test("after all of it the proxy serves as before", async () => {
  const answer = await sendRaw(scene.proxy.port, request(SEARCH));
  expect(answer.status).toBe(200);
});
