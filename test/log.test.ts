/** A log that can't be written, or that nobody reads, costs lines and nothing else. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Log } from "../src/log.ts";
import type { LogLine } from "./support/cli.ts";
import { openLog } from "../src/log.ts";
import { startServerProcess, until } from "./support/cli.ts";
import { CANARY_KEY, writeConfig } from "./support/proxy.ts";
import { freePort } from "./support/redis.ts";

/** More lines than a pipe and every buffer of ours hold. */
const MANY = 6000;
const PADDING = "x".repeat(300);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "partoo-bff-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

function open(file: string): Log {
  return openLog({ level: "info", file });
}

interface Pipe {
  readonly path: string;
  /** Its writing end, as a shell hands it to a process. */
  readonly writer: number;
  /** What is in it at this moment. */
  readonly read: () => string;
  /** The reader goes. */
  readonly leave: () => void;
}

/** A pipe whose reader reads only when told to. */
function pipe(): Pipe {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  const ends = new Set([reader, writer]);
  const close = (end: number): void => void (ends.delete(end) && closeSync(end));
  onTestFinished(() => ends.forEach(close));
  const chunk = Buffer.alloc(1024 * 1024);
  const read = (): string => {
    try {
      return chunk.toString("utf8", 0, readSync(reader, chunk));
    } catch {
      return "";
    }
  };
  return { path, writer, read, leave: () => close(reader) };
}

function parse(text: string): readonly LogLine[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LogLine);
}

/** Asks for a frontend that there is not, so often that more lines are due than anything holds. */
async function askOften(url: string): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>();
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}/nobody/v2/business/search`)));
    for (const answer of answers) {
      statuses.add(answer.status);
      await answer.arrayBuffer();
    }
  }
  return statuses;
}

describe("the server answers, and SIGTERM ends it with 0, when the log", () => {
  test.skipIf(process.platform !== "linux")("is on a disk that is full", async () => {
    const server = await startServerProcess({ upstream: "http://127.0.0.1:9", env: { LOG_FILE: "/dev/full" } });
    expect(await askOften(server.url)).toEqual(new Set([404]));
    expect(await server.stop()).toMatchObject({ code: 0 });
  });

  test.each(["is read by nobody", "has a reader who has gone"])("%s", async (what) => {
    const { writer, leave } = pipe();
    if (what === "has a reader who has gone") leave();
    const child = spawn(process.execPath, ["src/main.ts", "start", "--config", writeConfig(folder, {})], {
      env: { PORT: "0", OPERATOR_PORT: "0", HOST: "127.0.0.1", PARTOO_KEY_LOCATOR_READ: CANARY_KEY },
      stdio: ["ignore", writer, "pipe"],
    });
    const ended = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    let printed = "";
    child.stderr?.on("data", (bytes: Buffer) => (printed += bytes.toString()));
    await until(() => / on http:\/\/.*:\d+\n/.test(printed));
    const url = /http:\/\/127\.0\.0\.1:\d+\n/.exec(printed)?.[0].trim() ?? "";
    expect(await askOften(url)).toEqual(new Set([404]));
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});

test("whoever read both streams has gone: the server starts, answers, and ends with 0", async () => {
  const { writer, leave } = pipe();
  leave();
  const port = await freePort();
  const child = spawn(process.execPath, ["src/main.ts", "start", "--config", writeConfig(folder, {})], {
    env: { PORT: String(port), OPERATOR_PORT: "0", HOST: "127.0.0.1", PARTOO_KEY_LOCATOR_READ: CANARY_KEY },
    stdio: ["ignore", writer, writer],
  });
  const ended = once(child, "exit");
  onTestFinished(() => void child.kill("SIGKILL"));
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(async () => child.exitCode !== null || (await answers()));
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test("standard output is lines of the log and nothing else, the last one included", async () => {
  const server = await startServerProcess({ upstream: "http://127.0.0.1:9", env: { LOG_FILE: "" } });
  await fetch(`${server.url}/nobody`);
  const { stdout } = await server.stop();
  expect(parse(stdout).map(({ msg, status }) => msg ?? status)).toEqual(["operator listener", "serving", 404, "draining"]);
});

describe("lines", () => {
  test("that fit are all written, in order, and whole, once the reader is back; the rest is counted in one line", async () => {
    const { path, read } = pipe();
    const log = open(path);
    for (let nth = 0; nth < MANY; nth += 1) log.logger.info({ nth, padding: PADDING });
    let text = "";
    await until(() => {
      text += read();
      return text.includes('"lost_lines"');
    });
    const closed = log.close();
    await sleep(20);
    text += read();
    await closed;
    const lines = parse(text + read());
    const numbers = lines.flatMap(({ nth }) => (typeof nth === "number" ? [nth] : []));
    const lost = lines.flatMap(({ lost_lines }) => (typeof lost_lines === "number" ? [lost_lines] : []));
    expect(numbers).toEqual(numbers.map((_unused, nth) => nth));
    expect(numbers.length).toBeGreaterThan(1000);
    expect(lost).toEqual([MANY - numbers.length]);
  });

  test("are in the file once the log is closed", async () => {
    const file = join(folder, "log");
    const log = open(file);
    for (let nth = 0; nth < 100; nth += 1) log.logger.info({ nth });
    await log.close();
    expect(parse(readFileSync(file, "utf8")).map(({ nth }) => nth)).toEqual(Array.from({ length: 100 }, (_unused, nth) => nth));
  });

  test("appear within moments while the process runs, however few they are", async () => {
    const file = join(folder, "log");
    const log = open(file);
    onTestFinished(() => log.close());
    log.logger.info("one");
    await until(() => readFileSync(file, "utf8") !== "");
    expect(parse(readFileSync(file, "utf8"))).toMatchObject([{ msg: "one" }]);
  });
});

test("a pipe without a reader can't be opened: the start says so instead of waiting for one", () => {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  expect(() => open(path)).toThrow(/ENXIO/);
});
