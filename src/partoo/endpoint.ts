/** The words in which the catalogue describes Partoo's endpoints. Data only; what it means is decided elsewhere. */

/** JSON Schema (2020-12) keywords a parameter may use. A list value travels comma separated (partoo reference §5). */
export interface ParameterSchema {
  readonly type: "string" | "integer" | "boolean" | "array";
  readonly description: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a list: what each item is. */
  readonly items?: Omit<ParameterSchema, "description" | "items">;
  readonly maxItems?: number;
  /** How Partoo spells booleans here: newer parameters `true`/`false`, older ones `True`/`False`. Default lower case. */
  readonly booleanStyle?: "lower" | "capital";
}

/** One member of an answer. A subset of JSON Schema; every member may be null or absent (partoo reference §6). */
export interface FieldSchema {
  readonly type: "string" | "integer" | "number" | "boolean" | "any-scalar" | "array" | "object" | "map" | "either";
  /** Of `either`: the shapes Partoo is known to send, at most one scalar, one list and one object (or map). What arrives picks its own kind. */
  readonly options?: readonly FieldSchema[];
  readonly description?: string;
  readonly format?: string;
  /** Of `array`: what each item is. Of `map` (free keys): what each value is. */
  readonly items?: FieldSchema;
  /** Of `object`: its known members; others never pass. */
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  /** Present when the member is about a person: why it needs `expose_personal`. An object with a personal member is personal. */
  readonly personal?: string;
}

/** How sure we are of a fact (partoo reference): stated today, stated in 2021, seen in code, inferred. */
export type Basis = "documented" | "documented-2021" | "seen" | "inferred";

/** What Partoo asks of a key for an endpoint. */
export interface PermissionNeed {
  readonly name: string;
  readonly basis: Basis;
}

/** Where the items of an answer are: the whole body, or a list (or map of objects) under a member. */
export type ItemsLocation = { readonly at: "body" } | { readonly at: "member"; readonly member: string };

/** A GET endpoint known completely: what may be asked and what may come back. */
export interface Endpoint {
  /** As in configuration and in Partoo's documentation, without base: `/business/{business_id}`. */
  readonly template: string;
  readonly summary: string;
  /** Path parameters by name, in the order of the template. */
  readonly path: Readonly<Record<string, ParameterSchema>>;
  readonly query: Readonly<Record<string, ParameterSchema>>;
  /** Query parameters without which Partoo answers 400. Absent: none. */
  readonly requiredQuery?: readonly string[];
  readonly items: ItemsLocation;
  /** Members beside the items that always pass: `page`, `max_page`, `count`. Only scalars. */
  readonly paging: readonly string[];
  /** Members of one item, by name. */
  readonly fields: Readonly<Record<string, FieldSchema>>;
  /** Fields that we derive: `phone` = first number of the first contact. */
  readonly shorthands: Readonly<Record<string, Shorthand>>;
  /** Whether items carry `custom_fields`, chosen by name. */
  readonly customFields: boolean;
  readonly permissions: readonly PermissionNeed[];
  /** Default lifetimes when a route names none, in seconds. */
  readonly freshSeconds: number;
}

/** A field computed from others, declared as the path to follow: member names, or 0 for the first element. */
export interface Shorthand {
  readonly description: string;
  readonly from: readonly (string | 0)[];
  readonly schema: FieldSchema;
}

/** An endpoint that exists at Partoo and can't be allowed, with the reason an operator is told. */
export interface RefusedEndpoint {
  readonly method: string;
  readonly template: string;
  readonly reason: string;
}
