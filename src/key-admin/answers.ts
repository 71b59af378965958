/** Partoo's answers on keys, users and permissions, read into our words. What a judgement rests on must be there; the rest may be missing. */
import { z } from "zod";
import type { ListedPermission, PermissionBook } from "./permission-book.ts";

/** What Partoo says of a key. Never its value: no documented answer holds it (partoo reference §2). */
export interface KeyRecord {
  readonly id: number;
  readonly label: string;
  readonly description: string;
  readonly userId: number | undefined;
  /** `ORG_ADMIN` and the like, or a custom role. */
  readonly role: string | undefined;
  /** `user`: somebody's own, which is deleted with its owner; `bot`: a main integration. */
  readonly type: string;
  /** Revoked. */
  readonly disabled: boolean;
  /** ISO days, UTC. */
  readonly expires: string | undefined;
  readonly lastUsed: string | undefined;
  readonly created: string | undefined;
  /** Addresses and CIDR ranges; empty: from anywhere. */
  readonly addresses: readonly string[];
  readonly restricted: boolean;
  /** What the key may do now. */
  readonly effective: readonly string[];
  /** What is ticked for it, whether or not its user may do it. */
  readonly listed: readonly string[];
}

/** Whom a key belongs to. */
export interface KeyUser {
  readonly id: number;
  readonly role: string | undefined;
}

/** One page of `GET /api_keys`; `listed` is what the same answer says of permissions. */
export interface KeyPage {
  readonly maxPage: number;
  readonly records: readonly KeyRecord[];
}

/** `2019-08-22 11:46:38.914467+00`, or a day: only the day is of use here. */
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}/)
  .transform((text) => text.slice(0, "2019-08-22".length));
const texts = z
  .array(z.string())
  .nullable()
  .transform((list) => list ?? []);

const Record = z
  .object({
    id: z.int().positive(),
    label: z.string().nullable(),
    description: z.string().nullish(),
    user_id: z.int().nullish(),
    user_role: z.string().nullish(),
    user_type: z.string(),
    disabled: z.boolean(),
    expiration_date: day.nullable(),
    last_used_at: day.nullish(),
    created_at: day.nullish(),
    ip_whitelist: texts,
    has_restricted_permissions: z.boolean(),
    permissions: texts,
  })
  .transform((record): KeyRecord => ({
    id: record.id,
    label: record.label ?? "",
    description: record.description ?? "",
    userId: record.user_id ?? undefined,
    role: record.user_role ?? undefined,
    type: record.user_type,
    disabled: record.disabled,
    expires: record.expiration_date ?? undefined,
    lastUsed: record.last_used_at ?? undefined,
    created: record.created_at ?? undefined,
    addresses: record.ip_whitelist,
    restricted: record.has_restricted_permissions,
    effective: record.permissions,
    listed: record.permissions,
  }));

/** `GET /api_keys`. */
export const KeyPageAnswer = z
  .object({ max_page: z.int().nullish(), api_keys: z.array(Record) })
  .transform(({ max_page, api_keys }): KeyPage => ({ maxPage: max_page ?? 1, records: api_keys }));

/** `GET /user/me`. */
export const UserAnswer = z
  .object({ id: z.int(), role: z.string().nullish() })
  .transform(({ id, role }): KeyUser => ({ id, role: role ?? undefined }));

/** `POST /api_keys`, `PUT /api_keys/{id}`: the id is all that is used. */
export const WrittenKeyAnswer = z.object({ id: z.int().positive() });

/** `POST /api_keys/revoke/{id}`. */
export const RevokedAnswer = z.object({ status: z.literal("success").optional() });

const parents = z
  .union([z.string().transform((name) => [name]), z.array(z.string())])
  .nullish()
  .transform((names) => names ?? []);

const Permission = z
  .object({ name: z.string().min(1), depends_on: parents, disabled_for_roles: z.array(z.string()).nullish() })
  .transform(({ name, depends_on, disabled_for_roles }): ListedPermission => ({
    name,
    dependsOn: depends_on,
    disabledForRoles: disabled_for_roles ?? [],
  }));

/** `GET /permissions`: sections, subsections, permissions. */
export const PermissionsAnswer = z
  .object({ sections: z.array(z.object({ subsections: z.array(z.object({ permissions: z.array(Permission) })) })) })
  .transform(({ sections }): PermissionBook => {
    const all = sections.flatMap(({ subsections }) => subsections.flatMap(({ permissions }) => permissions));
    return new Map(all.map((permission) => [permission.name, permission]));
  });
