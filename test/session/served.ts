/** Sessions over a socket: a proxy in front of a Partoo that counts its calls, and what pages and apps do to get a session. */
import { pbkdf2Sync } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import type { GatewayOptions, TestGateway } from "../support/gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { BFF_YAML, FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";

/** An empty page of /business/search that may be stored. */
export const EMPTY_PAGE = storableJson({ page: 1, max_page: 1, count: 0, businesses: [] });

export interface ServedScene {
  readonly gateway: TestGateway;
  /** Another process over the same Partoo and the same configuration, but for what is said. Where there is a Redis it is connected. */
  readonly another: (options?: Partial<GatewayOptions>) => Promise<TestGateway>;
  /** Calls to Partoo so far. */
  readonly calls: () => number;
}

export interface ServedOptions extends Partial<GatewayOptions> {
  /** Listed for every frontend; default ORIGIN alone. */
  readonly origins?: readonly string[];
}

/** Ends with the test. @param frontends what each says besides key, origins and limits out of reach, by name */
export async function startServed(
  frontends: Readonly<Record<string, string>>,
  { origins = [ORIGIN], ...options }: ServedOptions = {},
): Promise<ServedScene> {
  const upstream = await startRecordingUpstream(() => EMPTY_PAGE);
  onTestFinished(() => upstream.close());
  const common = FRONTEND_YAML.replace(`[${ORIGIN}]`, `[${origins.join(", ")}]`);
  const files = Object.fromEntries(Object.entries(frontends).map(([name, own]) => [name, common + own]));
  const another = async (more: Partial<GatewayOptions> = {}): Promise<TestGateway> => {
    const gateway = await startGateway({ upstream: upstream.url, bff: BFF_YAML, frontends: files, ...options, ...more });
    onTestFinished(() => gateway.close());
    while (gateway.instance.redis().mode === "away") await sleep(10);
    return gateway;
  };
  return { gateway: await another(), another, calls: () => upstream.requests.length };
}

export interface MintOptions {
  readonly frontend?: string;
  readonly origin?: string;
  /** Sec-Fetch-Site; null: not sent, as by apps. */
  readonly site?: string | null;
  /** Of the content, as JSON. */
  readonly proof?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export interface Minted {
  readonly status: number;
  /** `name=token`; empty: none was set. */
  readonly cookie: string;
  readonly json: { readonly token?: string; readonly code?: string; readonly challenge?: Challenge };
}

interface Challenge {
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Fields of a request of another address, as a trusted hop reports it. */
export function from(address: string): Readonly<Record<string, string>> {
  return { "x-forwarded-for": address };
}

/** `POST /{frontend}/session` as a page's script sends it. */
export async function mint(url: string, options: MintOptions = {}): Promise<Minted> {
  const { frontend = "store-locator", origin = ORIGIN, site = "same-site", proof, fields = {} } = options;
  const answer = await fetch(`${url}/${frontend}/session`, {
    method: "POST",
    headers: {
      origin,
      ...(site === null ? {} : { "sec-fetch-site": site, "sec-fetch-mode": "cors" }),
      ...(proof === undefined ? {} : { "content-type": "application/json" }),
      ...fields,
    },
    ...(proof === undefined ? {} : { body: JSON.stringify({ proof }) }),
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return { status: answer.status, cookie, json: (await answer.json()) as Minted["json"] };
}

/** As a browser solves ALTCHA: the counter whose derived key begins with the prefix. @returns the payload to send */
export function solve(challenge: Challenge): string {
  const {
    nonce,
    salt,
    cost,
    keyLength = 32,
    keyPrefix,
  } = challenge.parameters as Record<"nonce" | "salt" | "keyPrefix", string> & {
    readonly cost: number;
    readonly keyLength?: number;
  };
  for (let counter = 0; ; counter += 1) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(counter);
    const password = Buffer.concat([Buffer.from(nonce, "hex"), bytes]);
    const derivedKey = pbkdf2Sync(password, Buffer.from(salt, "hex"), cost, keyLength, "sha256").toString("hex");
    if (!derivedKey.startsWith(keyPrefix)) continue;
    return Buffer.from(JSON.stringify({ challenge, solution: { counter, derivedKey } })).toString("base64");
  }
}

/** Sends requests without waiting for their answers, so many at a time, on one connection. @returns the statuses, in order */
export async function pipeline(port: number, requests: readonly string[], atOnce = 50): Promise<readonly number[]> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1").setNoDelay(true);
  const statuses: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  const send = (): void => {
    socket.write(requests.slice(sent, sent + atOnce).join(""), "latin1");
    sent = Math.min(requests.length, sent + atOnce);
  };
  let received = "";
  socket.on("data", (text: string) => {
    received += text;
    for (let answer = takeAnswer(received); answer !== undefined; answer = takeAnswer(received)) {
      statuses.push(answer.status);
      received = received.slice(answer.length);
    }
    if (statuses.length === requests.length) resolve();
    else if (statuses.length === sent) send();
  });
  socket.on("error", reject).on("close", () => reject(new Error(`closed after ${statuses.length} answers`)));
  send();
  await promise.finally(() => socket.destroy());
  return statuses;
}

/** The first answer of what was received; undefined: it is not whole yet. */
function takeAnswer(received: string): { readonly status: number; readonly length: number } | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const head = received.slice(0, headEnd);
  const length = headEnd + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return received.length < length ? undefined : { status: Number(head.slice(9, 12)), length };
}
