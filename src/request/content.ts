/** The content of a request, read whole: bounded in size and time, whatever its header section says. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { problem } from "../problem.ts";

/** Unless less is asked for. */
const MAX_BODY_BYTES = 1024 * 1024;
const READ_TIMEOUT_MS = 10_000;
const CLOSE = { connection: "close" } as const;
/** Set on a message, and emitted by it, when the parser gave up on its content: Node itself tells only the server. */
const BROKEN = Symbol("content is broken");

type Content = IncomingMessage & { [BROKEN]?: true };

/** Ends the reading of a content whose framing is not HTTP's, now or when it begins. */
export function breakContent(incoming: Content): void {
  incoming[BROKEN] = true;
  incoming.emit(BROKEN);
}

/** How long, and how much. */
export interface ContentBounds {
  /** Aborted when nobody waits for the answer any more; its reason is thrown. */
  readonly waiting: AbortSignal;
  /** Default 1 MiB. */
  readonly maxBytes?: number | undefined;
}

/** @throws Problem body-too-large as soon as there is too much, request-malformed after 10 s or when the framing is broken */
export async function readContent(
  incoming: Content,
  outgoing: ServerResponse,
  { waiting, maxBytes = MAX_BODY_BYTES }: ContentBounds,
): Promise<Buffer> {
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (incoming[BROKEN] === true) throw malformed();
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  const chunks: Buffer[] = [];
  const { promise: whole, resolve, reject } = Promise.withResolvers<Buffer>();
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > maxBytes) reject(tooLarge(maxBytes));
    else chunks.push(chunk);
  };
  const end = (): void => resolve(Buffer.concat(chunks));
  const cut = (): void => reject(waiting.aborted ? (waiting.reason as Error) : tooSlow());
  const giveUp = (): void => reject(malformed());
  const timer = setTimeout(cut, READ_TIMEOUT_MS);
  waiting.addEventListener("abort", cut, { once: true });
  incoming.on("data", take).once("end", end).once("error", cut).once(BROKEN, giveUp);
  if (waiting.aborted) cut();
  try {
    return await whole;
  } finally {
    clearTimeout(timer);
    waiting.removeEventListener("abort", cut);
    incoming.off("data", take).off("end", end).off("error", cut).off(BROKEN, giveUp);
    // One may still come when the connection breaks, and one that nobody hears ends the process.
    incoming.on("error", () => undefined);
  }
}

function tooLarge(maxBytes: number): Error {
  return problem("body-too-large", { detail: `The content may have ${maxBytes} bytes at most.`, headers: CLOSE });
}

function malformed(): Error {
  return problem("request-malformed", { detail: "The body is not framed as HTTP asks for.", headers: CLOSE });
}

function tooSlow(): Error {
  return problem("request-malformed", { detail: "The body did not arrive whole within 10 seconds.", headers: CLOSE });
}
