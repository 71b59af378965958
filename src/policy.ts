/** The compiled configuration: what `decide()` and the pipeline read. Built once, frozen, swapped as a whole. */
import type { Location } from "./config/diagnostic.ts";
import type { Narrowing } from "./config/narrowing.ts";
import type { Endpoint } from "./partoo/endpoint.ts";
import type { ProofPolicy } from "./session/proofs.ts";
import type { Shaper } from "./shape/shaper.ts";

/** `600/min`: at most `count` in `windowSeconds`. */
export interface Rate {
  readonly count: number;
  readonly windowSeconds: number;
}

/** `cache:` of a route, in seconds. */
export interface Lifetimes {
  readonly freshSeconds: number;
  readonly staleSeconds: number;
  readonly browserSeconds: number;
  /** Whether answers are stored even where Partoo forbids it. */
  readonly ignoreUpstream: boolean;
}

/** An organization of Partoo: one quota for all its keys. */
export interface Organization {
  readonly name: string;
  /** Calls a minute that Partoo grants. */
  readonly quotaPerMinute: number;
  /** Calls a minute left to the organization's other tools. */
  readonly reservePerMinute: number;
  /** Processes that share the quota. */
  readonly instances: number;
  /** How Partoo's webhooks prove themselves; undefined: none are accepted. */
  readonly webhooks?: WebhookPolicy;
}

/** A signature that `publicKey` (SubjectPublicKeyInfo, base64) verifies, or a secret in a header field of our choice. */
export type WebhookPolicy =
  | { readonly kind: "signature"; readonly publicKey: string; readonly where: Location }
  | { readonly kind: "header"; readonly field: string; readonly where: Location };

/** Checks one parameter's text as sent and gives its canonical spelling, or says what is wrong. Never throws. */
export type ParameterReader = (text: string) => { readonly canonical: string } | { readonly fault: string };

/** One query parameter that callers may send. */
export interface QueryParameter {
  readonly name: string;
  readonly read: ParameterReader;
  /** By what the endpoint's own schema is narrowed. For whoever describes or compares policies: `read` decides. */
  readonly narrowing: Narrowing;
  /** Canonical value that is used when the caller sends none. */
  readonly default?: string;
}

/** A path segment of a template: a literal, or a parameter with its reader. */
export type TemplateSegment = { readonly literal: string } | { readonly parameter: string; readonly read: ParameterReader };

/** What may leave of one item. */
export interface FieldSelection {
  /** Names in the order of the configuration: members of the item and shorthands. */
  readonly fields: readonly string[];
  /** Names of custom fields that pass. Empty: none. */
  readonly customFields: readonly string[];
}

/** One GET path template that a key may be used for, with its policy. */
export interface Route {
  readonly template: string;
  readonly endpoint: Endpoint;
  readonly segments: readonly TemplateSegment[];
  readonly query: ReadonlyMap<string, QueryParameter>;
  /** Values that callers can't change, canonical, by name. */
  readonly force: ReadonlyMap<string, string>;
  readonly selection: FieldSelection;
  /** `selection`, compiled. */
  readonly shape: Shaper;
  readonly lifetimes: Lifetimes;
  readonly where: Location;
}

/** A restricted Partoo key and all that it is ever used for. */
export interface KeyPolicy {
  readonly name: string;
  readonly organization: Organization;
  /** As ticked in Partoo; absent: unrestricted. */
  readonly permissions?: readonly string[];
  /** ISO date as set in Partoo. */
  readonly expires?: string;
  readonly routes: readonly Route[];
  /** Whether all stores are held. */
  readonly sweep: boolean;
  readonly where: Location;
}

/** A website or app served by this proxy. */
export interface Frontend {
  readonly name: string;
  readonly key: KeyPolicy;
  /** The key's routes, or those that `only` names. */
  readonly routes: readonly Route[];
  readonly origins: ReadonlySet<string>;
  /** Value of Access-Control-Allow-Origin when there is exactly one origin: the same on every answer. */
  readonly soleOrigin?: string;
  readonly apps: boolean;
  readonly servers: ReadonlySet<string>;
  /** When a request must carry a session: never, when it needs a call to Partoo, always. Servers need none. */
  readonly session: "none" | "on-miss" | "required";
  /** What minting a session asks for. */
  readonly proof: ProofPolicy;
  readonly limits: {
    readonly requests: Rate;
    readonly misses: Rate;
    /** true: whoever exceeds them is counted and logged, and let pass. */
    readonly reportOnly: boolean;
  };
  /** The most of the quota that this frontend may spend, 0 to 1. */
  readonly share: number;
  /** Whether the directory is offered: the key holds all stores then. */
  readonly stores: boolean;
  readonly where: Location;
}

export interface Policy {
  /** Short hash of the configuration's content: changes whenever a decision could. */
  readonly version: string;
  readonly organizations: ReadonlyMap<string, Organization>;
  readonly keys: ReadonlyMap<string, KeyPolicy>;
  readonly frontends: ReadonlyMap<string, Frontend>;
}
