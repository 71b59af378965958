/** A Partoo whose stores a test changes between calls, with deltas; and what a directory in front of it shows. */
import { onTestFinished } from "vitest";
import type { GatewayOptions, TestGateway } from "../support/gateway.ts";
import type { RecordingUpstream, RecordedRequest } from "../support/recording-upstream.ts";
import type { Business } from "../../src/directory/store-record.ts";
import { loadConfig } from "../../src/config/load.ts";
import { startGateway } from "../support/gateway.ts";
import { ORIGIN, writeConfig } from "../support/proxy.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";
import { until } from "../support/cli.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Policy } from "../../src/policy.ts";
import { HOOK, signer, webhook } from "../webhooks/scene.ts";

const key = signer();
const ALL = "id, code, name, status, city, lat, long, open_hours";

export interface StoresConfig {
  readonly fields?: string;
  readonly cache?: string;
  /** Whether the frontend offers the directory. */
  readonly stores?: boolean;
  /** The status that searches are forced to. */
  readonly force?: string;
}

/** bff.yaml and the frontend of a locator with a directory. */
export function config({ fields = ALL, cache = "10m", stores = true, force }: StoresConfig = {}) {
  const forced = force === undefined ? "" : `force: { status: ${force} }, `;
  const bff = `version: 1
organizations: { acme: { quota: 999999/min, reserve: 0%, webhooks: { public_key: "${key.publicKey}" } } }
keys:
  locator-read:
    organization: acme
    permissions: [review_read]
    sweep: true
    allow:
      GET /business/search: { query: { city: {} }, ${forced}fields: [${fields}], cache: ${cache} }
      GET /business/{business_id}: { fields: [${fields}], cache: ${cache} }
`;
  const frontend = `key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 100000/min, misses: 100000/min }\nstores: ${stores}\n`;
  return { bff, frontends: { locator: frontend } };
}

/** The same, compiled: for a reload. */
export function policyOf(wish: StoresConfig): Policy {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-directory-"));
  const { policy, diagnostics } = loadConfig(writeConfig(directory, config(wish)));
  rmSync(directory, { recursive: true, force: true });
  if (policy === undefined) throw new Error(JSON.stringify(diagnostics));
  return policy;
}

export interface ChangingPartoo extends RecordingUpstream {
  stores: Business[];
  /** Called before each page is made. */
  onPage: (query: URLSearchParams) => void;
  /** What is answered besides, or otherwise. */
  lies: (query: URLSearchParams) => object | string | undefined;
  /** Targets of deltas so far. */
  deltas(): readonly string[];
  /** Pages of sweeps so far. */
  sweeps(): number;
}

/** Ends with the test. */
export async function startChangingPartoo(stores: readonly Business[]): Promise<ChangingPartoo> {
  const upstream = await startRecordingUpstream((request) => {
    const query = queryOf(request);
    partoo.onPage(query);
    const lie = partoo.lies(query);
    return typeof lie === "string" ? lie : storableJson({ ...pageOf(partoo.stores, query), ...lie });
  });
  const partoo: ChangingPartoo = Object.assign(upstream, {
    stores: [...stores],
    onPage: () => undefined,
    lies: () => undefined,
    deltas: () => upstream.requests.filter((request) => queryOf(request).has("modified__gte")).map(({ target }) => target),
    sweeps: () => upstream.requests.filter((request) => queryOf(request).has("per_page") && !queryOf(request).has("modified__gte")).length,
  });
  onTestFinished(() => partoo.close());
  return partoo;
}

function queryOf({ target }: RecordedRequest): URLSearchParams {
  return new URL(target, "http://partoo.example").searchParams;
}

function pageOf(stores: readonly Business[], query: URLSearchParams): object {
  const since = Number(query.get("modified__gte") ?? -Infinity);
  const matching = stores.filter(({ modified }) => ((modified as number | undefined) ?? 0) >= since);
  const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 30)];
  const businesses = matching.slice((page - 1) * size, page * size);
  return { page, max_page: Math.ceil(matching.length / size), count: matching.length, businesses };
}

/** A gateway that ends with the test, and answers from all stores. */
export async function locatorFor(
  { url }: { readonly url: string },
  { fields, cache, stores, ...rest }: StoresConfig & Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const wish = Object.fromEntries(Object.entries({ fields, cache, stores }).filter(([, value]) => value !== undefined));
  const gateway = await startGateway({ upstream: url, ...config(wish), ...rest });
  onTestFinished(() => gateway.close());
  if (stores !== false) await until(async () => (await gateway.get("/locator/stores?limit=1")).status === 200);
  return gateway;
}

export async function listOf(
  gateway: TestGateway,
  query = "?limit=100",
): Promise<{ stores: readonly Business[]; count: number; as_of?: string }> {
  const answer = await gateway.get(`/locator/stores${query}`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { stores: readonly Business[]; count: number; as_of?: string };
}

/** Names of all stores, sorted. */
export async function namesOf(gateway: TestGateway): Promise<readonly string[]> {
  return (await listOf(gateway)).stores.map(({ name }) => String(name)).toSorted(byText);
}

/** Waits until the directory shows exactly these. */
export const shows = (gateway: TestGateway, ...names: readonly string[]): Promise<void> =>
  until(async () => JSON.stringify(await namesOf(gateway)) === JSON.stringify(names.toSorted(byText)));

export async function tell({ url }: TestGateway, type: string, about: Business): Promise<number> {
  const body = webhook(type, about);
  const headers = { "x-partoo-signature-v1": key.sign(body) };
  return (await fetch(url + HOOK, { method: "POST", body: new Uint8Array(body), headers })).status;
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
