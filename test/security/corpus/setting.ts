/** The one proxy that the whole corpus is sent to: frontends that differ in who may call them and in what they show, and its Partoo. */
import type { Script } from "../../support/recording-upstream.ts";
import { BFF_YAML, CANARY_KEY, FRONTEND_YAML } from "../../support/proxy.ts";
import { json, storableJson } from "../../support/recording-upstream.ts";
import { SECRET_A } from "../../session/support.ts";
import { EMPTY_PAGE } from "../scene.ts";
import { LISTED } from "./entry.ts";

export const OTHER_ORIGIN = "https://www.acme.example";
export const NARROW_ORIGIN = "https://narrow.acme.example";
export const WEB_TOKEN = "web-9c41d07b5e2f4a6688d1";
export const JOB_TOKEN = "job-77aa0c1b9d3e4f508812";
export const HOOK_SECRET = "hook-5be1d2c04f9a4d7c9b6e";
export const STORE_ID = "5f3c8f1de1b2a30001a1b2c3";
/** Signs sessions as `k1`. */
const SESSION_SECRET = SECRET_A.toString("base64url");
const NARROW_KEY = "canary-narrow-4b1f6d20c97e";
const DIRECTORY_KEY = "canary-directory-c2a87e5513fd";
/** None of them in any answer. */
export const SECRETS = [CANARY_KEY, NARROW_KEY, DIRECTORY_KEY, WEB_TOKEN, JOB_TOKEN, HOOK_SECRET, SESSION_SECRET];

/** Frontends whose pages may send a cookie along. */
export const WITH_SESSIONS = /^[A-Z]+ \/(visitors|guests|members|puzzled)[/?]/m;

/** An address that has spent its only miss of the frontend `once`. */
export const SPENT_ADDRESS = "203.0.113.7";

const UNLIMITED = "limits: { requests: 100000/min, misses: 100000/min }\n";

const BFF = `${BFF_YAML.replace("keys:\n", "  globex:\n    quota: 100000/min\n    reserve: 0%\n    webhooks: { header: X-Bff-Hook }\nkeys:\n")}
  narrow-read:
    organization: acme
    permissions: []
    sweep: false
    allow:
      GET /business/search: { query: { city: {}, per_page: { default: 50 } }, force: { status: "open,opening_soon,temporarily_closed" }, fields: [id, name], cache: 10m }
  directory-read:
    organization: globex
    permissions: []
    allow:
      GET /business/search: { query: { city: {} }, fields: [id, code, name, city, lat, long], cache: 10m }
      GET /business/{business_id}: { fields: [id, code, name, city, lat, long], cache: 10m }
`;

export const SETTING = {
  bff: BFF,
  frontends: {
    "store-locator": FRONTEND_YAML,
    several: `key: locator-read\norigins: [${LISTED}, ${OTHER_ORIGIN}]\n${UNLIMITED}`,
    narrow: `key: narrow-read\norigins: [${NARROW_ORIGIN}]\n${UNLIMITED}`,
    app: `key: locator-read\napps: true\n${UNLIMITED}`,
    ssr: `key: locator-read\nservers: [web]\n${UNLIMITED}`,
    jobs: `key: locator-read\nservers: [job]\n${UNLIMITED}`,
    once: `key: locator-read\norigins: [${LISTED}]\nlimits: { requests: 100000/min, misses: 1/h }\n`,
    visitors: `key: locator-read\norigins: [${LISTED}]\nsession: on-miss\n${UNLIMITED}`,
    guests: `key: locator-read\norigins: [${LISTED}, ${OTHER_ORIGIN}]\nsession: on-miss\n${UNLIMITED}`,
    members: `key: locator-read\norigins: [${LISTED}]\nsession: required\n${UNLIMITED}`,
    puzzled: `key: locator-read\norigins: [${LISTED}]\nsession: on-miss\nproof: altcha\n${UNLIMITED}`,
    directory: `key: directory-read\norigins: [${LISTED}]\nstores: true\n${UNLIMITED}`,
  },
  env: {
    TRUSTED_PROXY: "127.0.0.1/32",
    PARTOO_KEY_NARROW_READ: NARROW_KEY,
    PARTOO_KEY_DIRECTORY_READ: DIRECTORY_KEY,
    BFF_SERVER_WEB: WEB_TOKEN,
    BFF_SERVER_JOB: JOB_TOKEN,
    WEBHOOK_SECRET_GLOBEX: HOOK_SECRET,
    SESSION_SECRETS: `k1:${SESSION_SECRET}`,
  },
} as const;

const DIRECTORY = {
  page: 1,
  max_page: 1,
  count: 1,
  businesses: [{ id: STORE_ID, code: "S-1", name: "Acme 1", status: "open", city: "Paris", lat: 48.85, long: 2.35, org_id: 4711 }],
};

/** More than the least that is worth a coding. */
const PADDING = ".".repeat(1500);

/** What Partoo says of a city when it heard `head`: all of what it heard, as the store's name, but for the key. */
export function cityPage(city: string, head: string): object {
  const store = { id: STORE_ID, name: head.replace(/x-apikey: \S+/, "x-apikey: …") + PADDING, city, org_id: 4711 };
  return { page: 1, max_page: 1, count: 1, businesses: [store] };
}

export interface CorpusPartoo {
  readonly script: Script;
  /** Answers whoever waits for a city that begins with `Held`. */
  release(): void;
}

/** Paris: an empty page that must not be stored. `Held…`: after release(). `Cold…`: at once. Both may be stored. */
export function corpusPartoo(): CorpusPartoo {
  let held: (() => void)[] = [];
  return {
    script: ({ head, target, headers }, socket) => {
      if (headers["x-apikey"] === DIRECTORY_KEY) return storableJson(DIRECTORY);
      const city = new URL(target, "http://partoo.example").searchParams.get("city") ?? "";
      const answer = storableJson(cityPage(city, head));
      if (city.startsWith("Cold")) return answer;
      if (!city.startsWith("Held")) return json(EMPTY_PAGE);
      held.push(() => socket.write(answer));
      return undefined;
    },
    release() {
      for (const answer of held) answer();
      held = [];
    },
  };
}
