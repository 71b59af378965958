/** A run through everything that can happen, and then a search for the key in all that was answered, logged or printed. */
import { expect, test } from "vitest";
import { inspect } from "node:util";
import type { Entry } from "./corpus/entry.ts";
import { openKeyRing } from "../../src/keys.ts";
import { Secret } from "../../src/secret.ts";
import { CANARY_KEY, startProxy } from "../support/proxy.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { CORPUS } from "./corpus.ts";
import { EMPTY_PAGE, SEARCH } from "./scene.ts";

/** Every seventh entry of the corpus: each part of it, and quick. */
const SAMPLE: readonly Entry[] = Object.values(CORPUS)
  .flatMap(({ rows }) => rows)
  .filter((_entry, nth) => nth % 7 === 0);

const CANARY_TOKEN = "canary-token-51d0c2b7";

test("neither key nor token is in any answer, log line or printed line", async () => {
  const upstream = await startRecordingUpstream();
  const proxy = await startProxy({
    upstream: upstream.url,
    frontends: {
      "store-locator":
        "key: locator-read\norigins: [https://stores.acme.example]\nservers: [web]\nlimits: { requests: 100000/min, misses: 100000/min }\n",
    },
    env: { BFF_SERVER_WEB: CANARY_TOKEN, LOG_LEVEL: "trace" },
  });
  const seen: string[] = [];
  const send = async (bytes: string | readonly string[]): Promise<void> => void seen.push((await sendRaw(proxy.port, bytes, 300)).text);
  for (const status of [200, 201, 204, 301, 400, 401, 403, 404, 415, 422, 429, 500, 502, 503, 504, 599]) {
    upstream.answer(() => json({ ...EMPTY_PAGE, echo: CANARY_KEY }, { status, headers: { "x-echo": CANARY_KEY } }));
    await send(request(SEARCH));
    upstream.answer(() => json({ errors: { json: { [CANARY_KEY]: CANARY_KEY }, query: CANARY_KEY } }, { status }));
    await send(request(SEARCH, { origin: null, fields: [`Authorization: Bearer ${CANARY_TOKEN}`] }));
  }
  upstream.answer((_asked, socket) => (socket.destroy(), undefined));
  await send(request(SEARCH));
  upstream.answer(() => json(EMPTY_PAGE));
  for (const [, bytes] of SAMPLE) await send(bytes);
  await send(request(`/store-locator/v2/business/${CANARY_KEY}`).replace(CANARY_KEY, CANARY_KEY.slice(0, 6)));
  expect(await proxy.stop()).toBe(0);
  await upstream.close();

  const everything = [...seen, ...proxy.log(), ...proxy.printed].join("\n");
  expect(proxy.log().length).toBeGreaterThan(SAMPLE.length / 2);
  expect(upstream.requests.some(({ head }) => head.includes(CANARY_KEY))).toBe(true);
  expect(everything).not.toContain(CANARY_KEY);
  expect(everything).not.toContain(CANARY_TOKEN);
});

test("a key can't be shown by accident", () => {
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined } as never;
  const { keys } = openKeyRing(["locator-read"], { PARTOO_KEY_LOCATOR_READ: CANARY_KEY }, { origin: "https://api.partoo.co", logger });
  const secret = keys.current("locator-read");
  const shown = [
    String(secret),
    JSON.stringify({ secret, keys }),
    inspect({ secret, keys }, { depth: Infinity, showHidden: true, getters: true }),
    inspect(new Map([["key", secret]])),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(structuredCloneOrError(secret)),
    new Error("x", { cause: secret }).stack,
    errorOf(() => secret.reveal("https://evil.example")),
    errorOf(() => secret.reveal("http://api.partoo.co")),
    errorOf(() => secret.reveal("https://api.partoo.co.evil.example")),
    errorOf(() => new Secret("name", `${CANARY_KEY}\r\nx: y`, "https://api.partoo.co")),
  ].join("\n");
  keys.close();
  expect(shown).not.toContain(CANARY_KEY);
  expect(secret.reveal("https://api.partoo.co")).toBe(CANARY_KEY);
});

function structuredCloneOrError(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch (error) {
    return String(error);
  }
}

function errorOf(action: () => unknown): string {
  try {
    return `no error: ${String(action())}`;
  } catch (error) {
    return inspect(error);
  }
}
