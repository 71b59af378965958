/** One keep-alive connection of a visitor: a raw socket that writes requests and reads just enough of the answers. */
import type { Socket } from "node:net";
import { connect } from "node:net";

const HEAD_END = "\r\n\r\n";
const LENGTH = /\r\ncontent-length: (\d+)/i;

/** An answer as far as the load looks at it. */
export interface RawAnswer {
  /** 0: the connection broke instead. */
  readonly status: number;
  /** Status line and fields; what went wrong when the status is 0. */
  readonly head: string;
  /** Of answers other than 2xx; else empty. */
  readonly content: string;
}

export interface Connection {
  /** Sends one request. Only while none is under way. @param done called once */
  ask(request: string, done: (answer: RawAnswer) => void): void;
  close(): void;
}

/** @param onEnd called once, when the connection can't be used any more */
export function openConnection(where: { readonly port: number; readonly localAddress: string }, onEnd: () => void): Connection {
  let waiting: ((answer: RawAnswer) => void) | undefined;
  let held: Buffer | undefined;
  let head = "";
  let left = 0;
  let kept: Buffer[] = [];
  const socket: Socket = connect({ host: "127.0.0.1", ...where, noDelay: true });

  const settle = (answer: RawAnswer): void => {
    const done = waiting;
    waiting = held = undefined;
    head = "";
    kept = [];
    done?.(answer);
  };
  const readHead = (chunk: Buffer): Buffer | undefined => {
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) return void (held = bytes);
    head = bytes.toString("latin1", 0, end);
    left = Number(LENGTH.exec(head)?.[1] ?? 0);
    return bytes.subarray(end + HEAD_END.length);
  };
  const isSuccess = (): boolean => head.startsWith("2", 9);

  socket.on("data", (chunk: Buffer) => {
    const bytes = head === "" ? readHead(chunk) : chunk;
    if (bytes === undefined) return;
    left -= bytes.length;
    if (!isSuccess()) kept.push(bytes);
    if (left <= 0) settle({ status: Number(head.slice(9, 12)), head, content: Buffer.concat(kept).toString() });
  });
  let fault = "closed";
  socket.on("error", (error: NodeJS.ErrnoException) => void (fault = error.code ?? error.name));
  socket.on("close", () => {
    onEnd();
    settle({ status: 0, head: fault, content: "" });
  });
  return {
    ask(request, done) {
      waiting = done;
      socket.write(request, "latin1");
    },
    close: () => socket.destroy(),
  };
}
