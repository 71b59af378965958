/** Header fields of answers, each described once. */

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

/** Where there are sessions. */
const SESSION_FIELDS = {
  "WWW-Authenticate": { description: "That a session is asked for (RFC 6750).", schema: TEXT, example: 'Bearer realm="store-locator"' },
  "Set-Cookie": { description: "The session, where use is cookie: scripts can't read it, browsers send it back.", schema: TEXT },
} as const;

/** Field names of answers that a caller may read. */
export type FieldName = keyof typeof FIELDS | keyof typeof SESSION_FIELDS;

/** References, by field name. */
export function headersOf(names: readonly FieldName[]): Readonly<Record<string, object>> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${componentName(name)}` }]));
}

/** What `headersOf()` refers to. */
export function headerComponents(hasSessions: boolean): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries({ ...FIELDS, ...(hasSessions ? SESSION_FIELDS : {}) }).map(([name, field]) => [componentName(name), field]),
  );
}

export function exampleOf(name: keyof typeof FIELDS): string {
  return String(FIELDS[name].example);
}

function componentName(field: string): string {
  return field.replaceAll("-", "");
}
