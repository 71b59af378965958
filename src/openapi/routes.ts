/** One route of Partoo as an operation: what may be sent, and what comes back. */
import type { Frontend, Route } from "../policy.ts";
import type { Content } from "./answers.ts";
import type { JsonSchema, SchemaBook } from "./schemas.ts";
import { responsesOf } from "./answers.ts";
import { itemProperties } from "./fields.ts";
import { itemNamesOf, operationIdOf } from "./names.ts";
import { IF_NONE_MATCH, routeParameters } from "./parameters.ts";
import { sampleOf } from "./samples.ts";
import { objectOf } from "./schemas.ts";

const INTEGER = { type: "integer" };

/** Of members beside the items. */
const PAGING: Readonly<Record<string, JsonSchema>> = {
  page: { ...INTEGER, description: "This page, from 1." },
  max_page: { ...INTEGER, description: "The last page." },
  count: { ...INTEGER, description: "How many there are on all pages." },
};

/** @returns path and operations. HEAD is as GET and not written down: OpenAPI tools would make functions of it. */
export function routePath(route: Route, frontend: Frontend, book: SchemaBook): readonly [path: string, operations: object] {
  const { endpoint, template } = route;
  const content: Content = { "application/json": { schema: answerSchema(route, book), example: route.shape(sampleOf(route)) } };
  return [
    `/v2${template}`,
    {
      get: {
        operationId: operationIdOf(template),
        summary: endpoint.summary,
        description: `As GET ${template} in Partoo's documentation.`,
        parameters: [...routeParameters(route), IF_NONE_MATCH],
        responses: responsesOf(`${endpoint.summary}.`, content, { frontend, asksPartoo: true }),
      },
    },
  ];
}

function answerSchema(route: Route, book: SchemaBook): JsonSchema {
  const { items, paging } = route.endpoint;
  const names = itemNamesOf(route.template);
  const item = book.name(objectOf(itemProperties(route, book)), ...names);
  if (items.at === "body") return item;
  const beside = Object.fromEntries(paging.map((name) => [name, PAGING[name] ?? INTEGER]));
  const list = objectOf({ ...beside, [items.member]: { type: "array", items: item } }, [...paging, items.member]);
  return book.name(list, `${names[0]}List`);
}
