/** What Partoo tells about one business only in a call of its own: attributes, more hours, links, listings. */
import type { Endpoint } from "./endpoint.ts";
import { about, BOOLEAN, either, INTEGER, list, object, SCALAR, TEXT, URI, WEEK } from "./fields.ts";
import { BUSINESS_PATH, country, googleCategory } from "./parameters.ts";

const HALF_HOUR = 1_800;
const HOUR = 3_600;
const DAY = 86_400;

/** `GET /business/{business_id}/attributes`. Its sister endpoint for hotels documents the permission; here it is a guess. */
export const BUSINESS_ATTRIBUTES: Endpoint = {
  template: "/business/{business_id}/attributes",
  summary: "Google attributes of a business",
  path: BUSINESS_PATH,
  query: {
    category_name: googleCategory("Only attributes of this category."),
    country: country("Only attributes known in this country."),
  },
  requiredQuery: ["country"],
  items: { at: "member", member: "attributes" },
  paging: [],
  fields: {
    type: about(TEXT, "BOOL, ENUM, REPEATABLE_ENUM, URL or REPEATABLE_URL."),
    gmb_id: about(TEXT, "Google's name of the attribute; labels come from /attributes/list."),
    value: either(
      [SCALAR, list(TEXT), object({ set_values: list(TEXT), unset_values: list(TEXT) })],
      "BOOL, ENUM and URL: one value. REPEATABLE_URL: a list. REPEATABLE_ENUM: what is set and what is not.",
    ),
  },
  shorthands: {},
  customFields: false,
  permissions: [{ name: "business_edit_attributes", basis: "inferred" }],
  freshSeconds: HOUR,
};

/** `GET /business/{business_id}/more_hours`. */
export const MORE_HOURS: Endpoint = {
  template: "/business/{business_id}/more_hours",
  summary: "Hours of a business beside its usual ones: kitchen, delivery, drive",
  path: BUSINESS_PATH,
  query: {
    category: googleCategory("Only hours this category can have; the main category if absent."),
    country: country("Only hours known in this country; the store's own if absent."),
  },
  items: { at: "member", member: "more_hours" },
  paging: [],
  fields: { gmb_id: about(TEXT, "What the hours are for: KITCHEN, LUNCH, DELIVERY."), value: WEEK },
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: HALF_HOUR,
};

/** `GET /business/{business_id}/place_action_links`. */
export const PLACE_ACTION_LINKS: Endpoint = {
  template: "/business/{business_id}/place_action_links",
  summary: "Links to book, order or buy",
  path: BUSINESS_PATH,
  query: {},
  items: { at: "member", member: "place_action_links" },
  paging: [],
  fields: {
    gmb_id: about(TEXT, "What the links are for: SHOP_ONLINE, FOOD_DELIVERY, APPOINTMENT."),
    urls: list(object({ id: INTEGER, value: URI, is_preferred: BOOLEAN, is_editable: BOOLEAN })),
  },
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: HALF_HOUR,
};

/** `GET /business/{business_id}/partner_urls`: an object with a member for each publisher. The publishers known of 2021. */
export const PARTNER_URLS: Endpoint = {
  template: "/business/{business_id}/partner_urls",
  summary: "Where the business is listed",
  path: BUSINESS_PATH,
  query: {},
  items: { at: "body" },
  paging: [],
  fields: {
    google_my_business: URI,
    facebook: URI,
    apple: URI,
    bing_fr: URI,
    here: URI,
    foursquare: URI,
    le118000: URI,
    les_horaires: URI,
    hoodspot: URI,
    justacote: URI,
    navmii: URI,
    wemap: URI,
  },
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: DAY,
};
