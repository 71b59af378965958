/** Slow heads and bodies: the bounds are ten and fifteen seconds, so these wait side by side. */
import { connect } from "node:net";
import { expect, test } from "vitest";
import { request, sendRaw } from "../support/raw-client.ts";
import { SEARCH, openScene } from "./scene.ts";

const scene = openScene();
const HEAD = `GET ${SEARCH} HTTP/1.1\r\nHost: proxy.example\r\n`;

/** Sends the first bytes, then a byte now and then, until the proxy ends it. @returns everything that came back */
function trickle(first: string, drop: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(scene.proxy.port, "127.0.0.1", () => socket.write(first));
    const timer = setInterval(() => drop !== "" && socket.write(drop), 500);
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(timer);
      resolve(text);
    });
  });
}

test("a head that does not end ends the connection, and Partoo hears nothing", async () => {
  const texts = await Promise.all([
    trickle("", ""),
    trickle("G", ""),
    trickle("GET /", "a"),
    trickle(HEAD, ""),
    trickle(HEAD, "x: 1\r\n"),
    trickle(`${HEAD}x: `, "a"),
    trickle(`GET ${SEARCH}\r\n`, ""),
    trickle("\r\n", "\r\n"),
    ...Array.from({ length: 100 }, () => trickle(HEAD, "x: 1\r\n")),
  ]);
  expect(texts.filter((text) => text !== "")).toEqual([]);
  expect(scene.upstream.requests).toEqual([]);
  expect((await sendRaw(scene.proxy.port, request(SEARCH))).status).toBe(200);
}, 25_000);

test("a body that does not end is answered at once and not waited for", async () => {
  const slow = request(SEARCH, { method: "POST", fields: ["Content-Length: 1000000"] });
  const texts = await Promise.all([
    trickle(`${slow}x`, "x"),
    trickle(slow, ""),
    trickle(request("/nobody", { method: "POST", fields: ["Transfer-Encoding: chunked"] }), "1\r\nx\r\n"),
  ]);
  expect(texts.map((text) => text.match(/HTTP\/1\.1 \d{3}/g))).toEqual([["HTTP/1.1 405"], ["HTTP/1.1 405"], ["HTTP/1.1 404"]]);
  expect(scene.upstream.requests).toEqual([]);
}, 25_000);
