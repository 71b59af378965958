/** What a forged session costs the server, against a genuine one's stored answer and against one check of a signature. */
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { jwtVerify } from "jose";
import type { IncomingMessage } from "node:http";
import type { Child } from "./child.ts";
import type { Effort, World } from "./world.ts";
import { startChild } from "./child.ts";
import { copyConfiguration, NO_SWEEP, UNLIMITED_FRONTEND } from "./configuration.ts";
import { createBrood, startUpstream } from "./contest.ts";
import { startVariables } from "./rivals/partoo-bff.ts";
import { median } from "./statistics.ts";
import { CORE, ORIGIN, PAGE_PATH } from "./world.ts";

const FRONTEND = "store-locator";
const KID = "bench";
const SECRET = randomBytes(32);
const CONNECTIONS = 16;
/** Checks of one round that are timed here. */
const CHECKS = 3000;

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const HEADER = { alg: "HS256", kid: KID, typ: "bff-session+jwt" };

/** A token of a session of its own. @param change of its claims */
function token(change: object = {}, header: object = HEADER, secret: Buffer = SECRET): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { aud: FRONTEND, iat: now, exp: now + 900, sid: randomBytes(16).toString("base64url"), use: "cookie", ...change };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const cookie = (value: string): string => `__Host-Http-bff-${FRONTEND}=${value}`;
const GENUINE = cookie(token());
const OTHER_SECRET = randomBytes(32);

/** What a request carries, made anew each time, and the status that it gets. A forgery is never sent twice. */
const PRESENTED = {
  "a session that is known: stored answer": { cookie: () => GENUINE, status: 200 },
  "a session that is new: stored answer": { cookie: () => cookie(token()), status: 200 },
  "no session": { cookie: () => "", status: 401 },
  "forged: alg none": { cookie: () => cookie(token({}, { ...HEADER, alg: "none" })), status: 401 },
  "forged: another secret": { cookie: () => cookie(token({}, HEADER, OTHER_SECRET)), status: 401 },
  "forged: expired, of another frontend": { cookie: () => cookie(token({ aud: "other", exp: 1, iat: 0 })), status: 401 },
  "forged: seven kilobytes": { cookie: () => cookie(randomBytes(5250).toString("base64url")), status: 401 },
  "forged: eight kilobytes of spaces": { cookie: () => `a=x${" ".repeat(8000)}y`, status: 401 },
  "forged: four thousand cookies": { cookie: () => "; ".repeat(4000), status: 401 },
  "forged: a hundred cookies of its name": { cookie: () => Array.from({ length: 100 }, () => cookie("x")).join("; "), status: 401 },
} as const;

type What = keyof typeof PRESENTED;
const WHATS = Object.keys(PRESENTED) as readonly What[];

export interface PresentedCost {
  readonly what: string;
  readonly isForged: boolean;
  /** Processor time of the whole server for one request, µs. */
  readonly microseconds: number;
  /** Against the stored answer to a session that is known. */
  readonly answers: number;
  /** Against one check of a signature. */
  readonly checks: number;
}

/** Medians of interleaved rounds. */
export interface ForgeriesResult {
  /** Processor time of one check of a genuine token's signature with jose, as the server does it, µs. */
  readonly checkMicroseconds: number;
  readonly costs: readonly PresentedCost[];
}

export async function measureForgeries(world: World, { seconds, rounds }: Effort): Promise<ForgeriesResult> {
  const brood = createBrood();
  const costs = new Map<What, number[]>(WHATS.map((what) => [what, []]));
  const checks: number[] = [];
  try {
    const upstream = await brood.add(startUpstream(world, { STORABLE: "1" }));
    const server = await brood.add(startGuarded(world, `http://127.0.0.1:${upstream.port}`));
    for (const what of WHATS) await load(server, what, 1);
    await timeChecks();
    for (let round = 1; round <= rounds; round += 1) {
      world.progress(`forgeries: round ${round} of ${rounds}`);
      for (const what of WHATS) costs.get(what)?.push(await load(server, what, seconds));
      checks.push(await timeChecks());
    }
  } finally {
    await brood.stop();
  }
  const checkMicroseconds = median(checks);
  const costOf = (what: What): number => median(costs.get(what) ?? []);
  const answer = costOf(WHATS[0] as What);
  return {
    checkMicroseconds,
    costs: WHATS.map((what) => {
      const microseconds = costOf(what);
      return {
        what,
        isForged: what.startsWith("forged"),
        microseconds,
        answers: microseconds / answer,
        checks: microseconds / checkMicroseconds,
      };
    }),
  };
}

/** The bench's configuration, in a folder of its own, with a session for every request. */
function startGuarded({ root, directory }: World, upstreamUrl: string): Promise<Child> {
  const config = join(directory, "config-of-forgeries");
  copyConfiguration(root, config, { ...NO_SWEEP, frontend: `${UNLIMITED_FRONTEND}session: required\n` });
  return startChild({
    args: ["src/main.ts", "start", "--config", config],
    core: CORE.measured,
    cwd: root,
    env: { ...startVariables(directory, upstreamUrl), SESSION_SECRETS: `${KID}:${SECRET.toString("base64url")}` },
  });
}

/** @returns processor time of the server for one request, µs. @throws when an answer has another status */
async function load(server: Child, what: What, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const before = server.processorMicroseconds();
  const end = performance.now() + seconds * 1000;
  let requests = 0;
  const ask = async (): Promise<void> => {
    for (; performance.now() < end; requests += 1) await askOnce(server.port, what, agent);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  agent.destroy();
  return (server.processorMicroseconds() - before) / requests;
}

async function askOnce(port: number, what: What, agent: Agent): Promise<void> {
  const { cookie: make, status } = PRESENTED[what];
  const field = make();
  const headers = { origin: ORIGIN, "accept-encoding": "gzip, br", ...(field === "" ? {} : { cookie: field }) };
  const [response] = (await once(get({ port, path: `/${FRONTEND}${PAGE_PATH}`, headers, agent }), "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  if (response.statusCode !== status) throw new Error(`${what} was answered with ${response.statusCode}`);
}

/** @returns processor time of one check in this process, µs */
async function timeChecks(): Promise<number> {
  const tokens = Array.from({ length: CHECKS }, () => token());
  const key = new Uint8Array(SECRET);
  const before = process.cpuUsage();
  for (const text of tokens) await jwtVerify(text, key, { algorithms: ["HS256"], typ: HEADER.typ });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CHECKS;
}
