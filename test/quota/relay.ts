/** A way to Redis that can be cut, for one process only: a TCP relay on loopback. */
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { connect, createServer } from "node:net";

export interface Relay {
  /** For REDIS_URL. */
  readonly url: string;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  /** Answers come so much later, in order. */
  delay(ms: number): void;
  close(): Promise<void>;
}

export async function startRelay(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let delayMs = 0;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => (sockets.delete(one), other.destroy()));
    }
    near.pipe(far);
    far.on("data", (chunk: Buffer) => void (delayMs === 0 ? near.write(chunk) : setTimeout(() => near.write(chunk), delayMs)));
    return undefined;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const breakAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      breakAll();
    },
    mend: () => void (isCut = false),
    delay: (ms) => void (delayMs = ms),
    async close() {
      breakAll();
      server.close();
      await once(server, "close");
    },
  };
}
