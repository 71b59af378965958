import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FRONTEND_YAML, startProxy } from "../support/proxy.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

const FIELDS: ReadonlySet<string> = new Set([
  "request_id",
  "trace_id",
  "method",
  "frontend",
  "route",
  "query",
  "cache",
  "quota_wait_ms",
  "status",
  "decision",
  "code",
  "address",
  "ms",
  "reason",
  "error",
  "error_code",
  "error_at",
  "level",
  "time",
]);

interface Shot {
  readonly canary: string;
  readonly address: string;
  readonly shape: number;
}

/** Requests that carry the canary wherever a caller can put one. */
function bytesOf({ canary, address, shape }: Shot): string {
  const fields = [
    `Authorization: Bearer ${canary}`,
    `Cookie: s=${canary}`,
    `User-Agent: ${canary}`,
    `Referer: https://x/${canary}`,
    `X-Forwarded-For: ${address}`,
    `${canary}: ${canary}`,
    `X-Request-Id: ${canary}`,
  ];
  const shots = [
    request(`/store-locator/v2/business/search?city=${canary}&query=${canary}&zipcode=${canary}`, { fields }),
    request(`/store-locator/v2/business/search?${canary}=1&page=${canary}`, { fields }),
    request(`/store-locator/v2/business/c-${canary}`, { fields }),
    request(`/store-locator/v2/${canary}/${canary}`, { fields }),
    request(`/${canary}?${canary}`, { fields }),
    request(`/store-locator/v2/business/..%2F${canary}`, { fields }),
    request(`/store-locator/v2/business/search?city=${canary}`, { fields, origin: `https://${canary}.example` }),
    request(`/store-locator/v2/business/search?city=${canary}`, { fields: [...fields, `If-None-Match: "${canary}"`, `Expect: ${canary}`] }),
    `${canary} /${canary} HTTP/1.1\r\nHost: ${canary}\r\n\r\n`,
    request(`/store-locator/v2/business/search`, { method: "POST", fields: [...fields, `Content-Length: ${canary.length}`] }) + canary,
    `GET http://${canary}/ HTTP/1.1\r\nHost: ${canary}\r\n\r\n`,
  ];
  return shots[shape % shots.length] as string;
}

test("lines of the log have fields we chose, names of ours, and no value of a caller or of Partoo", async () => {
  const upstream = await startRecordingUpstream();
  const proxy = await startProxy({
    upstream: upstream.url,
    frontends: { "store-locator": FRONTEND_YAML },
    env: { TRUSTED_PROXY: "127.0.0.0/8", LOG_LEVEL: "trace" },
  });
  const shots: Shot[] = [];
  const canary = fc.stringMatching(/^zq[0-9a-z]{8}$/);
  const shot = fc.record({
    canary,
    address: fc
      .oneof(fc.constant("203.0.113."), fc.constant("198.51.100."))
      .chain((net) => fc.integer({ min: 1, max: 254 }).map((last) => net + last)),
    shape: fc.nat(10),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(shot, { minLength: 22, maxLength: 22 }), fc.nat(5), async (batch, mood) => {
      shots.push(...batch);
      const word = batch[0]?.canary ?? "";
      const moods = [
        json({ businesses: [{ id: word, name: word }] }, { headers: { "x-echo": word } }),
        json({ errors: { json: { [`${word}!`]: [word] }, query: { city: word } } }, { status: 400 }),
        json(`x\n    at ${word}`),
        json({ error: word }, { status: 500, headers: { "retry-after": word } }),
        `HTTP/1.1 200 ${word}\r\n${word}\r\n\r\n`,
        json({ businesses: [] }, { headers: { "content-encoding": word } }),
      ];
      upstream.answer(() => moods[mood]);
      await Promise.all(batch.map((one) => sendRaw(proxy.port, bytesOf(one), 60)));
    }),
    { numRuns: 30 },
  );
  await proxy.stop();
  await upstream.close();

  const lines = proxy.log().map((line) => JSON.parse(line) as Record<string, unknown>);
  const exchanges = lines.filter((line) => "request_id" in line);
  // A flood of refusals is summed up: each is in a line of its own or in a sum, however fast the machine is.
  const sums = lines.flatMap((line) => Object.values((line["omitted"] ?? {}) as Record<string, number>));
  expect(exchanges.length + sums.reduce((sum, count) => sum + count, 0)).toBe(shots.length);
  expect(exchanges.length).toBeGreaterThan(100);
  for (const line of exchanges) expect(Object.keys(line).filter((name) => !FIELDS.has(name))).toEqual([]);
  const everything = exchanges.map((line) => JSON.stringify(line)).join("\n");
  expect(shots.filter((one) => everything.includes(one.canary))).toEqual([]);
  expect(JSON.stringify(lines)).not.toMatch(/zq[0-9a-z]{8}/);
  expect(everything.match(/\d+\.\d+\.\d+\.[1-9]\d*/g)).toBeNull();
  expect(new Set(exchanges.map((line) => line["address"]))).toEqual(new Set(["203.0.113.0/24", "198.51.100.0/24", "127.0.0.0/24"]));
  expect(new Set(exchanges.flatMap((line) => (line["query"] as readonly string[] | undefined) ?? []))).toEqual(
    new Set(["city", "query", "zipcode"]),
  );
});
