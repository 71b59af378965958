/** What an endpoint of the sandbox is, and the call it is given. */
import type { Answer, ErrorMember } from "./answer.ts";
import type { Business } from "./business.ts";
import type { HeldKey, KeyBook } from "./key-book.ts";
import type { Role } from "./keys.ts";
import type { Organization } from "./organization.ts";
import type { Webhooks } from "./webhooks.ts";

/** A call with a good key. */
export interface Call {
  readonly key: HeldKey;
  readonly organization: Organization;
  /** The stores that the key's user may see. */
  readonly stores: readonly Business[];
  /** Path parameters by name, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON of POST and PUT, undefined otherwise. */
  readonly body: unknown;
  readonly keys: KeyBook;
  readonly webhooks: Webhooks;
  /** Milliseconds of the wall clock. */
  readonly now: number;
}

export interface SandboxEndpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/v2`, with `{parameters}`. */
  readonly template: string;
  /** Which of Partoo's two error shapes it speaks. */
  readonly errors: ErrorMember;
  /** Roles that may call it; left out: all. */
  readonly roles?: readonly Role[];
  /** What a restricted key must hold; left out: nothing. */
  readonly permission?: string;
  /** @throws Refusal */
  readonly handle: (call: Call) => Answer;
}
