/** OpenAPI 3.1 of exactly what one frontend may call: what is not allowed is not in it, and neither is what is forced. */
import { hash } from "node:crypto";
import type { Frontend, Route } from "../policy.ts";
import { CATALOGUE } from "../partoo/catalogue.ts";
import { sessionResponses, sharedAnswers } from "./answers.ts";
import { SHARED_PARAMETERS } from "./parameters.ts";
import { routePath } from "./routes.ts";
import { createSchemaBook } from "./schemas.ts";
import { sessionPath, sessionSchemes } from "./session.ts";
import { storePaths } from "./stores.ts";

/** What holds for every call. */
const DESCRIPTION = [
  "Stores and what is known of them, read only.",
  "HEAD answers as GET does, without content.",
  "A list in the query is comma separated: `a,b`, never `x=a&x=b`.",
  "Parameters that are not listed here are refused.",
].join(" ");

export interface DescribeOptions {
  /** Where the frontend is served, for tools that need a whole address. Default: its path on the server that is asked. */
  readonly url?: string;
}

/** A description as it is served. */
export interface Description {
  /** UTF-8 JSON. */
  readonly body: Buffer;
  /** Changes with the body, for the entity tag. */
  readonly hash: string;
}

/** Pure: the same frontend has the same description. @returns a document that JSON can hold */
export function describeFrontend(frontend: Frontend, { url = `/${frontend.name}` }: DescribeOptions = {}): object {
  const book = createSchemaBook();
  const paths = {
    ...sessionPath(frontend, book, sessionResponses(frontend)),
    ...(frontend.stores ? storePaths(frontend, book) : {}),
    ...Object.fromEntries(inOrder(frontend.routes).map((route) => routePath(route, frontend, book))),
  };
  const shared = sharedAnswers(frontend, book);
  const { schemes, security } = securityOf(frontend);
  const content = {
    ...(security.length === 0 ? {} : { security }),
    paths,
    components: {
      schemas: { ...book.all(), ...shared.schemas },
      responses: shared.responses,
      parameters: SHARED_PARAMETERS,
      headers: shared.headers,
      ...(security.length === 0 ? {} : { securitySchemes: schemes }),
    },
  };
  const version = fingerprint(JSON.stringify(content)).slice(0, 8);
  return { openapi: "3.1.0", info: { title: frontend.name, version, description: DESCRIPTION }, servers: [{ url }], ...content };
}

const descriptions = new WeakMap<Frontend, Description>();

/** Made once for each frontend of a policy. */
export function descriptionOf(frontend: Frontend): Description {
  let description = descriptions.get(frontend);
  if (description === undefined) {
    const text = JSON.stringify(describeFrontend(frontend));
    description = { body: Buffer.from(text), hash: fingerprint(text) };
    descriptions.set(frontend, description);
  }
  return description;
}

/** That of the catalogue: names do not depend on how the configuration is laid out. */
function inOrder(routes: readonly Route[]): readonly Route[] {
  const templates = [...CATALOGUE.keys()];
  return routes.toSorted((one, other) => templates.indexOf(one.template) - templates.indexOf(other.template));
}

/** Servers send a token of their own; pages and apps a session where it is asked for, else nothing but what they are. */
function securityOf(frontend: Frontend): { readonly schemes: object; readonly security: readonly object[] } {
  const { servers, origins, apps, session } = frontend;
  const server = { type: "http", scheme: "bearer", description: "A server's own token. Pages and apps send none." };
  const schemes = { ...(servers.size === 0 ? {} : { server }), ...sessionSchemes(frontend) };
  const names = Object.keys(schemes);
  if (names.length === 0) return { schemes, security: [] };
  const isOptional = session !== "required" && (origins.size > 0 || apps);
  return { schemes, security: [...(isOptional ? [{}] : []), ...names.map((name) => ({ [name]: [] }))] };
}

function fingerprint(text: string): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}
