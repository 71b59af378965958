/** `/_sandbox/…`: what tests and people ask of the sandbox itself. Needs no key and is not counted. */
import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.ts";
import type { World } from "./world.ts";
import { missing, ok, Refusal, refusalAnswer } from "./answer.ts";
import { readJsonBody } from "./body.ts";

/** All paths below this are the sandbox's own. */
export const CONTROL_PREFIX = "/_sandbox/";

/**
 * `GET counters` → Counters. `POST reset` sets them to zero (stores, limits and faults stay).
 * `POST fail` with `{fail, times?, path?}` switches faults; `{"fail": null}` ends them.
 * `GET keys` → the made-up keys with their values, which Partoo shows in its app only.
 */
export async function control(world: World, request: IncomingMessage, path: string): Promise<Answer> {
  try {
    switch (`${request.method} ${path.slice(CONTROL_PREFIX.length)}`) {
      case "GET counters":
        return ok(world.counter.read());
      case "POST reset":
        world.counter.reset();
        return ok({ status: "success" });
      case "POST fail":
        return switchFaults(world, (await readJsonBody(request)).read());
      case "GET keys":
        return ok({ keys: shownKeys(world) });
      default:
        throw missing();
    }
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusalAnswer(refusal, "error");
    throw refusal;
  }
}

function switchFaults(world: World, body: unknown): Answer {
  const { fail = null, times, path } = (body ?? {}) as { readonly fail?: unknown; readonly times?: unknown; readonly path?: unknown };
  try {
    if (fail !== null && typeof fail !== "string") throw new RangeError('"fail" is a text such as "status=503:0.2", or null');
    world.faults.set(fail, { ...(typeof times === "number" && { times }), ...(typeof path === "string" && { path }) });
  } catch (fault) {
    if (!(fault instanceof RangeError)) throw fault;
    throw new Refusal(400, { json: fault.message });
  }
  return ok({ status: "success" });
}

function shownKeys(world: World): readonly unknown[] {
  const all = [...world.organizations.keys()].flatMap((id) => world.keys.ofOrganization(id));
  return all.filter((key) => !key.private).map(({ value, organization, record }) => ({ value, organization, ...record }));
}
