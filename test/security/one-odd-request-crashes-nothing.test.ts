import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "node:net";
import type { ServerProcess } from "../support/cli.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { startServerProcess } from "../support/cli.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, SEARCH } from "./scene.ts";

let upstream: RecordingUpstream;
let server: ServerProcess;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  server = await startServerProcess({ upstream: upstream.url });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

/** Sends and resets the connection at once, so that the server's answer meets an error. */
function sendAndReset(bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(bytes, () => socket.resetAndDestroy());
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });
}

async function expectAlive(): Promise<void> {
  upstream.answer(() => json(EMPTY_PAGE));
  const answer = await sendRaw(server.port, request(SEARCH));
  expect([answer.status, server.printed()]).toEqual([200, expect.stringMatching(/^partoo-bff serves [^\n]*\n$/)]);
}

describe("a caller who resets the connection", () => {
  test.each([
    ["after CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: proxy.example\r\n\r\n"],
    ["after an upgrade", request(SEARCH, { fields: ["Connection: Upgrade", "Upgrade: websocket"] })],
    ["after what is no HTTP", "\x16\x03\x01\r\n\r\n"],
    ["after an ordinary request", request(SEARCH)],
    ["after half a body", request(SEARCH, { method: "POST", fields: ["Content-Length: 1000000"] })],
    ["after Expect", request(SEARCH, { method: "POST", fields: ["Expect: 100-continue", "Content-Length: 5"] })],
  ])("%s", async (_name, bytes) => {
    for (let round = 0; round < 30; round += 1) await sendAndReset(bytes);
    await expectAlive();
  });
});
