/** The few calls on keys that an operator's command makes of Partoo. One origin, no redirects, no second attempt, no text of Partoo's relayed. */
import type { Dispatcher } from "undici";
import type { z } from "zod";
import { Pool } from "undici";
import type { UpstreamBase } from "../environment.ts";
import type { Secret } from "../secret.ts";
import type { KeyRecord, KeyUser } from "./answers.ts";
import type { KeyBody } from "./least-privilege.ts";
import type { PermissionBook } from "./permission-book.ts";
import { fetchAnswer } from "../upstream/read-answer.ts";
import { describeRefusal } from "../upstream/refusal.ts";
import { KeyPageAnswer, PermissionsAnswer, RevokedAnswer, UserAnswer, WrittenKeyAnswer } from "./answers.ts";
import { PartooFault } from "./partoo-fault.ts";

const DEADLINE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2000;
const PER_PAGE = 100;
/** 10,000 keys: whoever has more pages than that is not Partoo. */
const MAX_PAGES = 100;

export interface AdminClient {
  /** `GET /user/me` with any key of ours. @returns a word when Partoo refuses the key (401) or the question (403) */
  userOf(secret: Secret): Promise<KeyUser | "refused" | "forbidden">;
  /** Every key that the admin key sees, with its permissions as they work and as they are ticked. */
  records(): Promise<readonly KeyRecord[]>;
  permissions(): Promise<PermissionBook>;
  /** @returns the new key's id */
  create(body: KeyBody): Promise<number>;
  update(id: number, body: KeyBody): Promise<void>;
  revoke(id: number): Promise<void>;
  close(): Promise<void>;
}

export interface AdminClientOptions {
  readonly base: UpstreamBase;
  /** PARTOO_ADMIN_KEY. */
  readonly admin: Secret;
  /** Keys that must not come back in an answer, besides `admin`. */
  readonly others: readonly Secret[];
  /** Of one call, to its last byte. */
  readonly deadlineMs?: number;
  /** Aborted when the command is told to stop. */
  readonly stopped: AbortSignal;
}

interface Call<Shape extends z.ZodType> {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly shape: Shape;
  /** Default: the admin key. */
  readonly secret?: Secret;
}

/** Every method throws PartooFault, with one line that holds no text of Partoo's and no key. */
export function openAdminClient({ base, admin, others, deadlineMs = DEADLINE_MS, stopped }: AdminClientOptions): AdminClient {
  const pool = new Pool(base.origin, { allowH2: false, connections: 1, connectTimeout: Math.min(CONNECT_TIMEOUT_MS, deadlineMs) });
  const secrets = [admin, ...others];

  const call = async <Shape extends z.ZodType>({
    method,
    path,
    query = "",
    body,
    shape,
    secret = admin,
  }: Call<Shape>): Promise<z.output<Shape>> => {
    const what = { request: `${method} ${path}`, writes: method !== "GET", secret: secret.name, deadlineMs };
    const request: Dispatcher.DispatchOptions = {
      method,
      path: base.prefix + path + query,
      headers: requestFields(secret.reveal(base.origin), body !== undefined),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const deadline = AbortSignal.timeout(deadlineMs);
    const answer = await fetchAnswer(pool, request, AbortSignal.any([stopped, deadline])).catch((error: unknown) => {
      throw PartooFault.ofError(what, stopped.aborted ? "stopped" : deadline.aborted ? deadline.reason : error);
    });
    if (secrets.some((known) => known.isIn(answer.body)))
      throw PartooFault.ofAnswer(what, "the answer holds an API key; none of it is shown");
    if (answer.status < 200 || answer.status > 299) throw PartooFault.ofStatus(what, answer.status, describeRefusal(answer));
    const read = shape.safeParse(parseJson(answer.body));
    if (!read.success) throw PartooFault.ofAnswer(what, "the answer is not what Partoo documents");
    return read.data;
  };

  const list = async (query: string): Promise<readonly KeyRecord[]> => {
    const records: KeyRecord[] = [];
    for (let page = 1, maxPage = 1; page <= maxPage; page += 1) {
      const read = await call({
        method: "GET",
        path: "/api_keys",
        query: `?page=${page}&per_page=${PER_PAGE}${query}`,
        shape: KeyPageAnswer,
      });
      records.push(...read.records);
      maxPage = Math.min(read.maxPage, MAX_PAGES);
    }
    return records;
  };

  return {
    async userOf(secret) {
      try {
        return await call({ method: "GET", path: "/user/me", shape: UserAnswer, secret });
      } catch (fault) {
        if (fault instanceof PartooFault && fault.status === 401) return "refused";
        if (fault instanceof PartooFault && fault.status === 403) return "forbidden";
        throw fault;
      }
    },
    async records() {
      const effective = await list("");
      const listed = new Map((await list("&include_all_permissions=true")).map((record) => [record.id, record.listed]));
      return effective.map((record) => ({ ...record, listed: listed.get(record.id) ?? record.listed }));
    },
    permissions: () => call({ method: "GET", path: "/permissions", shape: PermissionsAnswer }),
    create: async (body) => (await call({ method: "POST", path: "/api_keys", body, shape: WrittenKeyAnswer })).id,
    update: async (id, body) => void (await call({ method: "PUT", path: `/api_keys/${id}`, body, shape: WrittenKeyAnswer })),
    revoke: async (id) => void (await call({ method: "POST", path: `/api_keys/revoke/${id}`, body: {}, shape: RevokedAnswer })),
    close: () => pool.destroy(),
  };
}

function requestFields(key: string, hasBody: boolean): Record<string, string> {
  return {
    "x-apikey": key,
    accept: "application/json",
    "accept-encoding": "gzip, br",
    "user-agent": "partoo-bff",
    ...(hasBody && { "content-type": "application/json" }),
  };
}

/** @returns undefined for what is no JSON: it has no shape that is asked for */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
