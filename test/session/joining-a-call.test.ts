/** on-miss: a call is made for a session; who waits beside it reads its answer, and nobody without one makes a call or holds one up. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, mint } from "./served.ts";

const SEARCH = "/store-locator/v2/business/search?city=Paris";

async function scene() {
  const asked = Promise.withResolvers<() => void>();
  const upstream = await startRecordingUpstream((_request, socket) => {
    asked.resolve(() => socket.write(EMPTY_PAGE));
    return undefined;
  });
  const gateway = await startGateway({ upstream: upstream.url, frontends: { "store-locator": `${FRONTEND_YAML}session: on-miss\n` } });
  onTestFinished(async () => {
    await gateway.close();
    await upstream.close();
  });
  const { cookie } = await mint(gateway.url);
  const ask = async (fields: Readonly<Record<string, string>> = {}, signal = new AbortController().signal): Promise<number> => {
    const answer = await gateway.get(SEARCH, { headers: { origin: ORIGIN, ...fields }, signal });
    await answer.arrayBuffer();
    return answer.status;
  };
  return { ask, cookie, calls: () => upstream.requests.length, called: asked.promise };
}

test("a hundred without a session, some with a forged one, before and beside one with a session: one call, and all is settled", async () => {
  const { ask, cookie, calls, called } = await scene();
  const forged = { cookie: `${cookie.slice(0, -43)}${"A".repeat(43)}` };
  const before = Array.from({ length: 50 }, (_, nth) => ask(nth % 2 === 0 ? {} : forged));
  const paying = ask({ cookie });
  const beside = Array.from({ length: 50 }, (_, nth) => ask(nth % 2 === 0 ? {} : forged));
  const answer = await called;
  const late = ask();
  setTimeout(answer, 50);
  expect([await paying, await late, calls()]).toEqual([200, 200, 1]);
  expect(new Set(await Promise.all([...before, ...beside])).difference(new Set([200, 401]))).toEqual(new Set());
});

test("without anybody who has a session there is no call, and each is told so", async () => {
  const { ask, calls } = await scene();
  expect(new Set(await Promise.all(Array.from({ length: 100 }, () => ask())))).toEqual(new Set([401]));
  expect(calls()).toBe(0);
});

test("who paid and left leaves the answer to who waits beside it", async () => {
  const { ask, cookie, calls, called } = await scene();
  const leaving = new AbortController();
  const paying = ask({ cookie }, leaving.signal).catch(() => 0);
  const answer = await called;
  const beside = ask();
  await sleep(50);
  leaving.abort();
  expect(await paying).toBe(0);
  answer();
  expect([await beside, calls()]).toEqual([200, 1]);
});
