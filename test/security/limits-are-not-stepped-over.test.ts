/** Advisory class H: limits that some other form of the same request steps over. */
import { describe, expect, test } from "vitest";
import { connect } from "node:net";
import { request, sendRaw } from "../support/raw-client.ts";
import { openScene } from "./scene.ts";

const frontend = (limits: string): string => `key: locator-read\norigins: [https://stores.acme.example]\nlimits: ${limits}\n`;
const NAMES = ["a", "b", "c", "d", "e"] as const;
const scene = openScene({
  frontends: {
    ...Object.fromEntries(NAMES.map((name) => [`requests-${name}`, frontend("{ requests: 5/min, misses: 100000/min }")])),
    ...Object.fromEntries(NAMES.map((name) => [`misses-${name}`, frontend("{ requests: 100000/min, misses: 5/min }")])),
  },
});

const ID = "5f3c8f1de1b2a30001a1b2c3";
const FORMS = [
  "search?city=Paris",
  "%73earch?city=Paris",
  "search?c%69ty=Paris",
  "search?city=Paris&&",
  ID,
  "c-1",
  "search?page=2",
  "search?per_page=9",
];
const passed = (statuses: readonly number[]): number => statuses.filter((status) => status === 200).length;

describe.each(["requests", "misses"])("%s per address", (limit) => {
  test("counts requests at once as it counts them in turn", async () => {
    const target = (nth: number): string => `/${limit}-a/v2/business/search?city=Paris-${nth}`;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, nth) => sendRaw(scene.proxy.port, request(target(nth)))));
    const statuses = answers.map(({ status }) => status);
    expect([passed(statuses), statuses.filter((status) => status === 429).length, scene.upstream.requests.length]).toEqual([5, 35, 5]);
  });

  test("counts every form of path, query and method together", async () => {
    const statuses: number[] = [];
    for (const [nth, form] of FORMS.entries()) {
      const answer = await sendRaw(
        scene.proxy.port,
        request(`/${limit}-b/v2/business/${form}`, { method: nth % 2 === 0 ? "GET" : "HEAD" }),
        100,
      );
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  });

  test("counts pipelined requests of one connection", async () => {
    const one = request(`/${limit}-c/v2/business/search?city=Paris`);
    const text = await readUntil(one.repeat(8), 8);
    expect(text.match(/HTTP\/1\.1 \d{3}/g)?.map((line) => line.slice(9))).toEqual(["200", "200", "200", "200", "200", "429", "429", "429"]);
    expect(scene.upstream.requests).toHaveLength(5);
  });

  test("is not given back by a condition, a coding or a demand for freshness", async () => {
    const fields = [
      "If-None-Match: *",
      "Cache-Control: no-cache",
      "Accept-Encoding: br",
      "Range: bytes=0-0",
      "Pragma: no-cache",
      "TE: trailers",
      "Via: x",
    ];
    const statuses: number[] = [];
    for (const line of fields)
      statuses.push(
        (await sendRaw(scene.proxy.port, request(`/${limit}-d/v2/business/search?city=Paris`, { fields: [line] }), 100)).status,
      );
    expect(statuses).toEqual([304, 200, 200, 200, 200, 429, 429]);
  });

  test("says when to come back, in bounds, and is not stored", async () => {
    const target = `/${limit}-e/v2/business/search`;
    for (let nth = 0; nth < 5; nth += 1) await sendRaw(scene.proxy.port, request(target));
    const { status, headers, body } = await sendRaw(scene.proxy.port, request(target));
    expect([status, JSON.parse(body).code, headers["cache-control"], headers["ratelimit-policy"]]).toEqual([
      429,
      "rate-limited",
      "no-store",
      `"${limit}";q=5;w=60`,
    ]);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
  });
});

/** All that comes until so many answers have begun and the last one is whole, or the connection ends. */
function readUntil(bytes: string, answers: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(scene.proxy.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if ((text.match(/HTTP\/1\.1 \d{3}/g)?.length ?? 0) >= answers && text.endsWith("}")) socket.destroy();
    });
    socket.on("close", () => resolve(text));
  });
}
