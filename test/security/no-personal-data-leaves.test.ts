/** The shipped configuration over the sandbox's made-up people: none of their names or addresses leaves. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Proxy } from "../support/proxy.ts";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { CANARY_KEY, ORIGIN, startProxy } from "../support/proxy.ts";

const SHIPPED = join(import.meta.dirname, "../../config");
/** What a person's name may be called in Partoo's answers, at any depth. */
const PERSONAL_MEMBERS = new Set([
  "author_name",
  "email",
  "emails",
  "contact_email",
  "user_name",
  "first_name",
  "last_name",
  "full_name",
  "fax",
  "profile_photo_url",
  "author_email",
  "reply_author",
]);
const PERSONAL_CUSTOM_FIELDS = new Set(["ManagerName", "SupervisorName"]);

let sandbox: RunningSandbox;
let proxy: Proxy;
beforeAll(async () => {
  sandbox = await startSandbox({
    stores: 120,
    limitPerMinute: 1_000_000,
    keys: [{ value: CANARY_KEY, label: "test", organization: 42, type: "bot", role: "ORG_ADMIN" }],
  });
  proxy = await startProxy({ upstream: sandbox.url, ...shippedConfig() });
});
afterAll(async () => {
  await proxy.stop();
  await sandbox.close();
});

/** The shipped files, with limits that a test does not reach. */
function shippedConfig(): { readonly bff: string; readonly frontends: Readonly<Record<string, string>> } {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-shipped-"));
  cpSync(SHIPPED, directory, { recursive: true });
  const read = (path: string): string => readFileSync(join(directory, path), "utf8");
  const names = readdirSync(join(directory, "frontends")).filter((name) => name.endsWith(".yaml"));
  const frontends = Object.fromEntries(
    names.map((name) => [
      name.slice(0, -5),
      `${read(`frontends/${name}`).replaceAll(/^(limits|  requests|  misses):.*$/gm, "")}\nlimits: { requests: 100000/min, misses: 100000/min }\n`,
    ]),
  );
  const config = { bff: read("bff.yaml"), frontends };
  rmSync(directory, { recursive: true, force: true });
  return config;
}

async function askSandbox(path: string): Promise<unknown> {
  const answer = await fetch(`${sandbox.url}${path}`, { headers: { "x-apikey": CANARY_KEY } });
  expect(answer.status).toBe(200);
  return answer.json();
}

/** Every text that names a person or where to reach one. */
function personalTexts(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) value.forEach((item) => personalTexts(item, found));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return found;
  for (const [name, member] of Object.entries(value)) {
    if (name === "contacts") for (const contact of member as readonly { name?: string }[]) addText(found, contact.name);
    if (PERSONAL_MEMBERS.has(name)) addText(found, member);
    if (name === "value" && PERSONAL_CUSTOM_FIELDS.has((value as { name?: string }).name ?? "")) addText(found, member);
    personalTexts(member, found);
  }
  return found;
}

function addText(found: Set<string>, value: unknown): void {
  if (typeof value === "string" && value.length > 2) found.add(value);
  if (Array.isArray(value)) value.forEach((item) => addText(found, item));
}

test("no name, e-mail address or organization of the sandbox is in any answer of the shipped frontends", async () => {
  const personal = new Set<string>();
  const ids: string[] = [];
  const codes: string[] = [];
  for (const page of [1, 2]) {
    const found = (await askSandbox(`/business/search?per_page=100&page=${page}&status=open,opening_soon,temporarily_closed`)) as {
      businesses: readonly { id: string; code: string | null }[];
    };
    personalTexts(found, personal);
    ids.push(...found.businesses.map(({ id }) => id));
    codes.push(...found.businesses.flatMap(({ code }) => (code === null ? [] : [code])));
  }
  for (const path of ["/reviews?per_page=100", "/posts?per_page=100"]) personalTexts(await askSandbox(path), personal);
  expect(personal.size).toBeGreaterThan(100);

  const some = ids.slice(0, 15);
  const targets = [
    ...[1, 2, 3].map((page) => `business/search?per_page=50&page=${page}`),
    "business/search?city=Paris",
    "business/search?query=a",
    ...some.map((id) => `business/${id}`),
    ...codes.slice(0, 10).map((code) => `business/c-${encodeURIComponent(code)}`),
    ...some.map((id) => `business/${id}/place_action_links`),
    "categories",
    "categories?lang=fr&per_page=100",
    `posts?business__in=${some.join(",")}`,
    "posts",
    `review_analytics/metrics?business__in=${some.join(",")}`,
    "review_analytics/metrics",
    "reviews",
    "reviews/1",
    "user/me",
    "api_keys",
    "users",
    `business/${ids[0]}?fields=contacts`,
    "business/search?org_id=42",
    "business/search?page=0",
  ];
  const answers: string[] = [];
  const shaped: string[] = [];
  const statuses = new Map<string, number>();
  for (const frontend of ["store-locator", "mobile-app"]) {
    for (const target of targets) {
      const answer = await fetch(
        `${proxy.url}/${frontend}/v2/${target}`,
        frontend === "store-locator" ? { headers: { origin: ORIGIN } } : {},
      );
      statuses.set(`${frontend} ${target}`, answer.status);
      const body = await answer.text();
      answers.push(`${JSON.stringify([...answer.headers])}\n${body}`);
      if (answer.status === 200) shaped.push(body);
    }
  }
  for (const target of ["business/search?city=Paris", `business/${ids[0]}`, "categories", "posts", "review_analytics/metrics"]) {
    expect([target, statuses.get(`store-locator ${target}`)]).toEqual([target, 200]);
  }
  const everything = answers.join("\n");
  expect([...personal].filter((text) => everything.includes(text))).toEqual([]);
  expect([...personal].filter((text) => everything.includes(JSON.stringify(text).slice(1, -1)))).toEqual([]);
  expect(shaped.join("\n")).not.toMatch(/org_id|"contacts"|ManagerName|SupervisorName|author_name|"email/);
});
