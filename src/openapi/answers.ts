/** Answers as responses of a description: what a 200 holds, 304, every problem that a caller can meet, and their header fields. */
import type { Frontend } from "../policy.ts";
import type { ProblemCode } from "../problem.ts";
import type { FieldName } from "./header-fields.ts";
import type { JsonSchema, Members, SchemaBook } from "./schemas.ts";
import { problem, problemBody } from "../problem.ts";
import { exampleOf, headerComponents, headersOf } from "./header-fields.ts";
import { objectOf } from "./schemas.ts";
import { asksForSession, sessionMembers, sessionRefusals } from "./session.ts";

type Response = Readonly<Record<string, unknown>>;

/** What a 200 can be sent as, by media type. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly example: unknown }>>;

/** What one status can mean. */
export interface Refusal {
  /** Of its component. */
  readonly name: string;
  /** The likeliest first: mocks answer with it. */
  readonly codes: readonly ProblemCode[];
  readonly description: string;
  /** Header fields besides those of every problem. */
  readonly fields?: readonly FieldName[];
  /** Whether only Partoo, when it is asked, can be the reason. */
  readonly ofPartoo?: true;
  /** Members that the example of one code has besides. */
  readonly extension?: { readonly code: ProblemCode; readonly members: Readonly<Record<string, unknown>> };
}

const LIFETIME = ["Cache-Status", "Age"] as const;

/** Where a session is asked for. */
const NO_SESSION: Refusal = {
  name: "Unauthorized",
  codes: ["session-required", "session-invalid"],
  description: "There is no session, or it is not good any more: mint one with POST /session, and repeat this once.",
  fields: ["WWW-Authenticate"],
};
/** Those of a GET that a request for a session can end with as well. */
const OF_EVERY_REQUEST: ReadonlySet<string> = new Set(["414", "429", "431", "500"]);

/** By status: every problem that a GET of a frontend can end with, wherever sessions are not asked for. */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: {
    name: "BadRequest",
    codes: ["parameter-invalid", "parameter-unknown", "path-encoding", "request-malformed"],
    description: "A parameter is unknown or invalid: detail says which.",
  },
  403: {
    name: "Forbidden",
    codes: ["origin-not-allowed", "fetch-metadata-refused"],
    description: "The page's Origin is not listed, or no script sent it.",
  },
  404: {
    name: "NotFound",
    codes: ["not-found", "route-not-allowed", "frontend-unknown"],
    description: "There is none, or it may no longer be called.",
    fields: LIFETIME,
  },
  413: { name: "ContentTooLarge", codes: ["body-too-large"], description: "A GET has no content." },
  414: { name: "UriTooLong", codes: ["target-too-long"], description: "More than 8,192 bytes of path and query." },
  429: {
    name: "TooManyRequests",
    codes: ["rate-limited"],
    description: "Too many requests from one address. Wait as long as Retry-After says.",
    fields: ["Retry-After", "RateLimit", "RateLimit-Policy"],
  },
  431: { name: "HeadersTooLarge", codes: ["headers-too-large"], description: "Too many or too long header fields." },
  500: { name: "InternalError", codes: ["internal"], description: "A fault of this server." },
  502: {
    name: "BadGateway",
    codes: ["upstream-failed", "upstream-refused"],
    description: "Partoo refused or failed, and nothing usable is stored.",
    ofPartoo: true,
  },
  503: {
    name: "Unavailable",
    codes: ["quota-exhausted", "draining"],
    description: "Partoo can't be asked at present. Wait as long as Retry-After says.",
    fields: ["Retry-After"],
  },
  504: {
    name: "GatewayTimeout",
    codes: ["upstream-timeout"],
    description: "Partoo did not answer in time, and nothing usable is stored.",
    ofPartoo: true,
  },
};

const OF_ANSWERS: readonly FieldName[] = ["ETag", "Cache-Control", "Cache-Status", "X-Request-Id"];
/** The directory makes its answers when it is asked: they have no age. */
const OF_STORED: readonly FieldName[] = [...OF_ANSWERS, "Age"];
const OF_PROBLEMS: readonly FieldName[] = ["Cache-Control", "X-Request-Id"];

/** Responses of one GET of a frontend, by status. @param asksPartoo whether a call may be needed */
export function responsesOf(
  description: string,
  content: Content,
  { frontend, asksPartoo }: { readonly frontend: Frontend; readonly asksPartoo: boolean },
): Response {
  const own = Object.entries(REFUSALS).filter(([, { ofPartoo }]) => asksPartoo || ofPartoo !== true);
  const refusals = references([...own, ...(asksForSession(frontend, { asksPartoo }) ? [["401", NO_SESSION] as const] : [])]);
  return {
    200: {
      description,
      headers: headersOf(asksPartoo ? OF_STORED : OF_ANSWERS),
      content: Object.fromEntries(Object.entries(content).map(withExamples)),
    },
    304: { $ref: "#/components/responses/NotModified" },
    ...refusals,
  };
}

/** Refusals of a request for a session, by status. */
export function sessionResponses(frontend: Frontend): Readonly<Record<string, object>> {
  const shared = Object.entries(REFUSALS).filter(([status]) => OF_EVERY_REQUEST.has(status));
  return references([...shared, ...Object.entries(sessionRefusals(frontend))]);
}

function references(refusals: readonly (readonly [status: string, refusal: Refusal])[]): Readonly<Record<string, object>> {
  return Object.fromEntries(refusals.map(([status, { name }]) => [status, { $ref: `#/components/responses/${name}` }]));
}

/** In the plural: a single example would stand in the generated types, as a comment of a page or two. */
function withExamples([type, { schema, example }]: readonly [string, Content[string]]): readonly [string, object] {
  return [type, { schema, examples: { sample: { value: example } } }];
}

/** All that `responsesOf()` and `sessionResponses()` refer to. */
export function sharedAnswers(
  frontend: Frontend,
  book: SchemaBook,
): { readonly schemas: Response; readonly responses: Response; readonly headers: Response } {
  const hasSessions = frontend.session !== "none";
  const all = [
    ...Object.entries(REFUSALS),
    ...(hasSessions ? [["401", NO_SESSION] as const, ...Object.entries(sessionRefusals(frontend))] : []),
  ];
  const refusals = all.map(([status, refusal]) => [refusal.name, problemResponse(Number(status), refusal)] as const);
  const notModified = { description: "Nothing changed: what you have is the answer.", headers: headersOf(OF_ANSWERS) };
  return {
    schemas: { Problem: problemSchema([...new Set(all.flatMap(([, { codes }]) => codes))], sessionMembers(frontend, book)) },
    responses: { NotModified: notModified, ...Object.fromEntries(refusals) },
    headers: headerComponents(hasSessions),
  };
}

/** RFC 9457, with members of ours. */
function problemSchema(codes: readonly ProblemCode[], members: Members): JsonSchema {
  return objectOf(
    {
      type: { type: "string", format: "uri", description: "A tag for the code, not an address." },
      title: { type: "string", description: "The code in words." },
      status: { type: "integer" },
      detail: { type: "string", description: "What is wrong and what would help." },
      code: { type: "string", enum: codes },
      layer: { type: "string", enum: ["proxy", "upstream"], description: "Whose fault it is: upstream is Partoo." },
      request_id: { type: "string" },
      ...members,
    },
    ["type", "title", "status", "detail", "code", "layer", "request_id"],
  );
}

function problemResponse(status: number, { codes, description, fields = [], extension }: Refusal): Response {
  const own = objectOf({ status: { const: status }, code: { enum: codes } }, ["status", "code"]);
  const requestId = exampleOf("X-Request-Id");
  const examples = codes.map((code) => {
    const more = extension?.code === code ? { extension: extension.members } : {};
    return [code, { value: JSON.parse(problemBody(problem(code, more), requestId).toString()) as unknown }];
  });
  return {
    description,
    headers: headersOf([...OF_PROBLEMS, ...fields]),
    content: {
      "application/problem+json": {
        schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, own] },
        examples: Object.fromEntries(examples) as unknown,
      },
    },
  };
}
