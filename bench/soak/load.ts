/**
 * The load, a process of its own: open loop, so a request is due at its time whatever became of the others. Visitors have addresses of
 * their own on the loopback network and keep their connections, one for each request under way.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { exit } from "node:process";
import type { Connection, RawAnswer } from "./connection.ts";
import type { Cell, LoadResult } from "./tally.ts";
import type { Target } from "./targets.ts";
import { openConnection } from "./connection.ts";
import { createTally, SLOT_SECONDS } from "./tally.ts";
import { createZipf } from "./targets.ts";

/** What the load is told, once. */
export interface LoadOrder {
  /** The most popular one first. */
  readonly targets: readonly Target[];
  readonly ports: readonly number[];
  readonly addresses: number;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly origin: string;
}

/** What the load tells. `begun`: its clock runs from now on. */
export type LoadMessage =
  | { readonly type: "begun" }
  | { readonly type: "progress"; readonly seconds: number; readonly cells: readonly Cell[] }
  | { readonly type: "done"; readonly result: LoadResult };

/** Requests leave in bundles of so many milliseconds. */
const TICK_MS = 2;
/** The longest that the last answers are waited for: more than any deadline of a proxy. */
const LAST_ANSWERS_MS = 15_000;

/** Sends each request at its time, waits for the last answers, and closes the connections. @returns what was measured */
async function load(order: LoadOrder): Promise<LoadResult> {
  const { rate, seconds, targets, origin } = order;
  const [tally, visitors, zipf] = [createTally(), createVisitors(order), createZipf(targets.length)];
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const send = (dueMs: number): void => {
    const { kind, path } = targets[zipf(Math.random())] as Target;
    tally.sent(elapsed() - dueMs);
    visitors.ask(requestFor(path, origin), (answer) => tally.answered({ dueMs, kind, tookMs: elapsed() - dueMs }, answer));
  };
  tell({ type: "begun" });
  const tellProgress = (): void => tell({ type: "progress", seconds: Math.round(elapsed() / 1000), cells: tally.cells() });
  const progress = setInterval(tellProgress, SLOT_SECONDS * 1000);
  for (let sent = 0; sent < rate * seconds; sent += 1) {
    const dueMs = (sent * 1000) / rate;
    if (dueMs > elapsed()) await sleep(Math.max(TICK_MS, dueMs - elapsed()));
    send(dueMs);
  }
  for (let leftMs = LAST_ANSWERS_MS; tally.waiting() > 0 && leftMs > 0; leftMs -= 100) await sleep(100);
  clearInterval(progress);
  visitors.leave();
  // What is cut off here counts as not answered.
  await sleep(TICK_MS);
  return tally.result(visitors.opened());
}

/** Connections of everybody, by address and proxy. */
function createVisitors({ ports, addresses }: LoadOrder) {
  const idle = new Map<string, Connection[]>();
  const open = new Set<Connection>();
  let opened = 0;
  const connectionOf = (port: number, localAddress: string, free: Connection[]): Connection => {
    const known = free.pop();
    if (known !== undefined) return known;
    const connection = openConnection({ port, localAddress }, () => {
      open.delete(connection);
      const place = free.indexOf(connection);
      if (place !== -1) free.splice(place, 1);
    });
    open.add(connection);
    opened += 1;
    return connection;
  };
  return {
    ask(request: string, done: (answer: RawAnswer) => void): void {
      const port = ports[Math.floor(Math.random() * ports.length)] as number;
      const localAddress = `127.0.1.${1 + Math.floor(Math.random() * addresses)}`;
      const name = `${port} ${localAddress}`;
      const free = idle.get(name) ?? [];
      idle.set(name, free);
      const connection = connectionOf(port, localAddress, free);
      connection.ask(request, (answer) => {
        if (open.has(connection)) free.push(connection);
        done(answer);
      });
    },
    leave: () => open.forEach((connection) => connection.close()),
    opened: () => opened,
  };
}

/** As a browser asks for it. */
function requestFor(path: string, origin: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: bff.acme.example\r\nOrigin: ${origin}\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nAccept: application/json\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n`;
}

function tell(message: LoadMessage): void {
  process.send?.(message);
}

process.once("disconnect", () => exit(1));
process.once("message", (order: LoadOrder) => {
  void load(order).then((result) => process.send?.({ type: "done", result } satisfies LoadMessage, undefined, undefined, () => exit(0)));
});
