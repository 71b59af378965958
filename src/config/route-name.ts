/** Reads a route as operators write it, `GET /business/search`, and explains what else they wrote. */
import type { Endpoint } from "../partoo/endpoint.ts";
import { CATALOGUE, findEndpoint } from "../partoo/catalogue.ts";
import { findRefused } from "../partoo/refused.ts";
import { nearest, quote } from "./suggest.ts";

/** Why a text names no route that can be allowed. */
export interface RouteFault {
  readonly code: "route-format" | "route-method" | "route-refused" | "route-unknown";
  readonly message: string;
  readonly hint?: string;
}

/** @returns the endpoint of the catalogue, or what is wrong with the text */
export function readRouteName(text: string): Endpoint | RouteFault {
  const [, method = "", template = ""] = /^(?:([A-Za-z]+) )?(\/\S*)$/.exec(text) ?? [];
  if (template === "") return formatFault(text);
  const endpoint = findEndpoint(template);
  if (method === "GET") return endpoint ?? unknownFault(template);
  if (method === "") return { code: "route-format", message: `${quote(text)} has no method`, hint: `write "GET ${template}"` };
  if (method.toUpperCase() === "GET")
    return { code: "route-format", message: "the method is written in capitals", hint: `write "GET ${template}"` };
  return methodFault(method, template);
}

/** Whether the text was a route. */
export function isEndpoint(read: Endpoint | RouteFault): read is Endpoint {
  return "template" in read;
}

/** All routes that can be allowed, as operators write them. */
export function knownRoutes(): readonly string[] {
  return [...CATALOGUE.keys()].map((template) => `GET ${template}`);
}

function formatFault(text: string): RouteFault {
  const likely = nearest(text, knownRoutes());
  const hint = likely === undefined ? 'write the method and a path template, as in "GET /business/search"' : `write ${quote(likely)}`;
  return { code: "route-format", message: `${quote(text)} is not a route`, hint };
}

function methodFault(method: string, template: string): RouteFault {
  if (method.toUpperCase() === "HEAD") {
    return { code: "route-method", message: "HEAD is no route of its own", hint: `write "GET ${template}"; it includes HEAD` };
  }
  const reason = findRefused(method, template)?.reason;
  const readable = findEndpoint(template) === undefined ? "" : ` (to read it: "GET ${template}")`;
  const hint =
    reason === undefined
      ? `writing to Partoo is a job for server-to-server code${readable}`
      : `${method.toUpperCase()} here ${reason}${readable}`;
  return { code: "route-method", message: "frontends read: only GET can be allowed", hint };
}

function unknownFault(template: string): RouteFault {
  const known = [...CATALOGUE.keys()];
  const plain = shapeOf(template);
  const same = known.find((candidate) => shapeOf(candidate) === plain);
  if (same !== undefined) {
    return { code: "route-unknown", message: `${quote(template)} is not written as in the catalogue`, hint: `write "GET ${same}"` };
  }
  const refused = findRefused("GET", template);
  if (refused !== undefined) {
    return { code: "route-refused", message: `${quote(template)} can't be allowed`, hint: refused.reason };
  }
  const likely = nearest(template, known);
  const hint = likely === undefined ? `known here: ${known.join(", ")}` : `did you mean "GET ${likely}"?`;
  return { code: "route-unknown", message: `${quote(template)} is no endpoint that the catalogue knows`, hint };
}

/** The template without what people add to it or name in their own way. */
function shapeOf(template: string): string {
  const path = template
    .replace(/^\/v2(?=\/)/, "")
    .replace(/\?.*$/s, "")
    .replace(/(?<=.)\/$/, "");
  return path.replaceAll(/\/(\{[^/]*\}|:[^/]+|<[^/]*>)/g, "/{}");
}
