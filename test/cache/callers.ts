/** Many who ask for the same at once, each on a connection of its own, while Partoo thinks. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestGateway } from "../support/gateway.ts";
import type { Partoo } from "./partoo.ts";
import { request } from "../support/raw-client.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { SEARCH, store } from "./partoo.ts";

/** Partoo thinks until it is let. */
export function holdAnswers(partoo: Partoo): () => void {
  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
  partoo.fails((_request, socket) => (void allowed.then(() => socket.write(storableJson(EVERYTHING))), undefined));
  return allow;
}

const EVERYTHING = { page: 1, max_page: 1, count: 3, businesses: [store(1), store(2), store(3)] };

export interface Caller {
  leave(): void;
  /** The whole answer. */
  readonly answer: Promise<string>;
}

/** A connection of its own on which a request has been sent. */
async function call({ port }: TestGateway, target: string): Promise<Caller> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(request(target, { fields: ["Connection: close", "Accept-Encoding: identity"] }));
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString()));
  return { leave: () => socket.resetAndDestroy(), answer: once(socket, "close").then(() => text) };
}

export async function callMany(gateway: TestGateway, count: number): Promise<readonly Caller[]> {
  const callers = await Promise.all(Array.from({ length: count }, () => call(gateway, SEARCH)));
  await sleep(300);
  return callers;
}
