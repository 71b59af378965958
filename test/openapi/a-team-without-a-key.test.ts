/** An empty folder, the description and public packages: types, typed calls and a server to call. No Partoo key, and nothing of ours but the description. */
import type { ChildProcess } from "node:child_process";
import { Ajv2020 } from "ajv/dist/2020.js";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Document, Json } from "./support.ts";
import { documentOf, frontendWith } from "./support.ts";
import { runCli } from "../support/cli.ts";
import { freePort } from "../support/redis.ts";

const CONFIG = join(import.meta.dirname, "../../config");
const PACKAGES = ["openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@stoplight/prism-cli@5.16.0"];
/** Room for npm to fetch them. */
const FETCH_MS = 180_000;
const RUN_MS = 60_000;

/** What a page of stores does: the nearest, a search, one of them, and a refusal told apart by its code. */
const PAGE = `
import createClient from "openapi-fetch";
import type { components, paths } from "./api.ts";

declare const process: { readonly argv: readonly [string, string, string] };
type Store = components["schemas"]["Store"];

const api = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: process.argv[2],
  querySerializer: { array: { style: "form", explode: false } },
});

function line({ name, distance_m: metres, open }: Store): string {
  return [name ?? "", metres === undefined ? "" : metres + " m", open?.now === true ? "until " + open.until : "closed"].join(", ");
}

async function show(): Promise<void> {
  const near = await api.GET("/stores", { params: { query: { near: "48.86,2.35", open_now: true, category: ["gcid:supermarket", "gcid:cafe"], limit: 3 } } });
  const found = await api.GET("/v2/business/search", { params: { query: { city: "Paris", per_page: 10 } } });
  const pins = await api.GET("/stores/all");
  if (near.error !== undefined || found.error !== undefined || pins.error !== undefined) throw new Error("not answered");
  const id: string = near.data.stores[0]?.id ?? "";
  const one = await api.GET("/stores/{store}", { params: { path: { store: id } } });
  const town: string | null | undefined = one.data?.city;
  const parking = found.data.businesses[0]?.custom_fields?.find((field) => field.name === "Parking")?.value;
  const refused = await api.GET("/stores", { params: { query: { limit: 3 } }, headers: { Prefer: "code=429" } });
  const code: "rate-limited" | undefined = refused.error?.status === 429 ? refused.error.code : undefined;
  const bodies = { StoreList: near.data, BusinessList: found.data, StorePins: pins.data, StoreDetail: one.data };
  const status = [near.response.status, found.response.status, pins.response.status, one.response.status, refused.response.status];
  console.log(JSON.stringify({ bodies, status, lines: near.data.stores.map(line), town, parking, code }));
}

void show();
`;

/** Of a frontend with sessions: the answer told apart by `use`, the challenge of a refusal. */
const SESSIONS = `
import createClient from "openapi-fetch";
import type { components, paths } from "./sessions.ts";
type Challenge = components["schemas"]["Challenge"];

const api = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: "/site", credentials: "include" });
declare function solve(challenge: Challenge): Promise<string>;

export async function mint(): Promise<string | undefined> {
  const asked = await api.POST("/session");
  const challenge = asked.error?.code === "challenge-required" ? asked.error.challenge : undefined;
  if (challenge === undefined || challenge.parameters.cost > 100_000) return undefined;
  const { data } = await api.POST("/session", { body: { proof: await solve(challenge), use: "bearer" } });
  return data?.use === "bearer" ? data.token : undefined;
}

export async function search(): Promise<boolean> {
  const { error, response } = await api.GET("/v2/business/search");
  return response.status === 401 && error?.code === "session-required";
}
`;

/** Every line from the fifth on is a mistake. */
const MISTAKES = `
import createClient from "openapi-fetch";
import type { paths } from "./api.ts";
const api = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: "/store-locator" });
void api.GET("/v2/business/search").then(({ data }) => data?.businesses[0]?.nmae);
void api.GET("/v2/business/search", { params: { query: { status: "closed" } } });
void api.GET("/v2/business/search", { params: { query: { per_page: "ten" } } });
void api.GET("/stores/{store}", {});
void api.GET("/v2/api_keys");
`;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

let folder: string;
let document: Document;

function start(command: string, args: readonly string[]): ChildProcess {
  const path = [join(folder, "node_modules/.bin"), dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  return spawn(command, args, { cwd: folder, env: { ...process.env, PATH: path }, stdio: ["ignore", "pipe", "pipe"] });
}

async function run(command: string, ...args: readonly string[]): Promise<Ended> {
  const child = start(command, args);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

/** @throws Error with what it printed when it fails */
async function done(command: string, ...args: readonly string[]): Promise<void> {
  const { code, output } = await run(command, ...args);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "partoo-bff-team-"));
  await done("npm", "init", "-y");
  await done("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", ...PACKAGES);
  const { stdout } = await runCli(["openapi", "store-locator", "--config", CONFIG]);
  document = JSON.parse(stdout) as Document;
  writeFileSync(join(folder, "api.json"), stdout);
  writeFileSync(join(folder, "page.mts"), PAGE);
  writeFileSync(join(folder, "mistakes.mts"), MISTAKES);
  await done("openapi-typescript", "api.json", "-o", "api.ts");
  writeFileSync(join(folder, "sessions.json"), JSON.stringify(documentOf(frontendWith("session: on-miss\nproof: altcha\n"))));
  writeFileSync(join(folder, "sessions.mts"), SESSIONS);
  await done("openapi-typescript", "sessions.json", "-o", "sessions.ts");
}, FETCH_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the example store locator has the types that are generated today", () => {
  const shipped = readFileSync(join(import.meta.dirname, "../../examples/store-locator/api.d.ts"), "utf8");
  expect(shipped === readFileSync(join(folder, "api.ts"), "utf8"), "make examples/store-locator/api.d.ts anew, as its README says").toBe(
    true,
  );
});

test("its program compiles, and what may not be sent or does not come does not", { timeout: RUN_MS }, async () => {
  const options = "--noEmit --strict --skipLibCheck --module nodenext --target es2023 --lib es2023,dom --allowImportingTsExtensions";
  const { output } = await run("tsc", ...options.split(" "), "page.mts", "sessions.mts", "mistakes.mts");
  const faults = output.split("\n").filter((line) => line.includes("error TS"));
  expect(faults.map((fault) => /^[^,]+/.exec(fault)?.[0])).toEqual([5, 6, 7, 8, 9].map((line) => `mistakes.mts(${line}`));
  expect(faults[0]).toContain("'nmae' does not exist");
  expect(faults[1]).toContain("'status' does not exist");
});

test("its program runs against a mock of the description, and what it shows are stores", { timeout: RUN_MS }, async () => {
  const port = await freePort();
  const prism = start("prism", ["mock", "-h", "127.0.0.1", "-p", String(port), "api.json"]);
  try {
    await listening(prism);
    const { code, output } = await run(process.execPath, "page.mts", `http://127.0.0.1:${port}`);
    expect(code, output).toBe(0);
    const shown = JSON.parse(output) as {
      bodies: Readonly<Record<string, Json>>;
      status: readonly number[];
      lines: readonly string[];
    } & Json;
    expect(shown.status).toEqual([200, 200, 200, 200, 429]);
    for (const [name, body] of Object.entries(shown.bodies)) {
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      const validate = ajv.compile({ components: document.components, $ref: `#/components/schemas/${name}` });
      expect([name, validate(body), validate.errors]).toEqual([name, true, null]);
    }
    expect(shown.lines[0]).toBe("Acme Paris Opera, 640 m, until 2026-11-23T19:30:00+01:00");
    expect([shown["town"], shown["parking"], shown["code"]]).toEqual(["Paris", true, "rate-limited"]);
  } finally {
    if (prism.exitCode === null) {
      prism.kill("SIGKILL");
      await once(prism, "exit");
    }
  }
});

async function listening(prism: ChildProcess): Promise<void> {
  const told = Promise.withResolvers<void>();
  let output = "";
  for (const stream of [prism.stdout, prism.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Prism is listening")) told.resolve();
    });
  }
  prism.once("exit", () => told.reject(new Error(`Prism ended:\n${output}`)));
  await told.promise;
}
