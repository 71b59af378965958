/** Advisory class G: answers that go to somebody else, on pooled connections upstream and pipelined ones downstream. */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RecordedRequest, RecordingUpstream, Script } from "../support/recording-upstream.ts";
import type { TestGateway } from "../support/gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

let upstream: RecordingUpstream;
let gateway: TestGateway;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  gateway = await startGateway({ upstream: upstream.url, deadlineMs: 1500 });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
  upstream.answer((asked) => pageFor(cityOf(asked)));
});

const cityOf = ({ target }: RecordedRequest): string => new URL(target, "http://x").searchParams.get("city") ?? "";
const bodyFor = (city: string): string => JSON.stringify({ page: 1, businesses: [{ city }] });
const pageFor = (city: string): string => json(bodyFor(city));
const lengthOf = (city: string): number => Buffer.byteLength(bodyFor(city));

let named = 0;
/** Cities that nobody has asked for, so that each is a call. */
const newCities = (count: number): readonly string[] => Array.from({ length: count }, () => `City-${(named += 1)}`);

/** Asks for stores of a city. @returns the city answered, or the code of the problem */
async function ask(city: string): Promise<string> {
  const answer = await gateway.get(`/store-locator/v2/business/search?city=${city}`);
  const body = (await answer.json()) as { code?: string; businesses?: readonly { city: string }[] };
  return body.code ?? body.businesses?.[0]?.city ?? "nothing";
}

const POISON = pageFor("Poison");
const OK = "HTTP/1.1 200 OK\r\n";

const of = (city: string): string => request(`/store-locator/v2/business/search?city=${city}`);

const FAILURES = ["upstream-failed", "upstream-timeout"];

/** What a broken or hostile upstream sends, by name. */
const BROKEN: readonly (readonly [name: string, script: Script])[] = [
  ["two answers at once", (asked) => pageFor(cityOf(asked)) + POISON],
  ["ten answers", (asked) => pageFor(cityOf(asked)) + POISON.repeat(10)],
  ["an answer cut in two around another", (asked) => pageFor(cityOf(asked)) + POISON.slice(0, 40)],
  ["a Content-Length that is too short", (asked) => `${OK}content-length: ${lengthOf(cityOf(asked)) - 5}\r\n\r\n${bodyFor(cityOf(asked))}`],
  ["a Content-Length of 0 before a hidden answer", () => `${OK}content-length: 0\r\n\r\n${POISON}`],
  [
    "a Content-Length that is too long, and the end",
    (asked, socket) => (socket.end(`${OK}content-length: 9999\r\n\r\n${bodyFor(cityOf(asked))}`), undefined),
  ],
  [
    "a Content-Length that swallows the next answer",
    (asked) => `${OK}content-length: ${lengthOf(cityOf(asked)) + POISON.length}\r\n\r\n${bodyFor(cityOf(asked))}${POISON}`,
  ],
  [
    "two Content-Lengths",
    (asked) => `${OK}content-length: 2\r\ncontent-length: ${lengthOf(cityOf(asked))}\r\n\r\n${bodyFor(cityOf(asked))}`,
  ],
  [
    "two Content-Lengths of differing case",
    (asked) => `${OK}Content-Length: 0\r\ncontent-length: ${lengthOf(cityOf(asked))}\r\n\r\n${bodyFor(cityOf(asked))}`,
  ],
  ["a negative Content-Length", (asked) => `${OK}content-length: -1\r\n\r\n${bodyFor(cityOf(asked))}`],
  ["Content-Length and Transfer-Encoding", () => `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${POISON}`],
  ["a chunk of no size", () => `${OK}transfer-encoding: chunked\r\n\r\ng\r\n${POISON}\r\n0\r\n\r\n`],
  ["a chunk that is too short", (asked) => `${OK}transfer-encoding: chunked\r\n\r\n2\r\n${bodyFor(cityOf(asked))}\r\n0\r\n\r\n${POISON}`],
  ["an unknown Transfer-Encoding", (asked) => `${OK}transfer-encoding: xchunked\r\n\r\n${bodyFor(cityOf(asked))}${POISON}`],
  ["100 Continue that nobody asked for", (asked) => `HTTP/1.1 100 Continue\r\n\r\n${pageFor(cityOf(asked))}`],
  [
    "101 Switching Protocols",
    (asked) => `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n${pageFor(cityOf(asked))}`,
  ],
  [
    "103 Early Hints with a poisoned field",
    (asked) => `HTTP/1.1 103 Early Hints\r\nlink: <https://evil.example>; rel=preload\r\n\r\n${pageFor(cityOf(asked))}`,
  ],
  ["a hundred interim answers", (asked) => "HTTP/1.1 102 Processing\r\n\r\n".repeat(100) + pageFor(cityOf(asked))],
  ["no status line", () => `${"x".repeat(50)}\r\n\r\n`],
  ["HTTP/0.9", (asked, socket) => (socket.end(bodyFor(cityOf(asked))), undefined)],
  ["HTTP/2.0", (asked) => pageFor(cityOf(asked)).replace("HTTP/1.1", "HTTP/2.0")],
  ["the end at once", (_asked, socket) => (socket.end(), undefined)],
  ["a reset", (_asked, socket) => (socket.resetAndDestroy(), undefined)],
  ["204 with content", () => `HTTP/1.1 204 No Content\r\n\r\n${POISON}`],
  ["304 with content", () => `HTTP/1.1 304 Not Modified\r\n\r\n${POISON}`],
  ["a head that never ends", (_asked, socket) => (socket.write(`${OK}${"x-filler: 1\r\n".repeat(5000)}`), undefined)],
  ["bare line feeds", (asked) => pageFor(cityOf(asked)).replaceAll("\r\n", "\n")],
  ["NUL bytes between answers", (asked) => `${pageFor(cityOf(asked))}\0\0\0${POISON}`],
  ["empty lines between answers", (asked) => `${pageFor(cityOf(asked))}\r\n\r\n${POISON}`],
];

describe.each(BROKEN)("when Partoo sends %s", (_name, script) => {
  test("nobody gets an answer that is not their own", async () => {
    upstream.answer((asked, socket, nth) => (nth % 3 === 1 ? script(asked, socket, nth) : pageFor(cityOf(asked))));
    for (const city of newCities(4)) expect([city, ...FAILURES]).toContain(await ask(city));
    const cities = newCities(40);
    const answered = await Promise.all(cities.map(ask));
    answered.forEach((answer, n) => expect([cities[n], ...FAILURES]).toContain(answer));
    upstream.answer((asked) => pageFor(cityOf(asked)));
    const [same, others] = [cities, newCities(40)];
    expect(await Promise.all(same.map(ask))).toEqual(same);
    expect(await Promise.all(others.map(ask))).toEqual(others);
  });
});

test("an answer that arrives when nobody has asked ends its connection", async () => {
  let sent = Promise.resolve();
  upstream.answer((asked, socket) => {
    // Else the system keeps the second answer back until the first is acknowledged: with the next question.
    socket.setNoDelay();
    sent = sleep(5).then(() => void socket.write(POISON));
    return pageFor(cityOf(asked));
  });
  for (const city of newCities(3)) {
    expect(await ask(city)).toBe(city);
    await sent;
    await sleep(20);
  }
});

test("200 callers at once, more than there are connections, each get their own", async () => {
  const cities = newCities(200);
  upstream.answer((asked, socket) => (setTimeout(() => socket.write(pageFor(cityOf(asked))), cityOf(asked).length % 7), undefined));
  expect(await Promise.all(cities.map(ask))).toEqual(cities);
});

test("an answer that comes before any question is nobody's", async () => {
  const early = await startRecordingUpstream((asked) => pageFor(cityOf(asked)));
  const own = await startGateway({ upstream: early.url, deadlineMs: 1000 });
  try {
    for (const city of ["One", "Two"]) {
      const answer = await own.get(`/store-locator/v2/business/search?city=${city}`);
      expect(await answer.text()).toContain(city);
    }
  } finally {
    await own.close();
    await early.close();
  }
});

describe("pipelined requests", () => {
  test("are answered in order, whichever Partoo answers first", async () => {
    const pauses: Record<string, number> = { Slow: 60, Fast: 0 };
    upstream.answer((asked, socket) => (setTimeout(() => socket.write(pageFor(cityOf(asked))), pauses[cityOf(asked)]), undefined));
    const text = await readToEnd(of("Slow") + of("Fast") + of("Slow").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    expect([...text.matchAll(/"city":"(\w+)"/g)].map(([, city]) => city)).toEqual(["Slow", "Fast", "Slow"]);
  });

  test.each([
    ["bytes that are no request", "\x16\x03\x01 nonsense\r\n\r\n"],
    ["CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a request with two lengths", request("/nobody", { fields: ["Content-Length: 1", "Content-Length: 2"] })],
  ])("before %s get their own answer first, and nothing else does", async (_name, bytes) => {
    upstream.answer((asked, socket) => (setTimeout(() => socket.write(pageFor(cityOf(asked))), 30), undefined));
    const [city = ""] = newCities(1);
    const { text, closed } = await sendRaw(gateway.port, of(city) + bytes, 1000);
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 200"]);
    expect([text.includes(`"city":"${city}"`), closed]).toEqual([true, true]);
  });

  test("behind one that is refused with a close are not served", async () => {
    const refused = request("/store-locator/v2/business/search", { fields: ["Content-Length: 1"] });
    const { text } = await sendRaw(gateway.port, [refused, "x", of("Paris"), of("Lyon")]);
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 413"]);
    expect(upstream.requests).toEqual([]);
  });
});

/** Everything until the proxy closes the connection. */
function readToEnd(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(gateway.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("close", () => resolve(text));
  });
}
