/** Categories of businesses, and the attributes that each category may have. Both change a few times a year. */
import type { Endpoint } from "./endpoint.ts";
import type { FieldTable } from "./fields.ts";
import { about, BOOLEAN, either, INTEGER, list, map, object, PAGING, TEXT } from "./fields.ts";
import { country, flag, googleCategory, oneOf, orderBy, PAGE, PER_PAGE, text } from "./parameters.ts";

const LANGUAGES = ["fr", "en", "es", "it", "pt-br", "de", "ar", "nl", "pl", "cs", "ca", "sk", "pt", "lv", "ro", "bg", "hu"];

/** In 2021 the attribute list spelt Brazilian Portuguese in the other way. */
const ATTRIBUTE_LANGUAGES = [...LANGUAGES, "pt-BR"];

const DAY = 86_400;

const CATEGORY_FIELDS: FieldTable = {
  id: INTEGER,
  gmb_id: about(TEXT, "gcid:…, what a business has in categories."),
  name: about(TEXT, "In the language asked for."),
  names: either([list(map(TEXT)), map(TEXT)], "All translations, when with_names asked for them."),
  state: about(TEXT, "OK or DEPRECATED."),
  block_push_long_description_on_gmb: BOOLEAN,
  live_id: about(TEXT, "The category that replaces a deprecated one."),
  countries: list(TEXT, "Where it can be used, when with_countries asked for them."),
};

const LANG = oneOf("Language of the names; the key user's own if absent.", LANGUAGES);
const WITH_NAMES = flag("Whether to send all translations.");
const WITH_COUNTRIES = flag("Whether to send the countries.");

/** `GET /categories` (partoo reference §8). */
export const CATEGORIES: Endpoint = {
  template: "/categories",
  summary: "Categories, page by page",
  path: {},
  query: {
    country: country("Only categories of this country."),
    lang: LANG,
    state: oneOf("Only categories in this state.", ["OK", "DEPRECATED"]),
    block_push_long_description_on_gmb: flag("Only categories whose long descriptions Google does not take, or only others."),
    search_query: text("Forgiving search in ids and names.", 100),
    order_by: orderBy(["gmb_id"]),
    live__isnull: flag("Only categories without a replacement, or only others."),
    page: PAGE,
    per_page: PER_PAGE,
    with_names: WITH_NAMES,
    with_countries: WITH_COUNTRIES,
  },
  items: { at: "member", member: "categories" },
  paging: PAGING,
  fields: CATEGORY_FIELDS,
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: DAY,
};

/** `GET /categories/{category_id}`. */
export const CATEGORY_BY_ID: Endpoint = {
  template: "/categories/{category_id}",
  summary: "One category",
  path: {
    category_id: {
      type: "string",
      description: "Partoo's number, or Google's gcid:….",
      pattern: "^([1-9][0-9]{0,9}|gcid:[A-Za-z0-9_-]{1,80})$",
      minLength: 1,
      maxLength: 85,
    },
  },
  query: {
    lang: LANG,
    return_live: flag("Whether to send the category that replaces a deprecated one."),
    with_names: WITH_NAMES,
    with_countries: WITH_COUNTRIES,
  },
  items: { at: "body" },
  paging: [],
  fields: CATEGORY_FIELDS,
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: DAY,
};

/** `GET /attributes/list`: groups of attributes with their labels. */
export const ATTRIBUTES_LIST: Endpoint = {
  template: "/attributes/list",
  summary: "Attributes that a category may have, with labels",
  path: {},
  query: {
    lang: oneOf("Language of the labels.", ATTRIBUTE_LANGUAGES),
    category_name: googleCategory("The category."),
    country: country("Only attributes known in this country."),
  },
  requiredQuery: ["lang", "category_name"],
  items: { at: "member", member: "groups" },
  paging: [],
  fields: {
    name: about(TEXT, "Label of the group."),
    order: INTEGER,
    attributes: list(
      object({
        type: about(TEXT, "BOOL, ENUM, REPEATABLE_ENUM, URL or REPEATABLE_URL."),
        gmb_id: TEXT,
        name: TEXT,
        order: INTEGER,
      }),
    ),
  },
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: DAY,
};
