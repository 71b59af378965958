/** `keys` with a wrong command line, a wrong environment, and a Partoo that misbehaves: exit code 2 and one line that says why. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import type { KeysRig } from "./support.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { runCli } from "../support/cli.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { ADMIN, ADMIN_KEY, createKeysRig, REVIEWS_BFF, writes } from "./support.ts";

const DEADLINE_MS = 300;

/** Answers in which there is nothing. */
const SOUND = {
  "/user/me": { id: 1, role: "ORG_ADMIN" },
  "/api_keys": { page: 1, max_page: 1, count: 0, api_keys: [] },
  "/permissions": { sections: [] },
};

let sandbox: RunningSandbox;
let rig: KeysRig;
let scripted: RecordingUpstream;
let scriptedRig: KeysRig;
beforeAll(async () => {
  sandbox = await startSandbox({ stores: 10, keys: [ADMIN_KEY] });
  rig = createKeysRig(sandbox.url, REVIEWS_BFF, DEADLINE_MS);
  scripted = await startRecordingUpstream();
  scriptedRig = createKeysRig(scripted.url, REVIEWS_BFF, DEADLINE_MS);
});
afterAll(async () => {
  rig.remove();
  scriptedRig.remove();
  await Promise.all([sandbox.close(), scripted.close()]);
});

/** What stands on standard error, when it is one line without a key and all that there is. */
function oneLine({ code, out, err }: Awaited<ReturnType<KeysRig["run"]>>): string | undefined {
  return code === 2 && out === "" && !err.includes("\n") && !err.includes(ADMIN) ? err : undefined;
}

describe("Partoo", () => {
  test.each([
    ["status=500", "GET /api_keys: Partoo refuses (status 500)"],
    ["status=403", "GET /api_keys: Partoo refuses (status 403: json): PARTOO_ADMIN_KEY needs the right to manage API keys"],
    ["status=404", "there is no such key, or PARTOO_URL is not the base"],
    ["status=302", "follows no redirect"],
    ["429", "the organization's limit is used up"],
    ["expired", "the value of PARTOO_ADMIN_KEY is unknown, expired or revoked"],
    ["html", "the answer is not what Partoo documents"],
    ["garbage-gzip", "Partoo's answer can't be read"],
    ["truncate", /can't be read|could not be reached/],
    ["reset", /Partoo could not be reached \((ECONNRESET|UND_ERR_SOCKET)\)/],
    ["huge=9", "Partoo's answer can't be read"],
    ["echo-key", "the answer holds an API key; none of it is shown"],
    ["hang", "no whole answer within 0.3 s"],
    ["drip", "no whole answer within 0.3 s"],
  ])("%s", async (fault, text) => {
    sandbox.fail(fault, { path: "/v2/api_keys" });
    const ran = await rig.run(["audit"]);
    sandbox.fail(null);
    expect(oneLine(ran)).toMatch(text instanceof RegExp ? text : new RegExp(text.replaceAll(/[().]/g, String.raw`\$&`)));
  });

  test("refuses the admin key, or lets it see no main integration", async () => {
    expect(oneLine(await rig.run(["audit"], { PARTOO_ADMIN_KEY: "nobody" }))).toMatch(/Partoo refuses PARTOO_ADMIN_KEY/);
    expect(oneLine(await rig.run(["audit"], { PARTOO_ADMIN_KEY: "sandbox-personal" }))).toMatch(/belongs to a BUSINESS_MANAGER/);
  });

  test("is not there", async () => {
    const gone = await startRecordingUpstream();
    await gone.close();
    expect(oneLine(await rig.run(["audit"], { PARTOO_URL: gone.url }))).toMatch(/could not be reached \(ECONNREFUSED\)$/);
  });

  const RECORD = {
    id: 1,
    label: "reader",
    user_type: "bot",
    disabled: false,
    expiration_date: null,
    ip_whitelist: [],
    has_restricted_permissions: true,
    permissions: [],
  };

  test.each([
    ["/user/me", []],
    ["/user/me", { id: "1" }],
    ["/api_keys", null],
    ["/api_keys", { api_keys: {} }],
    ["/api_keys", { api_keys: [{ ...RECORD, disabled: undefined }] }],
    ["/api_keys", { api_keys: [{ ...RECORD, id: 1.5 }] }],
    ["/api_keys", { api_keys: [{ ...RECORD, has_restricted_permissions: "no" }] }],
    ["/api_keys", { api_keys: [{ ...RECORD, expiration_date: "soon" }] }],
    ["/permissions", { sections: [{ subsections: null }] }],
    ["/permissions", { sections: [{ subsections: [{ permissions: [{ name: "a", depends_on: 1 }] }] }] }],
  ])("answers %s in another shape: %j", async (path, body) => {
    scripted.answer(({ target }) => {
      const asked = target.replace("/v2", "").split("?")[0] as keyof typeof SOUND;
      return json(asked === path ? body : SOUND[asked]);
    });
    expect(oneLine(await scriptedRig.run(["audit"]))).toMatch(`keys: GET ${path}: the answer is not what Partoo documents`);
  });

  test("says that there are a million pages: a hundred are asked for, twice", async () => {
    scripted.answer(({ target }) => {
      const asked = target.replace("/v2", "").split("?")[0] as keyof typeof SOUND;
      return json(asked === "/api_keys" ? { ...SOUND[asked], max_page: 1_000_000 } : SOUND[asked]);
    });
    const before = scripted.requests.length;
    expect((await scriptedRig.run(["audit"])).code).toBe(1);
    expect(scripted.requests.length - before).toBe(202);
  });
});

describe("a write of which nobody knows what became", () => {
  test.each(["hang", "reset", "status=500", "html"])("%s: told once, not sent again", async (fault) => {
    sandbox.resetCounters();
    const sent = rig.run(["create", "reader", "--yes"]);
    // The listing has the same path: the fault is switched on once it is answered.
    while (!sandbox.lastCalls().some((line) => line.includes("/permissions"))) await new Promise(setImmediate);
    sandbox.fail(fault, { path: "/v2/api_keys" });
    const { code, err } = await sent;
    sandbox.fail(null);
    expect([code, err]).toEqual([2, expect.stringContaining("look with keys audit before you send it again")]);
    expect(writes(sandbox)).toEqual(["POST /v2/api_keys"]);
  });

  test("what Partoo refuses is told by the names of its fields, not by its text", async () => {
    scripted.answer(({ method, target }) => {
      if (method === "POST") return json({ errors: { json: { expiration_date: "spoken by Partoo" } } }, { status: 400 });
      return json(SOUND[target.replace("/v2", "").split("?")[0] as keyof typeof SOUND]);
    });
    const { err, code } = await scriptedRig.run(["create", "reader", "--yes"]);
    expect([code, err]).toEqual([2, "keys: POST /api_keys: Partoo refuses (status 400: json, fields expiration_date)"]);
  });
});

describe("command line and environment", () => {
  test.each([
    [[], "say what to do: keys audit | body | create | update | revoke"],
    [["delete"], "say what to do"],
    [["create"], "keys create takes the name of one key of bff.yaml"],
    [["revoke", "1", "2"], "keys revoke takes the number of one key of Partoo"],
    [["revoke", "reader"], "keys revoke takes the number"],
    [["revoke", "1", "--ip", "127.0.0.1"], "keys revoke has no option --ip"],
    [["audit", "--yes"], "keys audit has no option --yes"],
    [["body", "reader", "--yes"], "keys body has no option --yes"],
    [["body", "reader", "--expires", "2027-02-30"], "--expires takes a day"],
    [["body", "reader", "--ip", "10.0.0.1/33"], "--ip takes an address"],
    [["body", "reader", "--ip", "127.1"], "--ip takes an address"],
    [["update", "reader", "--id", "-1"], "--id"],
  ])("%j", async (argv, text) => {
    const ran = await rig.run(argv).catch((fault: Error) => ({ code: 2, out: "", err: fault.message }));
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(ran.err).toContain(text);
  });

  test("names the keys there are, and not the one that was typed", async () => {
    expect(oneLine(await rig.run(["audit", "nothing"]))).toMatch("keys: bff.yaml has no key of that name; it has reader");
  });

  test.each([
    [{ PARTOO_ADMIN_KEY: undefined }, "PARTOO_ADMIN_KEY is missing"],
    [{ PARTOO_ADMIN_KEY: "two words" }, "not printable ASCII"],
    [{ PARTOO_URL: "http://api.partoo.co/v2" }, "PARTOO_URL: the key travels over https only"],
  ])("%j", async (env, text) => {
    expect(oneLine(await rig.run(["audit"], env))).toMatch(text);
  });

  test("asks nothing of Partoo while the configuration has faults", async () => {
    sandbox.resetCounters();
    const broken = createKeysRig(sandbox.url, REVIEWS_BFF.replace("rating", "ratting"));
    const { code, err } = await broken.run(["audit"]);
    broken.remove();
    expect([code, err]).toEqual([2, expect.stringContaining("error field-unknown")]);
    expect(sandbox.counters().calls).toBe(0);
  });

  test("is a command of main.ts, in its list and with its own help", async () => {
    const [list, help] = await Promise.all([runCli(["--help"]), runCli(["keys", "--help"])]);
    expect(list.stdout).toMatch(/^ {2}keys +audit, make, restrict and revoke keys at Partoo$/m);
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("keys revoke ID [--yes]")]);
  });
});
