/** A Partoo with a few stores, which a test changes or makes fail; a configuration that shows them; and a clock to set. */
import { onTestFinished, vi } from "vitest";
import type { RecordedRequest, RecordingUpstream, Script } from "../support/recording-upstream.ts";
import type { GatewayOptions, TestGateway } from "../support/gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";

export const SEARCH = "/store-locator/v2/business/search?city=Paris";
export const PERSON = "Jeanne Martin";

/** What Partoo holds of a store. */
export interface Store {
  readonly id: string;
  readonly code?: string;
  readonly name: string;
  /** Unix seconds. */
  readonly modified: number;
}

/** The nth store: `store(7)` has the id 000000000000000000000007 and the code FR-7. */
export function store(nth: number, different: Partial<Store> = {}): Store {
  return { id: idOf(nth), code: `FR-${nth}`, name: `Acme ${nth}`, modified: 1_790_000_000, ...different };
}

export function idOf(nth: number): string {
  return String(nth).padStart(24, "0");
}

export const pageOf = (name: string | number): string => `/store-locator/v2/business/${typeof name === "number" ? idOf(name) : name}`;

export interface Partoo extends RecordingUpstream {
  /** In the order of the search. */
  stores: Store[];
  /** Targets of the calls so far, without those of a sweep. */
  calls(): readonly string[];
  /** Targets of the calls of a sweep so far. */
  sweeps(): readonly string[];
  /** Answers everything so until `works()`. */
  fails(script: Script): void;
  works(): void;
}

/** Ends with the test. */
export async function startPartoo(stores: readonly Store[] = [store(1), store(2)]): Promise<Partoo> {
  const answer: Script = (request) => answerTo(request, partoo.stores);
  const upstream = await startRecordingUpstream(answer);
  const partoo: Partoo = Object.assign(upstream, {
    stores: [...stores],
    calls: () => upstream.requests.filter((request) => !isSweep(request)).map(({ target }) => target),
    sweeps: () => upstream.requests.filter(isSweep).map(({ target }) => target),
    fails: (script: Script) => upstream.answer(script),
    works: () => upstream.answer(answer),
  });
  onTestFinished(() => partoo.close());
  return partoo;
}

/** A business as Partoo sends it: with what a locator shows, and with what must never leave. */
export function business(known: Store): Readonly<Record<string, unknown>> {
  return {
    ...known,
    status: "open",
    city: "Paris",
    org_id: 4711,
    contacts: [{ name: PERSON, email: "jeanne.martin@acme.example", phone_numbers: ["+33142000000"], fax: "+33142000001" }],
  };
}

const isSweep = ({ target }: RecordedRequest): boolean => target.includes("per_page=100&status=");

function answerTo({ target }: RecordedRequest, stores: readonly Store[]): string {
  const { pathname, searchParams } = new URL(target, "http://partoo.example");
  if (pathname.endsWith("/business/search")) return storableJson(pageFrom(stores, searchParams));
  const name = decodeURIComponent(pathname.slice(pathname.lastIndexOf("/") + 1));
  const found = stores.find(({ id, code }) => name === id || name === `c-${code}`);
  return found === undefined ? storableJson({ error: { json: "unknown" } }, { status: 404 }) : storableJson(business(found));
}

function pageFrom(stores: readonly Store[], query: URLSearchParams): object {
  const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 30)];
  const businesses = stores.slice((page - 1) * size, page * size).map(business);
  return { page, max_page: Math.ceil(stores.length / size), count: stores.length, businesses };
}

export interface LocatorOptions {
  readonly cache?: string;
  readonly fields?: string;
  readonly sweep?: boolean;
  readonly organization?: string;
}

/** bff.yaml of a store locator. Defaults: 10 minutes fresh, no sweep, no quota that a test would meet: not even the gap between paced calls. */
export function locator({
  cache = "10m",
  fields = "id, code, name, city, phone",
  sweep = false,
  organization = "quota: 999999/min, reserve: 0%",
}: LocatorOptions = {}): string {
  return `version: 1
organizations:
  acme: { ${organization} }
keys:
  locator-read:
    organization: acme
    permissions: [review_read]
    sweep: ${sweep}
    allow:
      GET /business/search:
        query: { city: {}, query: {}, page: {}, per_page: { default: 50 } }
        fields: [${fields}]
        cache: ${cache}
      GET /business/{business_id}: { fields: [${fields}], cache: ${cache} }
`;
}

/** A gateway that ends with the test. */
export async function gatewayFor(
  { url }: { readonly url: string },
  { locator: options = {}, ...rest }: Omit<GatewayOptions, "upstream" | "bff"> & { readonly locator?: LocatorOptions } = {},
): Promise<TestGateway> {
  const gateway = await startGateway({ upstream: url, bff: locator(options), ...rest });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** The wall clock stands still from now on, until the end of the test; `later()` sets it. Timers run on. */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
}

export function later(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

/** What an answer says of its life. */
export function life({ status, headers }: Response): Readonly<Record<string, unknown>> {
  return { status, age: headers.get("age"), control: headers.get("cache-control"), cache: headers.get("cache-status") };
}

export const textOf = async (answer: Response | Promise<Response>): Promise<string> => (await answer).text();

/** The name on a store's page. */
export async function nameShown(gateway: TestGateway, name: string | number): Promise<unknown> {
  return ((await (await gateway.get(pageOf(name))).json()) as { name: unknown }).name;
}

export const isSwept = ({ log }: TestGateway): boolean => log.some(({ msg }) => msg === "all stores are held");

export const hasFailed = ({ log }: TestGateway): boolean => log.some(({ msg }) => msg === "sweep failed");
