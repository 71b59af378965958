/** Health is asked for in the same HTTP as everything else: what is refused there is refused here. */
import { expect, test } from "vitest";
import { request, sendRaw } from "../support/raw-client.ts";
import { expectOutcome, openScene } from "./scene.ts";

const scene = openScene();

test.each(
  ["/healthz", "/readyz"].flatMap((path) => [
    [`two Hosts at ${path}`, request(path, { fields: ["Host: proxy.example"] }), "400 request-malformed"] as const,
    [`no Host at ${path}`, `GET ${path} HTTP/1.1\r\n\r\n`, "400 request-malformed"] as const,
    [`HTTP/2.0 at ${path}`, request(path).replace("HTTP/1.1", "HTTP/2.0"), "400 request-malformed"] as const,
    [`an unknown Expect at ${path}`, request(path, { fields: ["Expect: 200-ok"] }), "400 request-malformed"] as const,
    [`a query of 9 KB at ${path}`, request(`${path}?${"a".repeat(9000)}`), "414 target-too-long"] as const,
    [`101 fields at ${path}`, request(path, { fields: Array.from({ length: 101 }, () => "A: b") }), "431 headers-too-large"] as const,
    [`content at ${path}`, `${request(path, { fields: ["Content-Length: 5"] })}hello`, "413 body-too-large"] as const,
    [`chunks at ${path}`, `${request(path, { fields: ["Transfer-Encoding: chunked"] })}0\r\n\r\n`, "413 body-too-large"] as const,
  ]),
)("%s is refused", async (_name, bytes, outcome) => {
  const answer = await sendRaw(scene.proxy.port, bytes);
  expect(answer.status).toBe(Number(outcome.slice(0, 3)));
  expectOutcome(answer, outcome);
});

test.each(["/healthz?x", "/readyz?deep=1"])("%s is the same question", async (target) => {
  expect((await sendRaw(scene.proxy.port, request(target))).status).toBe(200);
});

test("a Host in any valid spelling will do", async () => {
  for (const host of ["[0:0:0:0:0:0:0:1]", "a:", "%41"]) {
    expect((await sendRaw(scene.proxy.port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status).toBe(200);
  }
});
