/** What the directory may be asked, as parameters of a description. */
import type { DirectoryRoutes } from "../directory/store-record.ts";
import type { Parameter } from "./parameters.ts";
import type { JsonSchema } from "./schemas.ts";
import { FURTHEST_METRES } from "../directory/position.ts";
import {
  CATEGORY,
  createStoresRequestReader,
  DEFAULT_LIMIT,
  LAST_STORE,
  MAX_CATEGORIES,
  MAX_LIMIT,
  MAX_TEXT,
  MAX_VALUE,
} from "../directory/stores-request.ts";
import { COMMA_SEPARATED } from "./parameters.ts";

/** Degrees within their range, as the directory reads them: plain digits, spaces around. */
const LATITUDE = "\\s*[+-]?0?(?:90(?:\\.0{1,20})?|[0-8]?[0-9](?:\\.[0-9]{1,20})?)\\s*";
const LONGITUDE = "\\s*[+-]?(?:180(?:\\.0{1,20})?|(?:1[0-7][0-9]|0?[0-9]{1,2})(?:\\.[0-9]{1,20})?)\\s*";
/** Something to read, and no control character. */
const WORDS = "^(?=[\\s\\S]*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]+$";

interface Described {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

const PARAMETERS: Readonly<Record<string, Described>> = {
  near: {
    description: "Nearest first: latitude,longitude in degrees. Three decimals are looked at.",
    schema: { type: "string", pattern: `^${LATITUDE},${LONGITUDE}$` },
    example: "48.86,2.35",
  },
  radius: {
    description: "At most so many metres from near. If nothing is there it is widened, and widened_to_m says so.",
    schema: { type: "integer", minimum: 1, maximum: FURTHEST_METRES },
  },
  bounds: {
    description: "Only inside west,south,east,north in degrees. South lies below north; west may lie east of east, across 180°.",
    schema: { type: "string", pattern: `^${[LONGITUDE, LATITUDE, LONGITUDE, LATITUDE].join(",")}$` },
    example: "2.2,48.8,2.5,48.9",
  },
  q: {
    description: "Forgiving search in name, town and postcode.",
    schema: { type: "string", minLength: 1, maxLength: MAX_TEXT, pattern: WORDS },
  },
  open_now: { description: "Only stores that are open.", schema: { type: "boolean", default: false } },
  category: {
    description: "Only stores with one of these Google categories.",
    schema: { type: "array", minItems: 1, maxItems: MAX_CATEGORIES, items: { type: "string", pattern: CATEGORY.source } },
  },
  limit: {
    description: "Stores of a page.",
    schema: { type: "integer", minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
  },
  page: {
    description: `Page, from 1. Pages end after ${LAST_STORE} stores: narrow the list, or read /stores/all.`,
    schema: { type: "integer", minimum: 1, maximum: LAST_STORE, default: 1 },
  },
};

/** Those of a list, as the key's fields allow them. */
export function storesParameters(routes: DirectoryRoutes): readonly Parameter[] {
  return [...createStoresRequestReader(routes).parameters].map((name) => {
    const described = PARAMETERS[name] ?? customParameter(name);
    return { name, in: "query", ...(described.schema["type"] === "array" ? COMMA_SEPARATED : {}), ...described };
  });
}

function customParameter(name: string): Described {
  const field = name.slice(name.indexOf(".") + 1);
  return {
    description: `Only stores whose custom field ${field} has this value: true, false, a number or a text.`,
    schema: { type: "string", minLength: 1, maxLength: MAX_VALUE, pattern: WORDS },
  };
}
