/** One call, from request to answer, in the order in which Partoo seems to check: key, limit, path, body, rights. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, ErrorMember } from "./answer.ts";
import type { SandboxEndpoint } from "./endpoint.ts";
import type { Fault } from "./faults.ts";
import type { HeldKey } from "./key-book.ts";
import type { Found } from "./router.ts";
import type { World } from "./world.ts";
import { forbidden, missing, Refusal, refusalAnswer, unauthenticated } from "./answer.ts";
import { effectivePermissions } from "./key-book.ts";
import { readJsonBody } from "./body.ts";
import { resolvePath } from "./router.ts";
import { acceptsGzip, send, sendBroken } from "./send.ts";

const DEFAULT_RETRY_AFTER = "60";

/** A request line in its parts, as it arrived. */
interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Answers one call. @param latencyMs waited before the first byte */
export async function exchange(world: World, request: IncomingMessage, response: ServerResponse, latencyMs: number): Promise<void> {
  const target = targetOf(request);
  world.counter.arrived(target.path, `${request.method} ${request.url}`);
  const fault = world.faults.strike(target.path);
  const answer = await answerTo(world, request, target, fault);
  if (answer.status === 429) world.counter.limited();
  if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
  const context = { acceptsGzip: acceptsGzip(request.headers["accept-encoding"]), key: presentedKey(request) };
  await (fault === undefined ? send(response, answer, context) : sendBroken(response, answer, context, fault));
}

/** Path and query of a request line, not decoded; an absolute target loses its origin. */
export function targetOf({ url = "/" }: IncomingMessage): Target {
  const local = url.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  return mark < 0
    ? { path: local, query: new URLSearchParams() }
    : { path: local.slice(0, mark), query: new URLSearchParams(local.slice(mark + 1)) };
}

async function answerTo(world: World, request: IncomingMessage, target: Target, fault: Fault | undefined): Promise<Answer> {
  const segments = resolvePath(target.path);
  const found = segments && world.router.find(request.method ?? "GET", segments);
  const member: ErrorMember = found?.endpoint.errors ?? "error";
  try {
    const body = await readJsonBody(request);
    const key = admit(world, request);
    const replaced = fault && replacementOf(fault, request);
    if (replaced !== undefined) return replaced;
    if (found === undefined) throw unknownPath(world, segments);
    return handle(world, found, key, { query: target.query, body: body.read() });
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusalAnswer(refusal, member);
    throw refusal;
  }
}

/** The key, when it is good and its organization has calls left. @throws Refusal 401, 429 */
function admit(world: World, request: IncomingMessage): HeldKey {
  const key = world.keys.authenticate(presentedKey(request), request.socket.remoteAddress ?? "");
  if (key === undefined) throw unauthenticated();
  world.counter.identified(key.organization);
  const verdict = world.organizations.get(key.organization)?.quota.admit();
  if (verdict?.admitted === false) throw tooMany(String(verdict.retryAfterSeconds));
  return key;
}

function handle(
  world: World,
  { endpoint, parameters }: Found,
  key: HeldKey,
  sent: { readonly query: URLSearchParams; readonly body: unknown },
): Answer {
  const organization = world.organizations.get(key.organization);
  if (organization === undefined) throw forbidden();
  refuseWithoutRight(endpoint, key);
  const all = organization.book.all();
  const stores = key.assigned === undefined ? all : all.slice(0, key.assigned);
  return endpoint.handle({ ...sent, key, organization, stores, parameters, keys: world.keys, webhooks: world.webhooks, now: world.now() });
}

function refuseWithoutRight({ roles, permission }: SandboxEndpoint, { record }: HeldKey): void {
  if (roles?.includes(record.user_role) === false) throw forbidden();
  if (permission !== undefined && !effectivePermissions(record).includes(permission)) throw forbidden();
}

function unknownPath(world: World, segments: readonly string[] | undefined): Refusal {
  const methods = segments === undefined ? [] : world.router.methods(segments);
  return methods.length === 0 ? missing() : new Refusal(405, { json: "Method not allowed" }, { allow: methods.join(", ") });
}

/** Faults that change the answer itself. Nothing is written to a store then. */
function replacementOf(fault: Fault, request: IncomingMessage): Answer | undefined {
  if (fault.mode === "expired") return refusalAnswer(unauthenticated(), "error");
  if (fault.mode === "429") return refusalAnswer(tooMany(fault.value ?? DEFAULT_RETRY_AFTER), "error");
  if (fault.mode !== "status") return undefined;
  const status = Number(fault.value);
  if (status >= 500) return { status, headers: { "content-type": "text/html" }, body: `<h1>${status}</h1>` };
  // The same server by another name: a client that follows with its headers is caught by the counters.
  const location = `http://localhost:${request.socket.localPort}/v2/business/search`;
  return { status, body: { error: { json: "Made to fail" } }, headers: status >= 300 && status < 400 ? { location } : {} };
}

function tooMany(retryAfter: string): Refusal {
  return new Refusal(429, { json: "Too many requests" }, retryAfter === "none" ? {} : { "retry-after": retryAfter });
}

/** Node joins repeated fields with a comma, which is no key. */
function presentedKey({ headers }: IncomingMessage): string {
  return String(headers["x-apikey"] ?? "");
}
