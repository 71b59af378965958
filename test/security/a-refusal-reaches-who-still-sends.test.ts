/** An answer that is followed by a reset is often lost with it (RFC 9112 §9.6): what is still coming is read for a while. */
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { request } from "../support/raw-client.ts";
import { SEARCH, openScene } from "./scene.ts";

const scene = openScene();
const MEGABYTE = 1024 * 1024;
const fields = (bytes: number): readonly string[] => [`Content-Length: ${bytes}`];

/** Sends all of it before it reads anything, as simple clients do. @returns what came, and how the connection ended */
function sendThenRead(head: string, contentBytes: number): Promise<readonly [text: string, error: string | undefined]> {
  return new Promise((resolve) => {
    let text = "";
    let error: string | undefined;
    const socket = connect(scene.proxy.port, "127.0.0.1");
    socket.on("error", (fault: NodeJS.ErrnoException) => (error = fault.code));
    socket.on("close", () => resolve([text, error]));
    socket.write(head);
    socket.write(Buffer.alloc(contentBytes, "x"), () => {
      socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    });
  });
}

describe.each([
  ["a GET with content", "413", request(SEARCH, { fields: fields(MEGABYTE) }), MEGABYTE],
  ["a POST", "405", request(SEARCH, { method: "POST", fields: fields(MEGABYTE) }), MEGABYTE],
  ["a POST to nobody", "404", request("/nobody", { method: "POST", fields: fields(MEGABYTE) }), MEGABYTE],
  ["a webhook beyond its size", "404", request("/webhooks/partoo/acme", { method: "POST", fields: fields(8 * MEGABYTE) }), 8 * MEGABYTE],
  ["what is no HTTP", "400", "nonsense\r\n\r\n", MEGABYTE],
  ["CONNECT", "405", "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", MEGABYTE],
])("the answer to %s", (_name, status, head, bytes) => {
  test("arrives although it comes before the end of the content", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [text, error] = await sendThenRead(head, bytes);
      expect([text.slice(0, 12), text.endsWith("}"), error]).toEqual([`HTTP/1.1 ${status}`, true, undefined]);
    }
  });
});

test("who never stops sending is not read for ever", async () => {
  const ended = new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(scene.proxy.port, "127.0.0.1", () => socket.write(request(SEARCH, { method: "POST", fields: fields(1e9) })));
    const timer = setInterval(() => socket.write("x"), 20);
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(timer);
      resolve(text);
    });
  });
  expect(await ended).toMatch(/^HTTP\/1\.1 405/);
});
