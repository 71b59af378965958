/** Brings a case to a listener as it wants to be brought, and collects what comes back. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reading } from "./answers.ts";
import type { Case } from "./request.ts";
import { readAnswers } from "./answers.ts";

/** After the last byte that came, time for what should not come. */
const QUIET_MS = 40;
/** Nothing at all has come: a call to Partoo may be on its way. */
const SILENCE_MS = 1000;
/** In all. */
const LONGEST_MS = 3000;
/** Between two writes of which each shall be a segment of its own. */
const STEP_MS = 1;
/** More writes go out without a pause. */
const MAX_STEPS = 30;

export interface Sent extends Reading {
  /** How the connection ended, when the listener ended it. */
  readonly ended: "open" | "closed" | "reset";
}

/** Never rejects. @param silenceMs how long nothing at all may come */
export async function send(port: number, { writes, ending }: Case, silenceMs = SILENCE_MS): Promise<Sent> {
  const chunks: Buffer[] = [];
  const mayBeHead = Buffer.concat(writes).includes("HEAD");
  let ended: Sent["ended"] = "open";
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  let quiet = setTimeout(resolve, silenceMs);
  const last = setTimeout(resolve, LONGEST_MS + silenceMs);
  const isWhole = (): boolean => {
    const { rest } = readAnswers(Buffer.concat(chunks), mayBeHead);
    return rest.length === 0;
  };
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    clearTimeout(quiet);
    quiet = setTimeout(resolve, isWhole() ? QUIET_MS : silenceMs);
  });
  socket.on("end", () => {
    if (ended === "open") ended = "closed";
    socket.end();
  });
  socket.on("error", () => (ended = "reset"));
  socket.on("close", () => resolve());
  await write(socket, writes);
  if (ending === "gone") socket.destroy();
  if (ending === "half-close") socket.end();
  await over;
  clearTimeout(quiet);
  clearTimeout(last);
  socket.destroy();
  return { ...readAnswers(Buffer.concat(chunks), mayBeHead), ended };
}

async function write(socket: ReturnType<typeof connect>, writes: readonly Buffer[]): Promise<void> {
  for (const [nth, bytes] of writes.entries()) {
    if (nth > 0 && writes.length <= MAX_STEPS) await sleep(STEP_MS);
    if (!socket.destroyed && socket.writable) socket.write(bytes);
  }
}
