/** `keys body | create | update | revoke` against the sandbox: shown first, sent on request, and no value anywhere. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { KeysRig } from "./support.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { ADMIN, ADMIN_KEY, createKeysRig, inDays, SOUND_KEY, VALUE, writes } from "./support.ts";

let sandbox: RunningSandbox;
let rig: KeysRig;
beforeEach(async () => {
  sandbox = await startSandbox({ stores: 10, keys: [ADMIN_KEY] });
  rig = createKeysRig(sandbox.url);
});
afterEach(async () => {
  rig.remove();
  await sandbox.close();
});

interface ShownKey {
  readonly id: number;
  readonly value: string;
  readonly label: string;
}

/** What the app of Partoo would show. */
async function shownKeys(): Promise<readonly ShownKey[]> {
  const { keys } = (await (await fetch(`${sandbox.origin}/_sandbox/keys`)).json()) as { keys: readonly ShownKey[] };
  return keys;
}

async function idOf(label: string): Promise<string> {
  return String((await shownKeys()).findLast((key) => key.label === label)?.id);
}

const OPTIONS = ["--ip", "127.0.0.1", "--ip", "2001:db8::/48"];

test("body prints the request alone on standard output, and sends nothing", async () => {
  const { code, out, err } = await rig.run(["body", "reader", ...OPTIONS, "--expires", "2999-06-30"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    label: "reader",
    description: "partoo-bff, organization acme",
    expiration_date: "2999-06-30",
    ip_whitelist: ["127.0.0.1", "2001:db8::/48"],
    has_restricted_permissions: true,
    permissions: ["review_read"],
  });
  expect(err.split("\n")[0]).toBe("POST /api_keys");
  expect(err).toContain("write expires: 2999-06-30");
  expect(writes(sandbox)).toEqual([]);
});

test("what is made by create has no defect, and works with the value that the app shows", async () => {
  const made = await rig.run(["create", "reader", ...OPTIONS, "--yes"]);
  expect(made.code).toBe(0);
  expect(await rig.run(["audit"])).toMatchObject({ code: 0, err: "" });
  const key = (await shownKeys()).find(({ label }) => label === "reader");
  expect(made.out).toContain(`Key ${key?.id} is made.`);
  expect(made.out).toContain("Set it as PARTOO_KEY_READER");
  expect(JSON.stringify(made)).not.toContain(key?.value);
  expect((await fetch(`${sandbox.url}/reviews`, { headers: { "x-APIKey": key?.value ?? "" } })).status).toBe(200);
});

describe("without --yes nothing is sent", () => {
  test.each([
    ["create", async () => ["create", "reader"]],
    ["update", async () => ["update", "reader", "--id", await idOf("Everything")]],
    ["revoke", async () => ["revoke", await idOf("Everything")]],
  ])("%s", async (_name, argv) => {
    const { code, out } = await rig.run(await argv());
    expect(code).toBe(0);
    expect(out).toMatch(/(POST|PUT) http:\/\/127\.0\.0\.1:\d+\/v2\/api_keys/);
    expect(out).toContain("Nothing was sent. Add --yes to send it.");
    expect(writes(sandbox)).toEqual([]);
  });
});

test("update restricts a key, gives it the name that audit looks for, and keeps its addresses", async () => {
  const id = await idOf("Everything");
  const first = await rig.run(["update", "reader", "--id", id, "--ip", "127.0.0.0/8", "--yes"]);
  expect(first.out).toContain("label: Everything becomes reader");
  expect(first.out).toContain("permissions: unrestricted becomes [review_read]");
  const second = await rig.run(["update", "reader", "--expires", inDays(400), "--yes"]);
  expect(second.out).toContain(`"127.0.0.0/8"`);
  expect(writes(sandbox)).toEqual([`PUT /v2/api_keys/${id}`, `PUT /v2/api_keys/${id}`]);
  // The made-up key was never used, and bff.yaml has no day.
  expect((await rig.audit()).codes).toEqual(["key-unused", "expires-differs"]);
});

test("revoke shows whose key it is, warns of the last one, ends it, and has nothing to do the second time", async () => {
  await rig.run(["create", "reader", ...OPTIONS, "--yes"]);
  const id = await idOf("reader");
  const { out } = await rig.run(["revoke", id, "--yes"]);
  expect(out).toContain(`key ${id} of Partoo, labelled "reader"`);
  expect(out).toContain("no other usable key is labelled reader; it serves site");
  expect(out).toContain(`Key ${id} is revoked.`);
  sandbox.resetCounters();
  expect(await rig.run(["revoke", id, "--yes"])).toMatchObject({ code: 0 });
  expect(writes(sandbox)).toEqual([]);
  expect((await rig.audit()).codes).toEqual(["key-disabled"]);
});

test("update does not touch a revoked key", async () => {
  const ran = await rig.run(["update", "reader", "--id", await idOf("Old agency"), "--yes"]);
  expect([ran.code, ran.err]).toEqual([2, expect.stringContaining("is revoked, for good")]);
  expect(writes(sandbox)).toEqual([]);
});

test("a rotation: a second key, both values accepted, then the first one revoked", async () => {
  await rig.run(["create", "reader", ...OPTIONS, "--yes"]);
  const first = (await shownKeys()).find(({ label }) => label === "reader");
  const env = { PARTOO_KEY_READER: first?.value ?? "" };
  const again = await rig.run(["create", "reader", ...OPTIONS, "--yes"], env);
  expect(again.out).toContain(`revoke it once the new value is in use (keys revoke ${first?.id})`);
  expect(again.out).toContain("Set it as PARTOO_KEY_READER_NEXT");
  const second = (await shownKeys()).findLast(({ label }) => label === "reader");
  expect((await rig.audit(env)).codes).toEqual(["several-records"]);
  expect((await rig.audit({ ...env, PARTOO_KEY_READER_NEXT: second?.value ?? "" })).codes).toEqual([]);
  await rig.run(["revoke", String(first?.id), "--yes"]);
  expect((await rig.audit({ PARTOO_KEY_READER: second?.value ?? "" })).codes).toEqual([]);
});

test("a key of the administrator's own user is told", async () => {
  const { out } = await rig.run(["audit"]);
  const own = /key (\d+) of Partoo, labelled "Admin"/.exec(out)?.[1] ?? "";
  expect((await rig.run(["revoke", own])).out).toContain("it may be that very key");
});

test("no value is in any address, in what is printed, or anywhere but in its header field", async () => {
  const env = { PARTOO_KEY_READER: VALUE, PARTOO_KEY_READER_NEXT: SOUND_KEY.value };
  const ran = [];
  for (const argv of [["audit"], ["audit", "--json"], ["body", "reader"], ["create", "reader", "--yes"], ["update", "reader", "--yes"]]) {
    ran.push(await rig.run(argv, env));
  }
  ran.push(await rig.run(["revoke", await idOf("reader"), "--yes"], env));
  ran.push(
    await rig.run(["revoke", VALUE], env),
    await rig.run(["audit", VALUE], env),
    await rig.run(["body", "reader", "--id", VALUE], env),
  );
  ran.push(
    await rig.run(["body", "reader", "--ip", VALUE], env),
    await rig.run(["body", "reader", "--expires", VALUE], env),
    await rig.run([VALUE]),
  );
  const values = [ADMIN, VALUE, ...(await shownKeys()).map(({ value }) => value)];
  const seen = JSON.stringify(ran) + sandbox.lastCalls().join("\n");
  expect(values.filter((value) => seen.includes(value))).toEqual([]);
  expect(writes(sandbox)).toHaveLength(3);
});

test("the admin key goes to PARTOO_URL only: a redirect is not followed", async () => {
  const elsewhere = await startRecordingUpstream();
  const moved = await startRecordingUpstream(
    () => `HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:${elsewhere.port}/v2/user/me\r\ncontent-length: 0\r\n\r\n`,
  );
  const { code, err } = await rig.run(["audit"], { PARTOO_URL: moved.url });
  expect([code, err]).toEqual([
    2,
    "keys: GET /user/me: Partoo refuses (status 307): it redirects, and a key follows no redirect; is PARTOO_URL right?",
  ]);
  expect([moved.requests.length, elsewhere.requests.length]).toEqual([1, 0]);
  expect(moved.requests[0]?.headers["x-apikey"]).toBe(ADMIN);
  await Promise.all([moved.close(), elsewhere.close()]);
});
