/** The alarm that Partoo refuses what a route asks for (400, 415, 422): our configuration or catalogue is at fault, never the visitor. */
import type { Logger } from "../log.ts";

/** Visitors can't fill the log with it. */
const QUIET_MS = 600_000;

export interface RefusedRequest {
  readonly keyName: string;
  /** Template of the route. */
  readonly route: string;
  readonly status: number;
  /** Status, kind and names of fields, in words of ours; no values. */
  readonly reason: string;
}

/** @returns what tells of a refusal: at most one line in ten minutes for each key and route. `now`: ms of a clock that never goes back */
export function createRouteAlarm(logger: Logger, now: () => number = () => performance.now()): (refused: RefusedRequest) => void {
  const toldAt = new Map<string, number>();
  return ({ keyName, route, status, reason }) => {
    const id = `${keyName} ${route}`;
    if (now() - (toldAt.get(id) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    toldAt.set(id, now());
    logger.error(
      { alarm: "request-refused", key: keyName, route, upstream_status: status, reason },
      "Partoo refuses what this route asks for: look at its parameters",
    );
  };
}
