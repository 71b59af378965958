/** The Partoo that the attacked proxy calls: judges every call that arrives, and answers as it pleases. */
import { hash } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { createServer } from "node:net";
import type { CallJudge } from "./judge-call.ts";
import { createRandom } from "../src/sandbox/random.ts";
import { endpointOf } from "./judge-call.ts";
import { answerTo } from "./partoo-answers.ts";

export interface Partoo {
  /** For PARTOO_URL. */
  readonly url: string;
  readonly port: number;
  calls(): number;
  /** What it answers from now on depends on this, on what is asked and on how often it was asked since. */
  reseed(seed: number): void;
  close(): Promise<void>;
}

/** @param onFault told of a call that must not have been made */
export async function startPartoo(judge: CallJudge, onFault: (fault: string) => void): Promise<Partoo> {
  const sockets = new Set<Socket>();
  const asked = new Map<string, number>();
  let seed = 0;
  let calls = 0;

  const deal = (head: string, socket: Socket): void => {
    calls += 1;
    const fault = judge(head, (server.address() as AddressInfo).port);
    if (fault !== undefined) onFault(`${fault}\n${head.trim()}`);
    const target = head.split(" ")[1] ?? "";
    const nth = (asked.get(target) ?? 0) + 1;
    asked.set(target, nth);
    const random = createRandom(Number.parseInt(hash("sha256", `${seed} ${nth} ${target}`).slice(0, 8), 16));
    const { pieces, hangsUp } = answerTo(
      random,
      endpointOf(target),
      target.startsWith("/v2/business/search?page=1&per_page=100&status=closed"),
    );
    void write(socket, pieces, hangsUp);
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    let received = "";
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      for (let end = received.indexOf("\r\n\r\n"); end !== -1; end = received.indexOf("\r\n\r\n")) {
        deal(received.slice(0, end + 4), socket);
        received = received.slice(end + 4);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v2`,
    port,
    calls: () => calls,
    reseed(next) {
      seed = next;
      asked.clear();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function write(socket: Socket, pieces: readonly (readonly [number, Buffer])[], hangsUp: boolean): Promise<void> {
  for (const [pauseMs, bytes] of pieces) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (!socket.destroyed) socket.write(bytes);
  }
  if (hangsUp) socket.end();
}
