/** Each way in which a webhook can go wrong: what is shown stays right, nothing is told, no call is made, and the next webhook counts. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Store } from "../cache/partoo.ts";
import type { Scene } from "./scene.ts";
import { business, nameShown, pageOf, PERSON, store } from "../cache/partoo.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { signedScene, signer, webhook } from "./scene.ts";

const UPDATED = "business_updated";
const CANARY = "Canary name";
const MODIFIED = 1_790_000_000;

/** The store after so many edits. */
const edited = (times: number): Store => store(1, { name: `Edit ${times}`, modified: MODIFIED + times });

/** The store's page is held. */
async function scene(): Promise<Scene> {
  const where = await signedScene();
  expect(await nameShown(where.gateway, 1)).toBe("Acme 1");
  return where;
}

/** A body that nobody signed the right way. */
async function refusal({ post }: Scene, body: Buffer, signature: string): Promise<unknown> {
  const answer = await post(body, { "x-partoo-signature-v1": signature });
  return [answer.status, ((await answer.json()) as { code: string }).code];
}

/** @returns what the page shows; then a good webhook is sent, which counts. @param calls so far, that of the first page included */
async function nameThen({ gateway, partoo, tell }: Scene, calls = 1): Promise<unknown> {
  const name = await nameShown(gateway, 1);
  expect((await tell(UPDATED, edited(20_000))).status).toBe(200);
  expect(await nameShown(gateway, 1)).toBe("Edit 20000");
  expect(partoo.calls().length).toBeLessThanOrEqual(calls);
  expect(gateway.log.filter(({ level }) => level === "error")).toEqual([]);
  for (const word of [CANARY_KEY, PERSON, CANARY]) expect([word, JSON.stringify(gateway.log).includes(word)]).toEqual([word, false]);
  return name;
}

test("bad signature", async () => {
  const where = await scene();
  const body = webhook(UPDATED, { ...business(edited(1)), name: CANARY });
  const other = where.key.sign(webhook(UPDATED, business(edited(1))));
  for (const signature of [other, other.replace(/^./, (first) => (first === "A" ? "B" : "A")), "", "AAAA", `${other} `]) {
    expect(await refusal(where, body, signature)).toEqual([401, "webhook-signature"]);
  }
  expect(await nameThen(where)).toBe("Acme 1");
});

test("old key", async () => {
  const where = await scene();
  const body = webhook(UPDATED, { ...business(edited(1)), name: CANARY });
  expect(await refusal(where, body, signer().sign(body))).toEqual([401, "webhook-signature"]);
  expect(await nameThen(where)).toBe("Acme 1");
});

test("huge body", async () => {
  const where = await scene();
  const body = webhook(UPDATED, { ...business(edited(1)), name: CANARY.padEnd(50 * 1024 * 1024, "x") });
  const answer = await where.post(body, { "x-partoo-signature-v1": where.key.sign(body) }).catch(() => undefined);
  // The connection may be closed before all of it was sent.
  if (answer !== undefined) expect(answer.status).toBe(413);
  expect(where.gateway.counts().webhooks).toBe(0);
  expect(await nameThen(where)).toBe("Acme 1");
});

test("wrong JSON", async () => {
  const where = await scene();
  const bodies = [
    "",
    "{",
    "[]",
    "7",
    `{"type":"${UPDATED}"}`,
    `{"type":"${UPDATED}","payload":{"business":"${CANARY}"}}`,
    "\u0000",
    "[".repeat(100_000),
  ];
  for (const body of bodies.map((text) => Buffer.from(text))) {
    expect(await refusal(where, body, where.key.sign(body))).toEqual([400, "request-malformed"]);
  }
  expect(await nameThen(where)).toBe("Acme 1");
});

test("replayed", async () => {
  const where = await scene();
  const answers = await Promise.all(Array.from({ length: 20 }, () => where.tell(UPDATED, edited(1))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await where.tell(UPDATED, edited(1))).status).toBe(200);
  expect(await nameThen(where)).toBe("Edit 1");
});

test("late: it does not bring back what was, and is a reason to look again", async () => {
  const where = await scene();
  const { gateway, partoo, tell } = where;
  await tell(UPDATED, edited(2));
  expect((await tell(UPDATED, edited(1))).status).toBe(200);
  expect(partoo.calls()).toHaveLength(1);
  partoo.stores = [edited(3)];
  const answer = await gateway.get(pageOf(1));
  expect([await answer.json(), answer.headers.get("cache-status")]).toMatchObject([{ name: "Edit 2" }, "partoo-bff; hit; ttl=-1"]);
  await expect.poll(() => nameShown(gateway, 1)).toBe("Edit 3");
  expect(partoo.calls()).toHaveLength(2);
});

test("out of order: the newest is shown, in whichever order they come", async () => {
  const where = await scene();
  await Promise.all([3, 9, 5, 1, 7].map((times) => where.tell(UPDATED, edited(times))));
  expect(await nameShown(where.gateway, 1)).toBe("Edit 9");
  expect(where.gateway.log.filter(({ level }) => level === "error")).toEqual([]);
});

test("storm of what is older than what is held: no call for each", async () => {
  const { gateway, partoo, tell } = await scene();
  partoo.stores = [edited(9)];
  await tell(UPDATED, edited(9));
  for (let nth = 0; nth < 30; nth += 1) {
    await tell(UPDATED, edited(nth % 9));
    expect(await nameShown(gateway, 1)).toBe("Edit 9");
    await sleep(5);
  }
  expect(partoo.calls()).toHaveLength(2);
});

test("storm of 10,000", { timeout: 30_000 }, async () => {
  const where = await scene();
  const order = Array.from({ length: 10_000 }, (_, at) => 1 + ((at * 777) % 10_000));
  for (let at = 0; at < order.length; at += 50) {
    const burst = await Promise.all(order.slice(at, at + 50).map((times) => where.tell(UPDATED, edited(times))));
    expect(new Set(burst.map(({ status }) => status))).toEqual(new Set([200]));
  }
  where.partoo.stores = [edited(10_000)];
  // What is older than what is held is a reason to look again.
  expect(await nameThen(where, 2)).toBe("Edit 10000");
});
