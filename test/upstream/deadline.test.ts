import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { pino } from "pino";
import { parseUpstreamBase } from "../../src/environment.ts";
import { openKeyRing } from "../../src/keys.ts";
import { createUpstream } from "../../src/upstream/upstream.ts";
import type { RouteMatch } from "../../src/request/match.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import type { Script } from "../support/recording-upstream.ts";
import { CANARY_KEY } from "../support/proxy.ts";

const MATCH = { target: "/business/search?page=1" } as RouteMatch;

async function open(script: Script, deadlineMs: number): Promise<Upstream> {
  const server = await startRecordingUpstream(script);
  const base = parseUpstreamBase(server.url);
  const env = { PARTOO_KEY_LOCATOR_READ: CANARY_KEY };
  const logger = pino({ level: "silent" });
  const { keys } = openKeyRing(["locator-read"], env, { origin: base.origin, logger });
  const upstream = createUpstream({ base, keys, logger, deadlineMs });
  onTestFinished(async () => {
    await upstream.close();
    keys.close();
    await server.close();
  });
  return upstream;
}

const send = (upstream: Upstream, admitMs: number): Promise<unknown> =>
  upstream.send(MATCH, "locator-read", { waiting: new AbortController().signal, admit: () => sleep(admitMs) });

test("waiting to be admitted takes nothing from Partoo's time to answer", async () => {
  const upstream = await open(() => json({}), 300);
  expect(await send(upstream, 600)).toMatchObject({ status: 200 });
});

test("and gives Partoo no more of it", async () => {
  const upstream = await open(() => undefined, 300);
  const began = performance.now();
  await expect(send(upstream, 400)).rejects.toMatchObject({ code: "upstream-timeout" });
  expect(performance.now() - began).toBeGreaterThanOrEqual(690);
});

test("a caller who leaves while the call waits to be admitted is told so at once", async () => {
  const upstream = await open(() => json({}), 300);
  const leaving = new AbortController();
  const sending = upstream.send(MATCH, "locator-read", {
    waiting: leaving.signal,
    admit: (signal) => sleep(5000, undefined, { signal }).catch(() => signal.throwIfAborted()),
  });
  const gone = new Error("gone");
  setTimeout(() => leaving.abort(gone), 20);
  await expect(sending).rejects.toMatchObject({ code: "upstream-failed", cause: gone });
});
