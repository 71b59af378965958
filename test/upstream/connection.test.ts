import { describe, expect, test } from "vitest";
import type { Script } from "../support/recording-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { freePort } from "../support/redis.ts";
import { drip, head, openScene } from "./scene.ts";

const PAGE = JSON.stringify({ page: 1, max_page: 1, count: 0, businesses: [] });
/** Shorter than the operator's 10 s, long enough for a busy machine to answer in. */
const DEADLINE_MS = 1500;

const scene = openScene({ deadlineMs: DEADLINE_MS });

async function outcome(answer: Response): Promise<readonly unknown[]> {
  const text = await answer.text();
  expect(text + JSON.stringify(scene.gateway.log)).not.toContain(CANARY_KEY);
  const { code, layer } = JSON.parse(text) as { code?: string; layer?: string };
  return [answer.status, code, layer];
}

async function outcomeOf(script: Script): Promise<readonly unknown[]> {
  scene.upstream.answer(script);
  return outcome(await scene.gateway.get());
}

const FAILED = [502, "upstream-failed", "upstream"];
const TIMED_OUT = [504, "upstream-timeout", "upstream"];

describe("a connection that fails", () => {
  test("refused: upstream-failed", async () => {
    const dead = await startGateway({ upstream: `http://127.0.0.1:${await freePort()}/v2` });
    expect(await outcome(await dead.get())).toEqual(FAILED);
    expect(dead.log).toMatchObject([{ status: 502, code: "upstream-failed", error_code: "ECONNREFUSED" }]);
    await dead.close();
  });

  test("reset in the middle of the body: upstream-failed, and no second request", async () => {
    expect(
      await outcomeOf((_request, socket) => {
        socket.write(head(`content-length: ${PAGE.length}`) + PAGE.slice(0, 20));
        setTimeout(() => socket.resetAndDestroy(), 20);
        return undefined;
      }),
    ).toEqual(FAILED);
    expect(scene.upstream.requests).toHaveLength(1);
  });

  test("closed in the middle of the header section: upstream-failed", async () => {
    expect(await outcomeOf((_request, socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-ty"))).toEqual(FAILED);
  });

  test("bytes that are not HTTP: upstream-failed, and no second request", async () => {
    expect(await outcomeOf((_request, socket) => void socket.end("220 mail.example ESMTP\r\n"))).toEqual(FAILED);
    expect(scene.upstream.requests).toHaveLength(1);
  });
});

describe("an answer that does not come to its end in time", () => {
  test("nothing at all: upstream-timeout, and the connection is closed", async () => {
    const closed = Promise.withResolvers<void>();
    expect(await outcomeOf((_request, socket) => void socket.once("close", () => closed.resolve()))).toEqual(TIMED_OUT);
    await closed.promise;
    expect(scene.upstream.requests).toHaveLength(1);
  });

  test("a header section byte by byte: upstream-timeout", async () => {
    expect(await outcomeOf((_request, socket) => drip(socket, "HTTP/1.1 200 OK\r\nx-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaa", 40))).toEqual(
      TIMED_OUT,
    );
  });

  test("a body byte by byte, each well within any idle time: upstream-timeout", async () => {
    expect(
      await outcomeOf((_request, socket) => {
        socket.write(head("content-length: 100000"));
        drip(socket, " ", 20);
        return undefined;
      }),
    ).toEqual(TIMED_OUT);
  });

  test("chunks without a last one: upstream-timeout", async () => {
    expect(
      await outcomeOf((_request, socket) => {
        socket.write(head("transfer-encoding: chunked"));
        drip(socket, "1\r\n \r\n", 5);
        return undefined;
      }),
    ).toEqual(TIMED_OUT);
  });
});

describe("an answer whose length is a lie", () => {
  test("Content-Length beyond the bytes, then closed: upstream-failed, nothing half is relayed", async () => {
    expect(await outcomeOf((_request, socket) => void socket.end(head(`content-length: ${PAGE.length + 10}`) + PAGE))).toEqual(FAILED);
  });

  test("Content-Length short of the JSON: upstream-failed", async () => {
    expect(await outcomeOf(() => head(`content-length: ${PAGE.length - 10}`) + PAGE)).toEqual(FAILED);
  });

  test("bytes after a whole answer belong to nobody: the next request gets its own answer", async () => {
    scene.upstream.answer((_request, _socket, nth) => {
      const own = JSON.stringify({ page: nth, max_page: 9, count: 0, businesses: [] });
      const smuggled = head("content-length: 14") + '{"page": 6666}';
      return head(`content-length: ${own.length}`) + own + smuggled;
    });
    for (const page of [1, 2]) expect(await (await scene.gateway.get()).json()).toMatchObject({ page });
  });

  test("two different Content-Lengths: upstream-failed", async () => {
    expect(await outcomeOf(() => head(`content-length: ${PAGE.length}\r\ncontent-length: 5`) + PAGE)).toEqual(FAILED);
  });

  test("Content-Length beside Transfer-Encoding: upstream-failed", async () => {
    expect(await outcomeOf(() => head("content-length: 5\r\ntransfer-encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n")).toEqual(FAILED);
  });

  test("a broken chunk size: upstream-failed", async () => {
    expect(await outcomeOf(() => `${head("transfer-encoding: chunked")}zz\r\n{}\r\n0\r\n\r\n`)).toEqual(FAILED);
  });
});
