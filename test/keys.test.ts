import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { KeyRing } from "../src/keys.ts";
import type { LogLine } from "./support/cli.ts";
import { openKeyRing } from "../src/keys.ts";

const ORIGIN = "https://api.partoo.co";
const NAME = "locator-read";
const [OLD, NEW, NEXT] = ["old-3d1f0a77c2", "new-90be4c21d8", "next-5e0a3d9c41"] as const;

let folder: string;
let log: LogLine[];
let clock: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "partoo-bff-keys-"));
  log = [];
  clock = 0;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (/old-3d1f|new-90be|next-5e0a/.test(JSON.stringify(log))) throw new Error("a key is in the log");
});

function open(env: Readonly<Record<string, string>>, names: readonly string[] = [NAME]): { keys: KeyRing; faults: readonly string[] } {
  const logger = pino(
    { base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line) => log.push(JSON.parse(line)) },
  );
  const opened = openKeyRing(names, env, { origin: ORIGIN, logger, now: () => clock });
  onTestFinished(() => opened.keys.close());
  return opened;
}

function value(keys: KeyRing): string {
  return keys.current(NAME).reveal(ORIGIN);
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("where a value comes from", () => {
  test("the variable named after the key, whatever white space surrounds it", () => {
    const { keys, faults } = open({ PARTOO_KEY_LOCATOR_READ: ` ${OLD}\n` });
    expect([value(keys), faults]).toEqual([OLD, []]);
  });

  test.each([
    ["a last newline", `${OLD}\n`],
    ["a last newline of Windows", `${OLD}\r\n`],
    ["nothing around it", OLD],
  ])("a file with %s", (_what, text) => {
    const { keys, faults } = open({ PARTOO_KEY_LOCATOR_READ_FILE: file("key", text) });
    expect([value(keys), faults]).toEqual([OLD, []]);
  });

  test("every character of a name but letters and digits is an underscore", () => {
    expect(open({ PARTOO_KEY_A_B_C_9: OLD }, ["a.b-c_9"]).faults).toEqual([]);
  });

  test("an unset variable and an empty one are the same", () => {
    const { keys, faults } = open({ PARTOO_KEY_LOCATOR_READ: "", PARTOO_KEY_LOCATOR_READ_FILE: file("key", OLD) });
    expect([value(keys), faults]).toEqual([OLD, []]);
  });
});

describe("what is at fault is told with the name of the variable, all keys at once, and never with a value", () => {
  test("missing", () => {
    const { faults } = open({}, ["locator-read", "reviews.read"]);
    expect(faults).toEqual([
      expect.stringMatching(/^PARTOO_KEY_LOCATOR_READ \(or PARTOO_KEY_LOCATOR_READ_FILE\) is missing/),
      expect.stringMatching(/^PARTOO_KEY_REVIEWS_READ \(or PARTOO_KEY_REVIEWS_READ_FILE\) is missing/),
    ]);
  });

  test("both set", () => {
    const { faults } = open({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_FILE: file("key", OLD) });
    expect(faults).toEqual([expect.stringMatching(/^PARTOO_KEY_LOCATOR_READ and PARTOO_KEY_LOCATOR_READ_FILE are both set/)]);
  });

  test.each([
    ["a file that is not there", (): string => join(folder, "none"), /^PARTOO_KEY_LOCATOR_READ_FILE: .*none can't be read \(ENOENT\)/],
    ["a folder", (): string => folder, /^PARTOO_KEY_LOCATOR_READ_FILE: .* can't be read \(EISDIR\)/],
    ["an empty file", (): string => file("key", "\n"), /^PARTOO_KEY_LOCATOR_READ_FILE: .*empty/],
    ["a file of two lines", (): string => file("key", `${OLD}\n${NEW}\n`), /^PARTOO_KEY_LOCATOR_READ_FILE: .*not printable ASCII/],
  ])("%s", (_what, path, fault) => {
    const { faults } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path() });
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join(" ")).not.toMatch(/old-3d1f|new-90be/);
  });

  test.each([
    ["white space only", { PARTOO_KEY_LOCATOR_READ: "  " }, /^PARTOO_KEY_LOCATOR_READ: .*empty/],
    ["a value with a space inside", { PARTOO_KEY_LOCATOR_READ: `${OLD} x` }, /^PARTOO_KEY_LOCATOR_READ: .*not printable ASCII/],
    ["a value with an accent", { PARTOO_KEY_LOCATOR_READ: `${OLD}é` }, /^PARTOO_KEY_LOCATOR_READ: .*not printable ASCII/],
    [
      "a next value with a line break inside",
      { PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: `${NEXT}\n${NEXT}` },
      /^PARTOO_KEY_LOCATOR_READ_NEXT: .*not printable ASCII/,
    ],
  ])("%s", (_what, env, fault) => {
    const { faults } = open(env);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join(" ")).not.toMatch(/old-3d1f|next-5e0a/);
  });
});

describe("a file that changes is read again within two seconds", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());

  test("when it is written over", () => {
    const path = file("key", OLD);
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path });
    writeFileSync(path, NEW);
    vi.advanceTimersByTime(2000);
    expect(value(keys)).toBe(NEW);
    expect(log).toMatchObject([{ level: "info", key: NAME }]);
    vi.advanceTimersByTime(10_000);
    expect(log).toHaveLength(1);
  });

  test("when another file is renamed onto it", () => {
    const path = file("key", OLD);
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path });
    renameSync(file("key.tmp", NEW), path);
    vi.advanceTimersByTime(2000);
    expect(value(keys)).toBe(NEW);
  });

  test("when a link above it is swapped, as Kubernetes does", () => {
    for (const [version, text] of [
      ["..2026_1", OLD],
      ["..2026_2", NEW],
    ] as const) {
      mkdirSync(join(folder, version));
      file(join(version, "key"), text);
    }
    symlinkSync("..2026_1", join(folder, "..data"));
    symlinkSync(join("..data", "key"), join(folder, "key"));
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: join(folder, "key") });
    expect(value(keys)).toBe(OLD);
    symlinkSync("..2026_2", join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    vi.advanceTimersByTime(2000);
    expect(value(keys)).toBe(NEW);
  });

  test.each([
    ["is gone", (path: string): void => rmSync(path)],
    ["is empty", (path: string): void => writeFileSync(path, "\n")],
  ])("when it %s, the value read before stays, with one warning; when it is back, it is read", (_what, spoil) => {
    const path = file("key", OLD);
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path });
    spoil(path);
    vi.advanceTimersByTime(60_000);
    expect(value(keys)).toBe(OLD);
    expect(log).toMatchObject([{ level: "warn", key: NAME }]);
    writeFileSync(path, NEW);
    vi.advanceTimersByTime(2000);
    expect(value(keys)).toBe(NEW);
    rmSync(path);
    vi.advanceTimersByTime(2000);
    expect(log.map(({ level }) => level)).toEqual(["warn", "info", "warn"]);
  });

  test("after close() nothing is read any more", () => {
    const path = file("key", OLD);
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path });
    keys.close();
    writeFileSync(path, NEW);
    vi.advanceTimersByTime(60_000);
    expect(value(keys)).toBe(OLD);
  });
});

describe("after a refusal", () => {
  test("the file is read again, and at most once a minute", () => {
    const path = file("key", OLD);
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path });
    const refused = keys.current(NAME);
    expect(keys.replacement(NAME, refused)).toBeUndefined();
    writeFileSync(path, NEW);
    clock = 59_999;
    expect(keys.replacement(NAME, refused)).toBeUndefined();
    clock = 60_000;
    expect(keys.replacement(NAME, refused)?.reveal(ORIGIN)).toBe(NEW);
  });

  test("a file that has changed already is all that is needed: its value comes before the next one", () => {
    const path = file("key", OLD);
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
    writeFileSync(path, NEW);
    expect(keys.replacement(NAME, keys.current(NAME))?.reveal(ORIGIN)).toBe(NEW);
  });

  test("the next value is tried, and kept once it is accepted", () => {
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
    const next = keys.replacement(NAME, keys.current(NAME));
    expect(next?.reveal(ORIGIN)).toBe(NEXT);
    expect(value(keys)).toBe(OLD);
    if (next !== undefined) keys.accepted(NAME, next);
    expect(value(keys)).toBe(NEXT);
    if (next !== undefined) keys.accepted(NAME, next);
    expect(log).toMatchObject([{ level: "warn", key: NAME, msg: "the next value of this key is in use: Partoo refused the one before" }]);
  });

  test("a next value that is the same is no other value", () => {
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: OLD });
    expect(keys.replacement(NAME, keys.current(NAME))).toBeUndefined();
  });

  test("the alarm is one line until the key is accepted again, and that is one line", () => {
    const { keys } = open({ PARTOO_KEY_LOCATOR_READ: OLD });
    for (let nth = 0; nth < 3; nth += 1) keys.alarm(NAME, 401);
    expect(log).toMatchObject([{ level: "error", alarm: "key-refused", key: NAME, upstream_status: 401 }]);
    for (let nth = 0; nth < 3; nth += 1) keys.accepted(NAME, keys.current(NAME));
    keys.alarm(NAME, 401);
    expect(log.map(({ level, msg }) => [level, msg])).toEqual([
      ["error", "Partoo refuses this key: replace its value or its rights"],
      ["info", "Partoo accepts this key again"],
      ["error", "Partoo refuses this key: replace its value or its rights"],
    ]);
  });
});

test("a value from a file that Partoo refuses gives way to the one that has answered, and a sound one takes over", () => {
  const path = file("key", OLD);
  const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path });
  const first = keys.current(NAME);
  keys.accepted(NAME, first);
  writeFileSync(path, NEW);
  expect(keys.replacement(NAME, first)?.reveal(ORIGIN)).toBe(NEW);
  const wrong = keys.current(NAME);
  keys.accepted(NAME, first);
  expect(keys.current(NAME)).toBe(wrong);
  expect(keys.replacement(NAME, wrong)).toBe(first);
  keys.accepted(NAME, first);
  expect(value(keys)).toBe(OLD);
  expect(log.filter(({ alarm }) => alarm === "key-refused")).toHaveLength(1);
  clock += 60_000;
  writeFileSync(path, NEXT);
  expect(keys.replacement(NAME, first)?.reveal(ORIGIN)).toBe(NEXT);
  keys.accepted(NAME, keys.current(NAME));
  expect(value(keys)).toBe(NEXT);
});

test("a 403 is told now and then, whatever succeeds between: visitors can't fill the log", () => {
  const { keys } = open({ PARTOO_KEY_LOCATOR_READ: OLD });
  for (let nth = 0; nth < 5; nth += 1) {
    keys.alarm(NAME, 403);
    keys.accepted(NAME, keys.current(NAME));
  }
  expect(log).toMatchObject([{ level: "error", alarm: "key-refused", upstream_status: 403 }]);
  clock += 600_000;
  keys.alarm(NAME, 403);
  expect(log).toHaveLength(2);
});

test("a ring can be printed without showing a value, and knows all of them for the check of answers", () => {
  const { keys } = open({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
  expect(inspect(keys.all(), { depth: 9, showHidden: true }) + JSON.stringify(keys.all()) + String(keys.all())).not.toMatch(
    /old-3d|next-5e/,
  );
  expect(keys.all().map((secret) => secret.reveal(ORIGIN))).toEqual([OLD, NEXT]);
});

test("a value that was replaced is still looked for in answers: a request under way may carry it", () => {
  const { keys } = open({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
  const next = keys.replacement(NAME, keys.current(NAME));
  if (next !== undefined) keys.accepted(NAME, next);
  expect(value(keys)).toBe(NEXT);
  expect(keys.all().some((secret) => secret.isIn(Buffer.from(`echo ${OLD}`)))).toBe(true);
});

test("the value that has answered is looked for, however many files came to nothing since", () => {
  const path = file("key", OLD);
  const { keys } = open({ PARTOO_KEY_LOCATOR_READ_FILE: path });
  keys.accepted(NAME, keys.current(NAME));
  for (let nth = 0; nth < 6; nth += 1) {
    clock += 60_000;
    writeFileSync(path, `${NEW}-${nth}`);
    keys.replacement(NAME, keys.current(NAME));
  }
  expect(keys.all().some((secret) => secret.isIn(Buffer.from(`echo ${OLD}`)))).toBe(true);
});

test("a name that was not loaded is a mistake of ours", () => {
  expect(() => open({ PARTOO_KEY_LOCATOR_READ: OLD }).keys.current("other")).toThrow(TypeError);
});
