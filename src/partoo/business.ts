/** The two endpoints every store locator needs: search, and one business. */
import type { Endpoint, ParameterSchema } from "./endpoint.ts";
import { BUSINESS_FIELDS, BUSINESS_SHORTHANDS } from "./business-fields.ts";
import { PAGING, sortable } from "./fields.ts";
import {
  BUSINESS_PATH,
  businessIds,
  capitalFlag,
  country,
  numericIds,
  orderBy,
  PAGE,
  PER_PAGE,
  someOf,
  text,
  texts,
} from "./parameters.ts";

/** Partoo's pages spell temporary closure in two ways; both are taken (partoo reference §6). */
const STATUSES = ["open", "closed", "opening_soon", "temporarily_closed", "closed_temporarily"];

const FEATURES = ["diffusion", "feedback_management", "messages", "posts", "review_invite", "review_management"];

/** Ten digits of Unix seconds last until the year 2286. */
const MODIFIED_SINCE: ParameterSchema = {
  type: "integer",
  description: "Only businesses changed since then, in Unix seconds.",
  minimum: 0,
  maximum: 9_999_999_999,
};

const TEN_MINUTES = 600;

/** `GET /business/search` (partoo reference §6). Not here: `org_id`, and what 2021 knew as `group_id`, `clean_name`, `has_promo`. */
export const BUSINESS_SEARCH: Endpoint = {
  template: "/business/search",
  summary: "Search businesses, page by page",
  path: {},
  query: {
    query: text("Forgiving search in town, postcode and name.", 100),
    business__in: businessIds("Only these ids."),
    code__in: texts("Only these store codes.", 64, 100),
    code: text("Only this store code.", 64),
    groups: numericIds("Only these groups: any of one section, all of several."),
    country: country("Only this country."),
    name: text("Only this name.", 200),
    zipcode: text("Only this postcode.", 16),
    city: text("Only this town.", 100),
    status: someOf("Only these states. Name them: Partoo may leave out all but open otherwise.", STATUSES),
    modified__gte: MODIFIED_SINCE,
    features__in: someOf("Only businesses with all of these Partoo features.", FEATURES),
    features__notin: someOf("Only businesses without all of these Partoo features.", FEATURES),
    subscribed_to_rm: capitalFlag("Older form of features__in=review_management."),
    subscribed_to_pm: capitalFlag("Older form of features__in=diffusion."),
    subscribed_to_rb: capitalFlag("Older form of features__in=review_invite."),
    connected_to_gmb_location: capitalFlag("Whether a Google location is linked."),
    connected_to_facebook_location: capitalFlag("Whether a Facebook page is linked."),
    order_by: orderBy(sortable(BUSINESS_FIELDS)),
    page: PAGE,
    per_page: PER_PAGE,
  },
  items: { at: "member", member: "businesses" },
  paging: PAGING,
  fields: BUSINESS_FIELDS,
  shorthands: BUSINESS_SHORTHANDS,
  customFields: true,
  permissions: [],
  freshSeconds: TEN_MINUTES,
};

/** `GET /business/{business_id}`: the same object as an item of the search. */
export const BUSINESS_BY_ID: Endpoint = {
  template: "/business/{business_id}",
  summary: "One business, by id or store code",
  path: BUSINESS_PATH,
  query: {},
  items: { at: "body" },
  paging: [],
  fields: BUSINESS_FIELDS,
  shorthands: BUSINESS_SHORTHANDS,
  customFields: true,
  permissions: [],
  freshSeconds: TEN_MINUTES,
};
