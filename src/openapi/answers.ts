/** Answers as responses of a description: what a 200 holds, 304, every problem that a caller can meet, and their header fields. */
import type { ProblemCode } from "../problem.ts";
import type { JsonSchema } from "./schemas.ts";
import { problem, problemBody, PROBLEM_STATUS } from "../problem.ts";
import { objectOf } from "./schemas.ts";

type Response = Readonly<Record<string, unknown>>;

/** What a 200 can be sent as, by media type. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly example: unknown }>>;

interface Refusal {
  readonly name: string;
  readonly description: string;
  /** Header fields besides those of every problem. */
  readonly fields?: readonly FieldName[];
  /** Whether only Partoo, when it is asked, can be the reason. */
  readonly ofPartoo?: true;
}

const LIFETIME = ["Cache-Status", "Age"] as const;

/** By status. The codes of each are those of the contract. */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: { name: "BadRequest", description: "A parameter is unknown or invalid: detail says which." },
  403: { name: "Forbidden", description: "The page's Origin is not listed, or no script sent it." },
  404: { name: "NotFound", description: "There is none, or it may no longer be called.", fields: LIFETIME },
  413: { name: "ContentTooLarge", description: "A GET has no content." },
  414: { name: "UriTooLong", description: "More than 8,192 bytes of path and query." },
  429: {
    name: "TooManyRequests",
    description: "Too many requests from one address. Wait as long as Retry-After says.",
    fields: ["Retry-After", "RateLimit", "RateLimit-Policy"],
  },
  431: { name: "HeadersTooLarge", description: "Too many or too long header fields." },
  500: { name: "InternalError", description: "A fault of this server." },
  502: { name: "BadGateway", description: "Partoo refused or failed, and nothing usable is stored.", ofPartoo: true },
  503: { name: "Unavailable", description: "Partoo can't be asked at present. Wait as long as Retry-After says.", fields: ["Retry-After"] },
  504: { name: "GatewayTimeout", description: "Partoo did not answer in time, and nothing usable is stored.", ofPartoo: true },
};

const TEXT = { type: "string" };
const SECONDS = { type: "integer", minimum: 0 };

const FIELDS = {
  ETag: {
    description: "Names this very content. Send it as If-None-Match.",
    required: true,
    schema: TEXT,
    example: '"pZ0fJ2mB1yQ7dS5kX3cV8w"',
  },
  "Cache-Control": { description: "How long the answer may be kept.", required: true, schema: TEXT, example: "public, max-age=60" },
  "Cache-Status": { description: "Whether Partoo was asked (RFC 9211).", schema: TEXT, example: "partoo-bff; hit; ttl=540" },
  Age: { description: "Seconds since it was stored here.", schema: SECONDS, example: 60 },
  "X-Request-Id": {
    description: "Name it when you report a fault.",
    required: true,
    schema: TEXT,
    example: "6f1f9d3e-7c1b-4f0a-9f57-0d8f3b1c2a4e",
  },
  "Retry-After": { description: "Seconds to wait.", schema: SECONDS, example: 12 },
  RateLimit: { description: "What is left of the limit, and until when.", schema: TEXT, example: '"misses";r=0;t=12' },
  "RateLimit-Policy": { description: "The limit.", schema: TEXT, example: '"misses";q=30;w=60' },
} as const;

type FieldName = keyof typeof FIELDS;

const OF_ANSWERS: readonly FieldName[] = ["ETag", "Cache-Control", ...LIFETIME, "X-Request-Id"];
const OF_PROBLEMS: readonly FieldName[] = ["Cache-Control", "X-Request-Id"];

/** Responses of one GET, by status. @param asksPartoo whether a call may be needed */
export function responsesOf(description: string, content: Content, { asksPartoo }: { readonly asksPartoo: boolean }): Response {
  const refusals = Object.entries(REFUSALS)
    .filter(([, { ofPartoo }]) => asksPartoo || ofPartoo !== true)
    .map(([status, { name }]) => [status, { $ref: `#/components/responses/${name}` }]);
  return {
    200: { description, headers: headersOf(OF_ANSWERS), content },
    304: { $ref: "#/components/responses/NotModified" },
    ...Object.fromEntries(refusals),
  };
}

/** All that `responsesOf()` refers to. */
export function sharedAnswers(): { readonly schemas: Response; readonly responses: Response; readonly headers: Response } {
  const refusals = Object.entries(REFUSALS).map(([status, refusal]) => [refusal.name, problemResponse(Number(status), refusal)] as const);
  const notModified = { description: "Nothing changed: what you have is the answer.", headers: headersOf(OF_ANSWERS) };
  return {
    schemas: { Problem: PROBLEM },
    responses: { NotModified: notModified, ...Object.fromEntries(refusals) },
    headers: Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [componentName(name), field])),
  };
}

const ALL_CODES = Object.keys(REFUSALS).flatMap((status) => codesOf(Number(status)));

/** RFC 9457, with members of ours. */
const PROBLEM = objectOf(
  {
    type: { type: "string", format: "uri", description: "A tag for the code, not an address." },
    title: { type: "string", description: "The code in words." },
    status: { type: "integer" },
    detail: { type: "string", description: "What is wrong and what would help." },
    code: { type: "string", enum: ALL_CODES },
    layer: { type: "string", enum: ["proxy", "upstream"], description: "Whose fault it is: upstream is Partoo." },
    request_id: { type: "string" },
  },
  ["type", "title", "status", "detail", "code", "layer", "request_id"],
);

function problemResponse(status: number, { description, fields = [] }: Refusal): Response {
  const codes = codesOf(status);
  const own = objectOf({ status: { const: status }, code: { enum: codes } }, ["status", "code"]);
  const requestId = FIELDS["X-Request-Id"].example;
  const examples = codes.map((code) => [code, { value: JSON.parse(problemBody(problem(code), requestId).toString()) as unknown }]);
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

function codesOf(status: number): readonly ProblemCode[] {
  return (Object.keys(PROBLEM_STATUS) as ProblemCode[]).filter((code) => PROBLEM_STATUS[code] === status);
}

function headersOf(names: readonly FieldName[]): Response {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${componentName(name)}` }]));
}

function componentName(field: string): string {
  return field.replaceAll("-", "");
}
