/** Turns of the requests on one connection: one after the other, and not without bound (RFC 9112 §9.3.2, pipelining). */
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Requests that may wait behind the one being answered. Hardly any client pipelines; what goes on asking is a flood. */
const MAX_WAITING = 100;

export interface Turns {
  /**
   * Deals with a request when those before it have their answers. Not at all behind an answer that closes the connection
   * (RFC 9112 §9.6): it may be the content of a request that was refused. Too many waiting: the connection ends.
   */
  take(outgoing: ServerResponse, socket: Duplex, deal: () => void): void;
  /** The answer that the connection owes last, or undefined when it owes none. */
  due(socket: Duplex): ServerResponse | undefined;
}

interface Queue {
  newest: ServerResponse | undefined;
  waiting: number;
}

export function createTurns(): Turns {
  const queues = new WeakMap<Duplex, Queue>();
  const due = (socket: Duplex): ServerResponse | undefined => {
    const newest = queues.get(socket)?.newest;
    return newest?.closed === true ? undefined : newest;
  };
  return {
    due,
    take(outgoing, socket, deal) {
      if (!socket.writable) return;
      let queue = queues.get(socket);
      if (queue === undefined) queues.set(socket, (queue = { newest: undefined, waiting: 0 }));
      const previous = queue.newest;
      queue.newest = outgoing;
      if (previous === undefined || previous.closed) return deal();
      queue.waiting += 1;
      if (queue.waiting > MAX_WAITING) return void socket.destroy();
      previous.once("close", () => {
        queue.waiting -= 1;
        if (socket.writable) deal();
      });
    },
  };
}
