/** Advisory class I: requests that a caller sends without waiting for an answer must not pile up in memory. */
import { connect } from "node:net";
import { expect, test } from "vitest";
import { request, sendRaw } from "../support/raw-client.ts";
import { SEARCH, openScene } from "./scene.ts";

const scene = openScene();

/** Sends for as long as it is read. @returns bytes taken until the proxy ended the connection */
function flood(first: string, repeated: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(scene.proxy.port, "127.0.0.1", () => socket.write(first, more));
    const more = (): void => {
      while (!socket.destroyed && socket.bytesWritten < 200_000_000 && socket.write(repeated));
    };
    socket.on("drain", more);
    socket.on("data", () => undefined);
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(socket.bytesWritten));
  });
}

test("behind an answer that takes its time, a connection that goes on asking is ended", async () => {
  scene.upstream.answer(() => undefined);
  const taken = await flood(request(SEARCH), request("/nobody").repeat(1000));
  expect(taken).toBeLessThan(20_000_000);
  expect(scene.upstream.requests.length).toBeLessThanOrEqual(1);
});

test("a few requests in a row are no flood", async () => {
  const { text } = await sendRaw(scene.proxy.port, [request("/nobody").repeat(30), request("/nobody", { fields: ["Connection: close"] })]);
  expect(text.match(/HTTP\/1\.1 404/g)).toHaveLength(31);
});
