/** Writes the JSON Schemas by which editors complete and check the configuration: config/schema/*.json. */
import type { Endpoint, ParameterSchema } from "../partoo/endpoint.ts";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { CATALOGUE } from "../partoo/catalogue.ts";
import { personalMembers } from "../partoo/personal.ts";
import { FITTING_KEYWORDS, Narrowing } from "./narrowing.ts";
import { BffFile, FrontendFile, RouteFile, TestsFile } from "./schema.ts";

type Json = Record<string, unknown>;

/** Editors know draft 7 best. */
const OPTIONS = { io: "input", target: "draft-7" } as const;

/** The schemas as text, by file name. Routes, parameters and fields of the catalogue are spelt out, for completion. */
export function generateSchemas(): ReadonlyMap<string, string> {
  const bff = plain(BffFile);
  const key = membersOf(valuesOf(membersOf(bff)["keys"] as Json));
  const routes = Object.fromEntries([...CATALOGUE.values()].map((endpoint) => [`GET ${endpoint.template}`, routeSchema(endpoint)]));
  const { description } = key["allow"] as Json;
  key["allow"] = { type: "object", description, properties: routes, additionalProperties: false, minProperties: 1 };
  bff["definitions"] = definitions();
  const frontend = plain(FrontendFile);
  const only = membersOf(frontend)["only"] as Json;
  only["items"] = { enum: Object.keys(routes) };
  return new Map([
    ["bff.json", serialise(bff)],
    ["frontend.json", serialise(frontend)],
    ["tests.json", serialise(plain(TestsFile))],
  ]);
}

/** What routes share: the narrowing of each type of parameter, a forced value, lifetimes. */
function definitions(): Json {
  const route = membersOf(plain(RouteFile));
  const narrowing = membersOf(plain(Narrowing));
  const byType = Object.entries(FITTING_KEYWORDS).map(([type, keywords]) => {
    const properties = Object.fromEntries(keywords.map((keyword) => [keyword, narrowing[keyword]]));
    return [type, { type: "object", properties, additionalProperties: false }];
  });
  return { ...Object.fromEntries(byType), forced: valuesOf(route["force"] as Json), cache: route["cache"] };
}

/** One route with the endpoint's own parameters and fields in place of free names. */
function routeSchema(endpoint: Endpoint): Json {
  const { $schema: _dialect, ...schema } = plain(RouteFile);
  const members = membersOf(schema);
  members["query"] = named(members["query"] as Json, endpoint, ({ type }) => type);
  members["force"] = named(members["force"] as Json, endpoint, () => "forced");
  members["cache"] = { $ref: "#/definitions/cache" };
  const names = [...Object.keys(endpoint.fields), ...Object.keys(endpoint.shorthands)];
  members["fields"] = { ...(members["fields"] as Json), items: { enum: names }, uniqueItems: true };
  if (!endpoint.customFields) delete members["custom_fields"];
  if (!Object.entries(endpoint.fields).some(([name, field]) => personalMembers(name, field).length > 0)) delete members["expose_personal"];
  return { ...schema, description: `${endpoint.summary}.` };
}

/** A map of the endpoint's query parameters. In draft 7 a description beside $ref would not count, hence allOf. */
function named(schema: Json, endpoint: Endpoint, definitionOf: (parameter: ParameterSchema) => string): Json {
  const parameters = Object.entries(endpoint.query).map(([name, parameter]) => {
    return [name, { description: parameter.description, allOf: [{ $ref: `#/definitions/${definitionOf(parameter)}` }] }];
  });
  return { type: "object", description: schema["description"], properties: Object.fromEntries(parameters), additionalProperties: false };
}

function plain(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, OPTIONS);
}

function membersOf(schema: Json): Json {
  return schema["properties"] as Json;
}

function valuesOf(schema: Json): Json {
  return schema["additionalProperties"] as Json;
}

function serialise(schema: Json): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = new URL("../../config/schema/", import.meta.url);
  for (const [name, text] of generateSchemas()) writeFileSync(new URL(name, folder), text);
}
