/** Every way in which Partoo may fail, end to end: with nothing stored, and with a stored response that is due. */
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Socket } from "node:net";
import type { Partoo } from "../cache/partoo.ts";
import type { Script } from "../support/recording-upstream.ts";
import type { TestGateway } from "../support/gateway.ts";
import { gatewayFor, pageOf, startPartoo, store } from "../cache/partoo.ts";
import { until } from "../support/cli.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { drip, head } from "./scene.ts";

/** For Partoo's whole answer; longer than the second that a visitor waits for a refresh. */
const DEADLINE_MS = 1200;
/** Ten minutes fresh; from twice that on a visitor waits for the refresh. */
const DUE_SECONDS = 2 * 600 + 1;
/** After a failed refresh the next one is tried. */
const RETRY_SECONDS = 6;

/** What comes of Partoo while it fails. */
const STORE = JSON.stringify({ id: store(1).id, name: "Never to be seen" });

interface Fault {
  readonly name: string;
  /** undefined: nobody listens. */
  readonly script: Script | undefined;
  /** With nothing stored: status, code and Retry-After of the answer. */
  readonly answer: readonly [number, string, string | null];
  /** The most requests that one visit may cost. */
  readonly requests: number;
  /** When Partoo may be asked again. */
  readonly pauseSeconds?: number;
}

const FAILED = { answer: [502, "upstream-failed", null], requests: 1 } as const;
const TIMED_OUT = { answer: [504, "upstream-timeout", null], requests: 1 } as const;

const FAULTS: readonly Fault[] = [
  { name: "refuses connections", script: undefined, ...FAILED, requests: 2 },
  { name: "hangs", script: () => undefined, ...TIMED_OUT },
  {
    name: "resets mid-body",
    script: (_request, socket) => {
      socket.write(head(`content-length: ${STORE.length}`) + STORE.slice(0, 20));
      setTimeout(() => socket.resetAndDestroy(), 20);
      return undefined;
    },
    ...FAILED,
  },
  {
    name: "drips one byte at a time",
    script: (_request, socket) => drip(socket, head(`content-length: ${STORE.length}`) + STORE, 20),
    ...TIMED_OUT,
  },
  {
    name: "says a Content-Length that is too long, and closes",
    script: (_request, socket) => void socket.end(head(`content-length: ${STORE.length + 10}`) + STORE),
    ...FAILED,
  },
  {
    name: "says a Content-Length that is too long, and waits",
    script: () => head(`content-length: ${STORE.length + 10}`) + STORE,
    ...TIMED_OUT,
  },
  { name: "says a Content-Length that is too short", script: () => head(`content-length: ${STORE.length - 10}`) + STORE, ...FAILED },
  { name: "200 with HTML", script: () => storableJson("<!doctype html><title>Maintenance</title>"), ...FAILED },
  { name: "truncated gzip", script: () => cutGzip(), ...FAILED },
  { name: "50 MB", script: (_request, socket) => pour(socket, 50_000_000), ...FAILED },
  { name: "429 without Retry-After", script: tooMany(() => undefined), ...limited(60) },
  { name: "429 with a date", script: tooMany(() => new Date(Date.now() + 30_000).toUTCString()), ...limited(30) },
  { name: "429 with a year", script: tooMany(() => "31536000"), ...limited(300) },
  ...[301, 302, 303, 307, 308].map((status) => ({
    name: `${status} to another host`,
    script: (): string => storableJson(STORE, { status, headers: { location: "http://127.0.0.1:1/v2/api_keys" } }),
    ...FAILED,
  })),
  { name: "999", script: () => storableJson(STORE, { status: 999 }), ...FAILED },
];

describe("with nothing stored: an answer that says so, and the right one as soon as Partoo is well", () => {
  test.each(FAULTS)("$name", async (fault) => {
    const { partoo, gateway } = await scene();
    const mended = await begin(fault, partoo);

    const answer = await gateway.get(pageOf(1));
    const text = await answer.text();
    expect([answer.status, (JSON.parse(text) as { code: string }).code, answer.headers.get("retry-after")]).toEqual(fault.answer);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expectNoKey(gateway, text);
    expect(gateway.counts().calls).toBeLessThanOrEqual(fault.requests);

    await mended();
    pass(fault.pauseSeconds ?? 0);
    expect(await seen(gateway)).toEqual([200, "Acme 1"]);
  });
});

describe("with a stored response: it is used, and the new one as soon as Partoo is well", () => {
  test.each(FAULTS)("$name", async (fault) => {
    const { partoo, gateway } = await scene();
    expect(await seen(gateway)).toEqual([200, "Acme 1"]);
    const whole = await (await gateway.get(pageOf(1))).text();
    partoo.stores = [store(1, { name: "Renamed", modified: 1_790_000_999 })];
    const mended = await begin(fault, partoo);
    pass(DUE_SECONDS);

    const answer = await gateway.get(pageOf(1));
    expect([answer.status, answer.headers.get("age"), await answer.text()]).toEqual([200, String(DUE_SECONDS), whole]);
    await until(() => gateway.counts().refreshes_failed === 1);
    expectNoKey(gateway, whole);
    expect(gateway.counts().calls).toBeLessThanOrEqual(1 + fault.requests);

    await mended();
    pass(Math.max(RETRY_SECONDS, fault.pauseSeconds ?? 0));
    await until(async () => (await seen(gateway))[1] === "Renamed");
  });
});

/** Both clocks stand still, and `pass()` moves them; timers run on. */
async function scene(): Promise<{ readonly partoo: Partoo; readonly gateway: TestGateway }> {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const partoo = await startPartoo([store(1)]);
  return { partoo, gateway: await gatewayFor(partoo, { deadlineMs: DEADLINE_MS }) };
}

function pass(seconds: number): void {
  vi.advanceTimersByTime(seconds * 1000);
}

/** @returns what mends it */
async function begin({ script }: Fault, partoo: Partoo): Promise<() => Promise<void>> {
  if (script === undefined) await partoo.close();
  else partoo.fails(script);
  return async () => (script === undefined ? partoo.reopen() : partoo.works());
}

/** Status and the store's name. */
async function seen(gateway: TestGateway): Promise<readonly unknown[]> {
  const answer = await gateway.get(pageOf(1));
  return [answer.status, ((await answer.json()) as { name?: unknown }).name];
}

function expectNoKey({ log }: TestGateway, text: string): void {
  expect(text + JSON.stringify(log)).not.toContain(CANARY_KEY);
}

function limited(seconds: number): Pick<Fault, "answer" | "requests" | "pauseSeconds"> {
  return { answer: [503, "quota-exhausted", String(seconds)], requests: 1, pauseSeconds: seconds };
}

function tooMany(retryAfter: () => string | undefined): Script {
  return () => {
    const field = retryAfter();
    return storableJson({ error: { json: "x" } }, { status: 429, headers: field === undefined ? {} : { "retry-after": field } });
  };
}

function cutGzip(): Buffer {
  const bytes = gzipSync(STORE).subarray(0, 20);
  return Buffer.concat([Buffer.from(head(`content-encoding: gzip\r\ncontent-length: ${bytes.length}`)), bytes]);
}

function pour(socket: Socket, length: number): undefined {
  socket.write(head(`content-length: ${length}`));
  socket.write(Buffer.alloc(length, 0x20));
}
