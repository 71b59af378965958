/** The request that gives a configured key exactly what its routes need, for Partoo's `POST /api_keys` and `PUT /api_keys/{id}`. */
import type { KeyPolicy } from "../policy.ts";
import type { KeyRecord } from "./answers.ts";
import type { PermissionBook } from "./permission-book.ts";
import { KeysFault } from "./keys-fault.ts";
import { needsOf } from "./needs.ts";
import { closePermissions } from "./permission-book.ts";
import { printable } from "./printable.ts";

/** Body of both requests (partoo reference §2). All members are always sent: what a PUT does with an absent one is not documented. */
export interface KeyBody {
  /** The configured key's name: audit finds the record by it. */
  readonly label: string;
  readonly description: string;
  /** `yyyy-mm-dd`, tomorrow or later; null: never. */
  readonly expiration_date: string | null;
  /** Addresses and CIDR ranges; empty: from anywhere. */
  readonly ip_whitelist: readonly string[];
  readonly has_restricted_permissions: true;
  readonly permissions: readonly string[];
}

/** What the operator asks for besides. */
export interface Wishes {
  /** null: never; undefined: as bff.yaml says, else as it is. */
  readonly expires: string | null | undefined;
  /** Empty: as it is. */
  readonly addresses: readonly string[];
}

export interface LeastPrivilege {
  readonly body: KeyBody;
  /** What the operator should know before it is sent, one line each. */
  readonly notes: readonly string[];
}

/**
 * @param existing the record to be updated, if there is one
 * @throws KeysFault when the key would expire today or before
 */
export function leastPrivilege(
  key: KeyPolicy,
  wishes: Wishes,
  context: { readonly book: PermissionBook; readonly today: string; readonly existing?: KeyRecord | undefined },
): LeastPrivilege {
  const { book, today, existing } = context;
  const needs = needsOf(key);
  const needed = closePermissions(
    needs.map(({ permission }) => permission),
    book,
  );
  const body: KeyBody = {
    label: key.name,
    description: descriptionOf(key, existing),
    expiration_date: (wishes.expires === undefined ? (key.expires ?? existing?.expires) : wishes.expires) ?? null,
    ip_whitelist: wishes.addresses.length > 0 ? wishes.addresses : (existing?.addresses ?? []),
    has_restricted_permissions: true,
    permissions: needed.filter((name) => book.has(name)),
  };
  if (body.expiration_date !== null && body.expiration_date <= today) {
    throw new KeysFault(
      `a key of Partoo can't expire on ${body.expiration_date}: take --expires with a day after ${today} (to end a key now: keys revoke)`,
    );
  }
  const guessed = needs.filter(({ basis, permission }) => basis === "inferred" && book.has(permission));
  const absent = needed.filter((name) => !book.has(name));
  const inConfig = closePermissions(key.permissions ?? [], book);
  const isListed = key.permissions !== undefined && inConfig.join() === needed.join();
  const own = needs.map(({ permission }) => permission).toSorted();
  const list = isListed ? [] : [`in bff.yaml, write permissions: [${own.join(", ")}]`];
  return { body, notes: [...guessed.map(guessNote), ...absent.map(absentNote), ...bodyNotes(key, body), ...list] };
}

/** What people wrote stays, unless it could not be shown: a key, for example. */
function descriptionOf(key: KeyPolicy, existing: KeyRecord | undefined): string {
  const written = existing?.description ?? "";
  return written !== "" && printable(written) === written ? written : `partoo-bff, organization ${key.organization.name}`;
}

function guessNote({ permission, route }: ReturnType<typeof needsOf>[number]): string {
  return `${permission} is inferred: Partoo does not say what GET ${route.template} needs`;
}

function absentNote(name: string): string {
  return `${name} is left out: Partoo does not offer it to this organization (its plan may lack the feature)`;
}

function bodyNotes(key: KeyPolicy, { expiration_date, ip_whitelist }: KeyBody): readonly string[] {
  const notes: string[] = [];
  if (ip_whitelist.length === 0) notes.push("no --ip: the key works from any address; name those that this server calls Partoo from");
  if (expiration_date === null) notes.push("no --expires: the key never expires");
  if (expiration_date !== (key.expires ?? null)) notes.push(`bff.yaml has ${key.expires ?? "no date"}: ${dateAdvice(expiration_date)}`);
  return notes;
}

function dateAdvice(expirationDate: string | null): string {
  return expirationDate === null ? "remove expires" : `write expires: ${expirationDate}`;
}
