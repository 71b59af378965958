/** The keys of an issuer: fetched rarely, with care, and kept when it is away. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Issuer, SigningKey } from "./issuer.ts";
import { KeysAway, createJwks } from "../../src/session/jwks.ts";
import { readJwksUrl } from "../../src/session/jwks-url.ts";
import { answerKeys, answerText, signingKey, startIssuer } from "./issuer.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const first = signingKey("first");
const second = signingKey("second");

async function scene(answer: Issuer["answer"] = answerKeys(first)) {
  const issuer = await startIssuer(answer);
  const clock = { ms: 0 };
  const findKey = createJwks({ url: issuer.url, now: () => clock.ms });
  /** Whether the key is found, is not there, or nobody can tell. */
  const find = async (key: SigningKey): Promise<"found" | "none" | "away"> => {
    try {
      expect((await findKey({ alg: key.alg, kid: key.kid })).type).toBe("public");
      return "found";
    } catch (error) {
      return error instanceof KeysAway ? "away" : "none";
    }
  };
  /** Of so many at once. */
  const findMany = async (key: SigningKey, times: number): Promise<Set<string>> =>
    new Set(await Promise.all(Array.from({ length: times }, () => find(key))));
  return { issuer, clock, find, findMany };
}

/** Lets a refresh that nobody waits for come to its end. */
async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("keys are asked for", () => {
  test("when the first token comes, once for a hundred at once, and not again within ten minutes", async () => {
    const { issuer, clock, find, findMany } = await scene();
    expect(issuer.asked).toBe(0);
    expect(await findMany(first, 100)).toEqual(new Set(["found"]));
    clock.ms = 10 * MINUTE;
    expect(await find(first)).toBe("found");
    expect(issuer.asked).toBe(1);
  });

  test("behind a token once they are ten minutes old, while the known ones are used", async () => {
    const { issuer, clock, find } = await scene();
    await find(first);
    issuer.answer = answerKeys(second);
    clock.ms = 10 * MINUTE + 1;
    expect(await find(first)).toBe("found");
    await until(async () => (await find(first)) === "none");
    expect(await find(second)).toBe("found");
    expect(issuer.asked).toBe(2);
  });

  test("at once for a name that is new, at most every thirty seconds however many names are made up", async () => {
    const { issuer, clock, find, findMany } = await scene();
    await find(first);
    issuer.answer = answerKeys(first, second);
    expect(await findMany(second, 50)).toEqual(new Set(["none"]));
    expect(issuer.asked).toBe(1);
    clock.ms = 30_000;
    expect(await findMany(second, 50)).toEqual(new Set(["found"]));
    expect(await findMany(signingKey("made-up"), 50)).toEqual(new Set(["none"]));
    expect(issuer.asked).toBe(2);
  });

  test("with nothing of ours but what is wanted", async () => {
    const fields: Record<string, unknown>[] = [];
    const { find } = await scene((request, response) => {
      fields.push(request.headers);
      answerKeys(first)(request, response);
    });
    await find(first);
    expect(fields[0]).toMatchObject({ accept: "application/jwk-set+json, application/json" });
    for (const name of ["authorization", "cookie", "origin", "referer"]) expect(fields[0]).not.toHaveProperty(name);
  });
});

const HUGE = JSON.stringify({ keys: [first.jwk], more: "x".repeat(70_000) });

describe("there is no key, and nobody is let in, when the issuer", () => {
  test.each<[string, Issuer["answer"]]>([
    ["refuses", answerText("no", 403)],
    ["fails", answerText("no", 500)],
    ["answers with another status and a key set", answerText(JSON.stringify({ keys: [first.jwk] }), 203)],
    ["sends garbage", answerText("<html>")],
    ["sends nothing", answerText("")],
    ["sends null", answerText("null")],
    ["sends a list", answerText("[]")],
    ["sends no keys", answerText('{"keys":[]}')],
    ["sends keys that are none", answerText('{"keys":[1,2]}')],
    ["sends 70 kB", answerText(HUGE)],
    ["sends 70 kB that are small on the wire", answerText(gzipSync(HUGE), 200, { "content-encoding": "gzip" })],
    ["sends without end", (_, response) => void setInterval(() => response.write("x".repeat(65_536)), 1).unref()],
    ["breaks off", (_, response) => void response.writeHead(200, { "content-length": "500" }).write("{", () => response.destroy())],
  ])("%s", async (_, answer) => {
    expect(await (await scene(answer)).findMany(first, 10)).toEqual(new Set(["away"]));
  });

  test("is not there", async () => {
    const { issuer, find } = await scene();
    await issuer.stop();
    expect(await find(first)).toBe("away");
  });

  test("says nothing, or never comes to an end", { timeout: 10_000 }, async () => {
    const silent = await scene(() => undefined);
    const trickling = await scene((_, response) => void setInterval(() => response.write(" "), 100).unref());
    expect(await Promise.all([silent.find(first), trickling.find(first)])).toEqual(["away", "away"]);
  });

  test("sends us to another place: that is never asked", async () => {
    const elsewhere = await startIssuer(answerKeys(first));
    const { find } = await scene(answerText("", 302, { location: elsewhere.url.href }));
    expect(await find(first)).toBe("away");
    expect(elsewhere.asked).toBe(0);
  });

  test("shows a secret or a private key as its key", async () => {
    const secret = { kty: "oct", k: "c2VjcmV0", kid: "first", alg: "HS256" };
    const { find } = await scene(answerText(JSON.stringify({ keys: [secret] })));
    expect(await find(first)).toBe("none");
  });
});

describe("an issuer that goes away", () => {
  test("is asked again after five seconds, by one", async () => {
    const { issuer, clock, find, findMany } = await scene(answerText("no", 500));
    expect(await findMany(first, 50)).toEqual(new Set(["away"]));
    issuer.answer = answerKeys(first);
    clock.ms = 4999;
    expect([await find(first), issuer.asked]).toEqual(["away", 1]);
    clock.ms = 5000;
    expect(await findMany(first, 50)).toEqual(new Set(["found"]));
    expect(issuer.asked).toBe(2);
  });

  test("is trusted for six hours with what it showed last, garbage or silence notwithstanding", async () => {
    const { issuer, clock, find } = await scene();
    await find(first);
    issuer.answer = answerText('{"keys":[]}');
    for (clock.ms = 0; clock.ms <= 3 * HOUR; clock.ms += 20 * MINUTE) expect(await find(first)).toBe("found");
    await issuer.stop();
    clock.ms = 6 * HOUR;
    expect(await find(first)).toBe("found");
    clock.ms = 6 * HOUR + 6000;
    expect(await find(first)).toBe("away");
  });

  test("leaves open whether a name is new or made up", async () => {
    const { issuer, clock, find } = await scene();
    await find(first);
    await issuer.stop();
    clock.ms = 30_000;
    expect([await find(second), await find(first)]).toEqual(["away", "found"]);
  });
});

describe("the address of a key set", () => {
  test.each(["https://issuer.example/jwks", "http://127.0.0.1:8080/jwks", "http://localhost/jwks", "http://[::1]/jwks"])(
    "may be %s",
    (text) => {
      expect(readJwksUrl(text).href).toBe(text);
    },
  );

  test.each([
    "http://issuer.example/jwks",
    "http://127.0.0.1.evil.example/",
    "ftp://issuer.example/",
    "file:///etc/keys",
    "data:application/json,{}",
    "https://user@issuer.example/",
    "issuer.example",
    "",
  ])("may not be %j", (text) => {
    expect(() => readJwksUrl(text)).toThrow("a key set has an https address");
  });
});
