import { describe, expect, test } from "vitest";
import type { Entry } from "./corpus/entry.ts";
import { sendRaw } from "../support/raw-client.ts";
import { CORPUS } from "./corpus.ts";
import { BAD_CHUNKS } from "./corpus/framing.ts";
import { SEARCH, countAnswers, expectCleanAnswer, expectProblem, openScene, plainHead } from "./scene.ts";
import { request } from "../support/raw-client.ts";

const scene = openScene();

describe.each(Object.entries(CORPUS))("%s", (_part, entries) => {
  test.each(entries as Entry[])("%s", async (_name, bytes, outcome) => {
    const answer = await sendRaw(scene.proxy.port, bytes);
    const heard = scene.upstream.requests.map(({ head }) => head);
    expect(heard).toEqual(outcome === "plain" ? [plainHead(scene.upstream.port)] : []);
    if (outcome === "closed") {
      expect([answer.text, answer.closed]).toEqual(["", true]);
    } else if (outcome === "plain") {
      expect(answer.status).toBe(200);
      expectCleanAnswer(answer);
    } else if (outcome === "204 preflight") {
      expect(answer.status).toBe(204);
      expectCleanAnswer(answer);
    } else {
      const [status, code] = outcome.split(" ") as [string, string];
      expectProblem(answer, Number(status), code);
    }
  });
});

test.each(BAD_CHUNKS)("a chunk of no size is never answered twice (%#)", async (bytes) => {
  const answer = await sendRaw(scene.proxy.port, bytes);
  expect(countAnswers(answer)).toBeLessThanOrEqual(1);
  expect([0, 400, 405]).toContain(answer.status);
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
