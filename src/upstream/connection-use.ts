/** The connection that a request goes out on. undici tells of it on a diagnostics channel only. */
import type { Socket } from "node:net";
import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** Published as a request is written, in the same turn as its onRequestStart(). */
const SEND_HEADERS = "undici:client:sendHeaders";

export interface ConnectionUse {
  /** Whether the connection has brought an answer before, and not one byte since this request went out. */
  isReusedAndSilent(): boolean;
}

/** To be called in onRequestStart(): the next request that is written is this one. */
export function watchConnection(): ConnectionUse {
  let socket: Socket | undefined;
  let bytesBefore = 0;
  const onSend = (message: unknown): void => {
    unsubscribe(SEND_HEADERS, onSend);
    ({ socket } = message as { readonly socket: Socket });
    bytesBefore = socket.bytesRead;
  };
  subscribe(SEND_HEADERS, onSend);
  return { isReusedAndSilent: () => bytesBefore > 0 && socket?.bytesRead === bytesBefore };
}
