/** `diff`: each pair says exactly what changes, by hand and against brute force with the server's own decisions. */
import { createLocalJWKSet } from "jose";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import type { Decision } from "../../src/decide.ts";
import type { Change } from "../../src/diff/change.ts";
import type { Ask } from "../../src/explain/ask.ts";
import type { Ratings } from "../../src/directory/ratings.ts";
import type { StoresRequest } from "../../src/directory/stores-request.ts";
import type { Frontend, KeyPolicy, Policy, Route } from "../../src/policy.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createDirectory } from "../../src/directory/directory.ts";
import { ratingText } from "../../src/directory/ratings-reading.ts";
import { ratingsSourceOf } from "../../src/directory/ratings-source.ts";
import { routesOf } from "../../src/directory/store-record.ts";
import { readStores } from "../../src/directory/stores-match.ts";
import { createStoresRequestReader } from "../../src/directory/stores-request.ts";
import { diffPolicies } from "../../src/diff/diff.ts";
import { decideAsk } from "../../src/explain/ask.ts";
import { CATALOGUE } from "../../src/partoo/catalogue.ts";
import { openKeyRing } from "../../src/keys.ts";
import { createJwtProof } from "../../src/session/jwt-proof.ts";
import type { Proof } from "../../src/session/proof.ts";
import { createProofs } from "../../src/session/proofs.ts";
import { parseSessionSecrets } from "../../src/session/session-secrets.ts";
import { createUsedOnce } from "../../src/session/used-once.ts";
import { signingKey } from "../session/issuer.ts";
import { runCli } from "../support/cli.ts";

const FIXTURES = "test/fixtures/diff";
const SEARCH = "GET /business/search";
const SINGLE = "GET /business/{business_id}";
const CATEGORIES = "GET /categories";
const METRICS = "GET /review_analytics/metrics";
/** The directory, or its list. */
const STORES = "GET /stores";
const EMPTY = "-";

/** Folder, compared with its base: every change as `risk frontend route kind detail`. Written by hand from what the files say. */
const OF_ROUTES: Readonly<Record<string, readonly string[]>> = {
  base: [],
  "written-otherwise": [],
  "origin-added": [`opens site ${EMPTY} origin-added https://shop.acme.example`],
  "origin-replaced": [
    `opens site ${EMPTY} origin-added https://stores.acme.example`,
    `breaks site ${EMPTY} origin-removed https://www.acme.example`,
  ],
  "apps-to-server": [`opens app ${EMPTY} server-added ssr`, `breaks app ${EMPTY} apps-refused callers without Origin are refused`],
  "server-added": [`opens site ${EMPTY} server-added ssr`],
  "route-added": [
    "personal site GET /reviews field-exposed author_name",
    "opens site GET /reviews route-added fields id, content, author_name",
  ],
  "route-removed": [`breaks site ${CATEGORIES} route-removed it answers 404`],
  "only-widened": [`opens app ${CATEGORIES} route-added fields id, name`],
  "only-narrowed": [`breaks app ${SINGLE} route-removed it answers 404`],
  "parameter-added": both(SEARCH, "opens", "parameter-added zipcode"),
  "parameter-removed": both(SEARCH, "breaks", "parameter-removed city"),
  "parameter-widened": both(SEARCH, "opens", "parameter-widened page: maximum 20 → 30"),
  "parameter-narrowed": [
    ...both(SEARCH, "breaks", 'parameter-narrowed city: enum as the catalogue → ["Paris","Rome"]'),
    ...both(SEARCH, "breaks", "parameter-narrowed page: maximum 20 → 5"),
    ...both(SEARCH, "breaks", "parameter-narrowed page: minimum as the catalogue → 2"),
  ],
  "force-changed": both(SEARCH, "opens", 'force-changed status: "open" → "open,opening_soon"'),
  "force-to-query": [...both(SEARCH, "opens", 'force-removed status: "open"'), ...both(SEARCH, "opens", "parameter-added status")],
  "query-to-force": [...both(SEARCH, "opens", 'force-added city: "Paris"'), ...both(SEARCH, "breaks", "parameter-removed city")],
  "default-changed": both(SEARCH, "none", 'default-changed per_page: default "50" → "20"'),
  "fields-swapped": [...both(SEARCH, "opens", "field-exposed zipcode"), ...both(SEARCH, "breaks", "field-withdrawn city")],
  "personal-exposed": both(SINGLE, "personal", "field-exposed contacts"),
  "custom-fields-swapped": [
    ...both(SEARCH, "opens", "custom-field-exposed Drive"),
    ...both(SEARCH, "breaks", "custom-field-withdrawn Parking"),
  ],
  "cache-changed": both(SEARCH, "load", "cache-changed fresh 600s, stale 86400s, browser 60s → fresh 1800s, stale 86400s, browser 60s"),
  "limits-changed": [
    `load app ${EMPTY} limit-requests 600 in 60 s → 60 in 60 s`,
    `load app ${EMPTY} limit-misses 30 in 60 s → 5 in 60 s`,
    `load app ${EMPTY} share 100% → 50%`,
  ],
  "limits-reported": [`load app ${EMPTY} limit-mode enforce → report`],
  "quota-changed": [...both(EMPTY, "load", "quota 300/min less 60 → 600/min less 120"), ...both(EMPTY, "load", "instances 1 → 3")],
  "frontend-added": [`opens kiosk ${EMPTY} frontend-added with the key reader`, `opens kiosk ${CATEGORIES} route-added fields id, name`],
  "frontend-removed": [`breaks app ${EMPTY} frontend-removed its addresses answer 404`],
  "key-switched": [
    `breaks site ${SEARCH} route-removed it answers 404`,
    `breaks site ${SINGLE} route-removed it answers 404`,
    `load site ${EMPTY} key reader → other`,
    `load site ${EMPTY} sweep all stores are held → stores are asked for one by one`,
    `none site ${EMPTY} expires never → 2030-01-31`,
  ],
  "stores-base": [
    "opens site GET /stores stores-offered a list shows id, name, city, lat, long, open_hours, Parking; a store alone id, name, city, open_hours, Parking",
  ],
  "stores-offered-personal": [
    ...alone("personal", "field-exposed contacts"),
    "opens site GET /stores stores-offered a list shows id, name, city, lat, long, open_hours, Parking; a store alone id, name, city, open_hours, contacts, Parking",
  ],
  "stores-none": ["breaks site GET /stores stores-withdrawn its addresses answer 404"],
  "stores-field-added": [
    ...listed("opens", "field-exposed zipcode"),
    ...listed("opens", "field-exposed categories"),
    ...listed("opens", "custom-field-exposed Drive"),
    "opens site GET /stores parameter-added category",
    "opens site GET /stores parameter-added custom.Drive",
  ],
  "stores-field-removed": [...listed("breaks", "field-withdrawn open_hours"), ...alone("breaks", "custom-field-withdrawn Parking")],
  "stores-filter-removed": [
    ...listed("breaks", "custom-field-withdrawn Parking"),
    "breaks site GET /stores parameter-removed custom.Parking",
  ],
  "stores-force-changed": [
    ...listed("opens", 'force-added city: "Paris"'),
    ...listed("opens", 'force-changed status: "open" → "open,opening_soon"'),
    `breaks app ${SEARCH} parameter-removed city`,
  ],
  "stores-force-removed": listed("opens", 'force-removed status: "open"'),
  "stores-force-paging": [`opens app ${SEARCH} force-added order_by: "name"`],
  "stores-cache-changed": [
    `load app ${SINGLE} cache-changed fresh 600s, stale 86400s, browser 60s → fresh 3600s, stale 86400s, browser 60s`,
    "load site GET /stores cache-changed late after 600s → 3600s",
  ],
  "stores-personal": alone("personal", "field-exposed contacts"),
  "stores-key-switched": [
    "opens site GET /stores/{store} field-exposed phone",
    "breaks site GET /stores/{store} field-withdrawn city",
    `load site ${EMPTY} key reader → other`,
  ],
  "stores-rated": [
    `opens site ${METRICS} route-added fields dimension, metrics`,
    ...inStores("opens", "field-exposed rating.average"),
    ...inStores("opens", "field-exposed rating.count"),
  ],
  "stores-rated-hidden": [],
  "stores-rated-average": [
    `opens site ${METRICS} force-added tags: "12"`,
    `opens site ${METRICS} force-changed metrics: "average_rating,reviews_count" → "average_rating"`,
    ...inStores("breaks", "field-withdrawn rating.count"),
    ...inStores("opens", 'ratings-changed of reviews with tags: "12"'),
  ],
  "stores-frontend-added": [
    `opens kiosk ${EMPTY} frontend-added with the key reader`,
    `opens kiosk ${CATEGORIES} route-added fields id, name`,
    "opens kiosk GET /stores stores-offered a list shows id, name, city, lat, long, open_hours, Parking; a store alone id, name, city, open_hours, Parking",
  ],
};

const JWT = "jwt of https://login.acme.example/";
const SESSIONS: Readonly<Record<string, readonly string[]>> = {
  "session-base": [
    `breaks app ${EMPTY} session-strengthened none → on-miss, with proof ${JWT}`,
    `breaks site ${EMPTY} session-strengthened none → required, with proof altcha`,
  ],
  "session-written-otherwise": [],
  "session-weakened": [`opens app ${EMPTY} session-weakened on-miss → none`, `opens site ${EMPTY} session-weakened required → on-miss`],
  "session-strengthened": [`breaks app ${EMPTY} session-strengthened on-miss → required`],
  "session-none": [`opens app ${EMPTY} session-weakened on-miss → none`, `opens site ${EMPTY} session-weakened required → none`],
  "session-proof-removed": [`opens app ${EMPTY} proof-removed ${JWT}`, `opens site ${EMPTY} proof-removed altcha`],
  "session-proof-swapped": [
    `opens app ${EMPTY} proof-removed ${JWT}`,
    `opens site ${EMPTY} proof-removed altcha`,
    `breaks app ${EMPTY} proof-added altcha`,
    `breaks site ${EMPTY} proof-added ${JWT}`,
  ],
  "session-proof-cost": [`load site ${EMPTY} proof-cost 5000 iterations an attempt → 20000 iterations an attempt`],
  "session-issuer-changed": [
    `opens app ${EMPTY} proof-changed issuer: https://login.acme.example/ → https://id.acme.example/`,
    `opens app ${EMPTY} proof-changed audience: bff → bff-2`,
    `opens app ${EMPTY} proof-changed jwks: https://login.acme.example/keys → https://id.acme.example/keys`,
  ],
  "session-keys-changed": [`opens app ${EMPTY} proof-changed jwks: https://login.acme.example/keys → https://id.acme.example/keys`],
  "session-subjects-swapped": [`opens app ${EMPTY} proof-subject-added three`, `breaks app ${EMPTY} proof-subject-removed one`],
  "session-subjects-any": [`opens app ${EMPTY} proof-changed subjects: one, two → any`],
  "session-subjects-limited": [`breaks app ${EMPTY} proof-changed subjects: any → one, two`],
  "session-frontend-added": [
    `opens kiosk ${EMPTY} frontend-added with the key reader, session on-miss, proof altcha`,
    `opens kiosk ${CATEGORIES} route-added fields id, name`,
  ],
};
const EXPECTED: Readonly<Record<string, readonly string[]>> = { ...OF_ROUTES, ...SESSIONS };

/** Pairs with a directory have a base of their own: `site` offers it, and its `only` leaves out both routes that it is made of. */
function baseOf(name: string): string {
  if (name === "stores-base" || name === "stores-offered-personal") return "stores-none";
  if (name === "stores-rated-average") return "stores-rated";
  if (name === "session-subjects-limited") return "session-subjects-any";
  if (name.startsWith("session-")) return name === "session-base" ? "base" : "session-base";
  return name.startsWith("stores-") ? "stores-base" : "base";
}

/** By the route of `app`, and by the directory of `site`. */
function listed(risk: string, words: string): readonly string[] {
  return [`${risk} app ${SEARCH} ${words}`, `${risk} site GET /stores ${words}`];
}

function inStores(risk: string, words: string): readonly string[] {
  return ["GET /stores", "GET /stores/{store}"].map((route) => `${risk} site ${route} ${words}`);
}

function alone(risk: string, words: string): readonly string[] {
  return [`${risk} app ${SINGLE} ${words}`, `${risk} site GET /stores/{store} ${words}`];
}

function both(route: string, risk: string, words: string): readonly string[] {
  return ["app", "site"].map((frontend) => `${risk} ${frontend} ${route} ${words}`);
}

function load(name: string): Policy {
  const { policy, diagnostics } = loadConfig(join(FIXTURES, name));
  if (policy === undefined) throw new Error(JSON.stringify(diagnostics));
  return policy;
}

const lineOf = ({ kind, frontend, route, detail, risk }: Change): string => `${risk} ${frontend} ${route ?? EMPTY} ${kind} ${detail}`;
const RISK_ORDER = ["personal", "opens", "breaks", "load", "none"];

test("every pair in the fixtures is expected here", () => {
  expect(readdirSync(FIXTURES).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  expect(Object.keys(EXPECTED).length).toBeGreaterThan(20);
});

describe.each(Object.keys(EXPECTED))("to %s", (name) => {
  const [before, after] = [load(baseOf(name)), load(name)];
  const changes = diffPolicies(before, after);

  test("says what changes, nothing less, nothing more, the most serious first", () => {
    expect(changes.map(lineOf).toSorted()).toEqual((EXPECTED[name] ?? []).toSorted());
    const weights = changes.map(({ risk }) => RISK_ORDER.indexOf(risk));
    expect(weights).toEqual(weights.toSorted((one, other) => one - other));
  });

  test("explains every decision that differs, and each change of a decision is seen in one", () => {
    const differing = universe([before, after]).filter(({ ask }) => outcome(decideAsk(before, ask)) !== outcome(decideAsk(after, ask)));
    const unexplained = differing.filter((request) => !changes.some((change) => explains(change, request)));
    expect(unexplained.map(({ ask }) => ask)).toEqual([]);
    const unseen = changes.filter((change) => isOfDecisions(change) && !differing.some((request) => explains(change, request)));
    expect(unseen.map(lineOf)).toEqual([]);
  });

  test("tells of every token and solution that begins or ceases to be good for a session", async () => {
    for (const frontend of after.frontends.values()) {
      const old = before.frontends.get(frontend.name);
      if (old === undefined || [old, frontend].some(({ session }) => session === "none")) continue;
      const [was, is] = [await goodProofs(old), await goodProofs(frontend)];
      const told = changes.filter((change) => change.frontend === frontend.name && change.kind.startsWith("proof-"));
      const isTold = (risk: string): boolean => told.some((change) => change.risk === risk);
      const isLost = was.some((proof) => !is.includes(proof));
      expect(isTold("opens")).toBe(is.some((proof) => !was.includes(proof)));
      expect(isTold("opens") || isTold("breaks")).toBe(isTold("opens") || isLost);
    }
  });

  test("names every field that begins or ceases to leave", () => {
    const seen = [...after.frontends.values()].flatMap((frontend) =>
      frontend.routes.flatMap((route) => {
        const old = before.frontends.get(frontend.name)?.routes.find(({ template }) => template === route.template);
        if (old === undefined) return [];
        const [was, is] = [leaving(old), leaving(route)];
        const place = `${frontend.name} GET ${route.template}`;
        return [
          ...is.filter((field) => !was.includes(field)).map((field) => `${place} exposed ${field}`),
          ...was.filter((field) => !is.includes(field)).map((field) => `${place} withdrawn ${field}`),
        ];
      }),
    );
    const ofStores = [...after.frontends.values()].flatMap((frontend) => {
      const old = before.frontends.get(frontend.name);
      if (old?.stores !== true || !frontend.stores) return [];
      const [was, is] = [directoryOf(old), directoryOf(frontend)];
      return Object.entries(is.shown).flatMap(([template, fields]) => {
        const earlier = was.shown[template] ?? [];
        return [
          ...fields.filter((field) => !earlier.includes(field)).map((field) => `${frontend.name} GET ${template} exposed ${field}`),
          ...earlier.filter((field) => !fields.includes(field)).map((field) => `${frontend.name} GET ${template} withdrawn ${field}`),
        ];
      });
    });
    const isNew = ({ frontend, route }: Change): boolean =>
      changes.some(
        (other) =>
          (other.kind === "route-added" && other.route === route) ||
          (other.kind === "stores-offered" && other.frontend === frontend && route?.startsWith(STORES) === true),
      );
    const told = changes
      .filter((change) => change.kind.includes("field-") && !isNew(change))
      .map(({ frontend, route, kind, detail }) => `${frontend} ${route} ${kind.endsWith("exposed") ? "exposed" : "withdrawn"} ${detail}`);
    expect(told.toSorted()).toEqual([...seen, ...ofStores].toSorted());
  });

  test("tells of forced values where the directory begins or ceases to have stores, and only there", () => {
    for (const frontend of after.frontends.values()) {
      const old = before.frontends.get(frontend.name);
      if (old?.stores !== true || !frontend.stores) continue;
      const isTold = changes.some(
        (change) => change.frontend === frontend.name && change.route === STORES && change.kind.startsWith("force-"),
      );
      expect([frontend.name, isTold]).toEqual([frontend.name, directoryOf(old).stores.join() !== directoryOf(frontend).stores.join()]);
    }
  });
});

const { keys } = openKeyRing([], {}, { origin: "https://partoo.example", logger: pino({ level: "silent" }) });

interface ProbedDirectory {
  /** Codes of the stores that it has. */
  readonly stores: readonly string[];
  /** Members of a store, by address. */
  readonly shown: Readonly<Record<string, readonly string[]>>;
}

/** Made by the server's own code, of stores in every state and two towns that have every member the catalogue knows. */
function directoryOf(frontend: Frontend): ProbedDirectory {
  const { key } = frontend;
  const routes = routesOf(key);
  if (routes === undefined) throw new Error("no directory");
  const directory = createDirectory({ routes, keys, lateAfterSeconds: 600 });
  const { showsRatings } = readStores(frontend, [frontend.name, "stores"], "", "");
  const ratings = showsRatings ? ratingsOf(key) : undefined;
  const statuses = ["open", "opening_soon", "temporarily_closed", "closed"];
  const probes = statuses.flatMap((status) => ["Paris", "Rome"].map((city) => ({ status, city, zipcode: "75001", country: "FR" })));
  probes.forEach((members, nth) =>
    directory.feed.seen({
      ...everyMember(routes.search),
      id: String(nth + 1).padStart(24, "0"),
      code: `${nth}`,
      lat: 1,
      long: 1,
      ...members,
    }),
  );
  directory.feed.swept(Date.now(), new Set(probes.map((_members, nth) => String(nth + 1).padStart(24, "0"))));
  const read = (request: StoresRequest): Shown => JSON.parse(directory.answer(request, { ratings }).body().toString()) as Shown;
  const list = read(createStoresRequestReader(routes).read(undefined, "limit=100"))["stores"] as Shown[];
  const id = list[0]?.["id"] as string;
  const own = ({ open: _open, rating = {}, ...item }: Shown = {}): readonly string[] => [
    ...membersOf(item),
    ...Object.keys(rating as Shown).map((name) => `rating.${name}`),
  ];
  return {
    stores: list.map((item) => item["id"] as string).toSorted(),
    shown: { "/stores": own(list[0]), "/stores/{store}": own(read({ kind: "one", name: id, sentNames: [] })) },
  };
}

interface Probe {
  readonly ask: Ask;
  readonly frontend: string;
  readonly template: string;
  readonly parameter: string | undefined;
}

const VALUES = [
  "1",
  "2",
  "5",
  "6",
  "20",
  "21",
  "30",
  "31",
  "50",
  "Paris",
  "Rome",
  "Lyon",
  "open",
  "opening_soon",
  "closed",
  "fr",
  "75001",
  "a",
];

/** What a directory may be asked with. */
const FILTERS = [
  "near=48.86,2.35",
  "bounds=2,48,3,49",
  "q=a",
  "open_now=true",
  "limit=5",
  "page=2",
  "category=gcid:cafe",
  "custom.Parking=1",
  "custom.Drive=1",
  "org_id=1",
];

/** Every frontend of either, every route of the catalogue, every kind of caller, every parameter with a handful of values. */
function universe(policies: readonly Policy[]): readonly Probe[] {
  const frontends = policies.flatMap((policy) => [...policy.frontends.values()]);
  const names = new Set(frontends.map(({ name }) => name));
  const origins = new Set([...frontends.flatMap((frontend) => [...frontend.origins]), "https://evil.example"]);
  const callers: readonly Partial<Ask>[] = [
    {},
    { server: "ssr" },
    { headers: [["sec-fetch-site", "cross-site"]] },
    ...[...origins].map((origin) => ({ origin })),
  ];
  const few = [{}, ...[...origins].slice(0, 1).map((origin) => ({ origin }))];
  const ofStores = [...names].flatMap((frontend) =>
    ["/stores", "/stores/all", "/stores/{store}"].flatMap((template) => {
      const path = `/${frontend}${template.replace("{store}", "000000000000000000000001")}`;
      const queries = ["", ...FILTERS].map(
        (query) => [query === "" ? "" : `?${query}`, query === "" ? undefined : query.split("=")[0]] as const,
      );
      return queries.flatMap(([query, parameter]) =>
        callers.map((caller) => ({ ask: { method: "GET", target: path + query, ...caller }, frontend, template, parameter })),
      );
    }),
  );
  const ofRoutes = [...names].flatMap((frontend) =>
    [...CATALOGUE.values()].flatMap((endpoint) => {
      const path = `/${frontend}/v2${endpoint.template.replaceAll(/\{[^}]+\}/g, "000000000000000000000001")}`;
      const queries = [
        ["", undefined],
        ...Object.keys(endpoint.query).flatMap((name) => VALUES.map((value) => [`?${name}=${value}`, name])),
      ] as const;
      return queries.flatMap(([query, parameter]) =>
        (parameter === undefined ? callers : few).map((caller) => ({
          ask: { method: "GET", target: `${path}${query}`, ...caller },
          frontend,
          template: endpoint.template,
          parameter,
        })),
      );
    }),
  );
  const ofSessions = [...names].flatMap((frontend) =>
    callers.map((caller) => ({
      ask: { method: "POST", target: `/${frontend}/session`, ...caller },
      frontend,
      template: "/session",
      parameter: undefined,
    })),
  );
  const all: readonly Probe[] = [...ofStores, ...ofRoutes];
  const carrying = all
    .filter(({ parameter }) => parameter === undefined)
    .map((probe) => ({ ...probe, ask: { ...probe.ask, session: true } }));
  return [...all, ...carrying, ...ofSessions];
}

function outcome(decision: Decision): string {
  if (decision.decision === "refused") return decision.fault.code;
  if (decision.decision === "directory") return `${decision.kind} ${decision.stores.template}`;
  if (decision.decision === "description" || decision.decision === "session") return decision.decision;
  return decision.decision === "preflight" ? "preflight" : `${decision.kind} ${decision.match.target}`;
}

/** Kinds that change no decision: what leaves, how long it is kept, how much may be asked. */
function isOfDecisions({ kind, route }: Change): boolean {
  // What is forced decides which stores a directory has, and nothing of what may be asked.
  if (route === STORES && kind.startsWith("force-")) return false;
  return /^(origin|server|apps|route|frontend|parameter|force|default|stores|session)-/.test(kind);
}

/** Whether a change can be the reason for this request's other outcome. */
function explains({ kind, frontend, route, detail }: Change, probe: Probe): boolean {
  const isOfRoute = route === null || route === `GET ${probe.template}` || (route === STORES && probe.template.startsWith("/stores"));
  if (frontend !== probe.frontend || !isOfRoute) return false;
  const named = detail.split(":")[0];
  if (/^(frontend|route|force|stores)-/.test(kind)) return true;
  if (kind.startsWith("session-")) return isOfSession(detail, probe);
  if (kind.startsWith("origin-")) return probe.ask.origin === detail;
  if (kind.startsWith("server-")) return probe.ask.server === detail;
  if (kind.startsWith("apps-")) return probe.ask.origin === undefined && probe.ask.headers === undefined;
  if (kind.startsWith("parameter-")) return probe.parameter === named;
  return kind.startsWith("default-") && probe.parameter !== named;
}

/** Where there are sessions they can be minted; where all requests need one, those without are refused. */
function isOfSession(detail: string, { template, ask }: Probe): boolean {
  return template === "/session" ? detail.includes("none") : detail.includes("required") && ask.session !== true;
}

const ISSUERS = ["https://login.acme.example/", "https://id.acme.example/"];
const SETS = new Map(ISSUERS.map((issuer) => [`${issuer}keys`, signingKey(issuer)]));
const proofs = createProofs({ secrets: () => parseSessionSecrets(""), used: createUsedOnce({ keepMs: 1000 }) });

/** The server's own, but for where it has an issuer's keys from: nobody listens at the addresses of these. */
function proofOf(frontend: Frontend): Promise<Proof> | Proof | undefined {
  const { proof } = frontend;
  if (proof.kind !== "jwt") return proofs.of(frontend);
  const set = [SETS.get(proof.jwks.href)?.jwk].filter((key) => key !== undefined);
  return createJwtProof({ ...proof, findKey: createLocalJWKSet({ keys: set }) });
}

/** What a session is minted for, of nothing at all, a solved challenge, and tokens of two issuers with two key sets, by the server's own code. */
async function goodProofs(frontend: Frontend): Promise<readonly string[]> {
  const proof = await proofOf(frontend);
  const tokens = ISSUERS.flatMap((iss) =>
    ["bff", "bff-2"].flatMap((aud) =>
      ["one", "two", "three"].flatMap((sub) =>
        [...SETS.values()].map((key) => [`${sub} ${iss} ${aud} ${key.kid}`, key.token({ iss, aud, sub, exp: 4_000_000_000 })] as const),
      ),
    ),
  );
  const taken = await Promise.all(
    tokens.map(async ([words, token]) =>
      proof === undefined || (await proof.verify(token, Date.now())).verdict === "accepted" ? [words] : [],
    ),
  );
  return [
    ...(proof === undefined ? ["nothing"] : []),
    ...(proof === undefined || proof.challenge !== undefined ? ["a solution"] : []),
    ...taken.flat(),
  ];
}

/** Every store has reviews. */
function ratingsOf(key: KeyPolicy): Pick<Ratings, "textOf" | "takenAt"> | undefined {
  const source = ratingsSourceOf(key);
  return source && { textOf: () => ratingText(source.figures, { average_rating: 4.5, reviews_count: 9 }) ?? "null", takenAt: 1 };
}

type Shown = Readonly<Record<string, unknown>>;

/** Members of an item that leave, tried with an item that has every member the catalogue knows, and made-up ones. */
function leaving(route: Route): readonly string[] {
  const { items } = route.endpoint;
  const item = everyMember(route);
  const shaped = route.shape(items.at === "member" ? { [items.member]: [item] } : item) as Shown;
  return membersOf((items.at === "member" ? (shaped[items.member] as Shown[])[0] : shaped) ?? {});
}

function everyMember({ endpoint }: Route): Shown {
  const values: Readonly<Record<string, unknown>> = { array: [], object: {}, map: {}, either: [] };
  const members = Object.entries(endpoint.fields).map(([name, { type }]) => [name, values[type] ?? "x"] as const);
  return {
    ...Object.fromEntries(members),
    contacts: [{ phone_numbers: ["+33199000000"] }],
    made_up: "x",
    custom_fields: [custom("Parking"), custom("Drive"), custom("ManagerName")],
  };
}

function membersOf({ custom_fields: customs = [], ...own }: Shown): readonly string[] {
  return [...Object.keys(own), ...(customs as readonly { readonly name: string }[]).map(({ name }) => name)];
}

const custom = (name: string): object => ({ id: 1, name, type: "STRING", value: "x", order: 1 });

describe("the command", () => {
  const run = (name: string, ...options: readonly string[]): ReturnType<typeof runCli> =>
    runCli(["diff", join(FIXTURES, "base"), join(FIXTURES, name), ...options], { cwd: join(import.meta.dirname, "../..") });

  test("is silent and ends with 0 when nothing changes", async () => {
    expect(await run("written-otherwise")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test("names every frontend that a key's change reaches in one line, with a mark", async () => {
    const { code, stdout } = await run("personal-exposed");
    expect([code, stdout]).toEqual([1, "!! app, site GET /business/{business_id}: field-exposed contacts\n\n2 personal data leaves\n"]);
  });

  test("has a form for pipelines", async () => {
    const { stdout } = await run("only-widened", "--json");
    expect(JSON.parse(stdout)).toEqual([
      { kind: "route-added", frontend: "app", route: CATEGORIES, detail: "fields id, name", risk: "opens" },
    ]);
  });

  test("has a table for a pull request", async () => {
    const { stdout } = await run("parameter-narrowed", "--markdown");
    expect(stdout.split("\n").filter((line) => line.startsWith("|"))).toHaveLength(2 + 3);
    expect(stdout).toContain("| breaks | app, site | `GET /business/search` | parameter-narrowed | `page: maximum 20 → 5` |");
  });

  test.each([[["diff"]], [["diff", "config"]], [["diff", "config", "/nowhere"]]])("ends with 2 on %j", async (args) => {
    expect((await runCli(args, { cwd: join(import.meta.dirname, "../..") })).code).toBe(2);
  });
});
