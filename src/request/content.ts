/** The content of a request, read whole: bounded in size and time, whatever its header section says. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { problem } from "../problem.ts";

const MAX_BODY_BYTES = 1024 * 1024;
const READ_TIMEOUT_MS = 10_000;
const CLOSE = { connection: "close" } as const;

/**
 * @param waiting aborted when nobody waits for the answer any more; its reason is thrown
 * @throws Problem body-too-large beyond 1 MiB, request-malformed after 10 s
 */
export async function readContent(incoming: IncomingMessage, outgoing: ServerResponse, waiting: AbortSignal): Promise<Buffer> {
  if (Number(incoming.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  const chunks: Buffer[] = [];
  const { promise: whole, resolve, reject } = Promise.withResolvers<Buffer>();
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) reject(tooLarge());
    else chunks.push(chunk);
  };
  const end = (): void => resolve(Buffer.concat(chunks));
  const cut = (): void => reject(waiting.aborted ? (waiting.reason as Error) : tooSlow());
  const timer = setTimeout(cut, READ_TIMEOUT_MS);
  waiting.addEventListener("abort", cut, { once: true });
  incoming.on("data", take).once("end", end).once("error", cut);
  if (waiting.aborted) cut();
  try {
    return await whole;
  } finally {
    clearTimeout(timer);
    waiting.removeEventListener("abort", cut);
    incoming.off("data", take).off("end", end).off("error", cut);
    // One may still come when the connection breaks, and one that nobody hears ends the process.
    incoming.on("error", () => undefined);
  }
}

function tooLarge(): Error {
  return problem("body-too-large", { detail: `A body may have ${MAX_BODY_BYTES} bytes at most.`, headers: CLOSE });
}

function tooSlow(): Error {
  return problem("request-malformed", { detail: "The body did not arrive whole within 10 seconds.", headers: CLOSE });
}
