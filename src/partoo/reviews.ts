/** Reviews, and the figures made of them. */
import type { Endpoint, FieldSchema, PermissionNeed } from "./endpoint.ts";
import type { FieldTable } from "./fields.ts";
import {
  about,
  BOOLEAN,
  DATE_TIME,
  either,
  INTEGER,
  list,
  map,
  NUMBER,
  object,
  PAGING,
  personal,
  SCALAR,
  sortable,
  TEXT,
  URI,
} from "./fields.ts";
import { businessIds, flag, numericIds, oneOf, orderBy, PAGE, PER_PAGE, someOf, texts, utcDateTime } from "./parameters.ts";

const HALF_HOUR = 1_800;
const HOUR = 3_600;
const PARTNERS = ["google_my_business", "facebook", "tripadvisor"];
const STATES = ["treated", "not_treated", "deleted", "pending_auto_reply", "treated_auto_reply"];
const METRICS = [
  "average_rating",
  "rating_distribution",
  "reviews_count",
  "reply_time",
  "reply_means",
  "average_rating_distribution",
  "rank",
];

/** Partoo knows `user`, too. It names members of staff and is no value of ours. */
const DIMENSIONS = ["day", "week", "month", "year", "business", "group", "tag"];

const REVIEW_READ: readonly PermissionNeed[] = [{ name: "review_read", basis: "inferred" }];

const COMMENT: FieldTable = {
  id: INTEGER,
  partner_id: TEXT,
  created: DATE_TIME,
  author_name: personal(TEXT, "the name of whoever replied"),
  content: about(TEXT, "The text of the reply."),
  date: DATE_TIME,
  update_date: DATE_TIME,
  can_edit: BOOLEAN,
  review_id: INTEGER,
  parent_id: INTEGER,
  user_id: personal(TEXT, "the member of staff who replied"),
  is_reply_suggestion: BOOLEAN,
};

/** Partoo's schema says object, and comments hold further ones; lists have been seen, so both are read (partoo reference §7). */
const COMMENTS: FieldSchema = oneOrMore(object({ ...COMMENT, replies: oneOrMore(object(COMMENT)) }));

function oneOrMore(comment: FieldSchema): FieldSchema {
  return either([comment, list(comment)], "One reply, or a list of them.");
}

const REVIEW: FieldTable = {
  key: TEXT,
  org_id: about(INTEGER, "The Partoo organization."),
  id: INTEGER,
  business_id: TEXT,
  partner: about(TEXT, "The site: google_my_business, facebook, tripadvisor."),
  partner_id: TEXT,
  author_name: personal(TEXT, "the name of whoever wrote the review"),
  date: DATE_TIME,
  update_date: DATE_TIME,
  delete_date: DATE_TIME,
  rating: about(INTEGER, "0 to 5; null where the site has none."),
  recommended: about(BOOLEAN, "Facebook's answer instead of stars."),
  title: TEXT,
  content: about(TEXT, "The text; null for a rating alone."),
  state: about(TEXT, "treated, not_treated, deleted, pending_auto_reply or treated_auto_reply."),
  link: about(URI, "The review on its site."),
  comments: COMMENTS,
  tags: list(object({ id: INTEGER, label: TEXT, color: TEXT })),
  media_links: list(URI, "Google's photos, when with_media_links asked for them."),
};

function stars(description: string): Endpoint["query"][string] {
  return {
    type: "array",
    description,
    items: { type: "integer", minimum: 1, maximum: 5 },
    maxItems: 5,
  };
}

/** `GET /reviews` (partoo reference §7). The names `tags`, `without_tags` and of the field `media_links` are inferred. */
export const REVIEWS: Endpoint = {
  template: "/reviews",
  summary: "Reviews of businesses, page by page",
  path: {},
  query: {
    business__in: businessIds("Only reviews of these businesses."),
    business__notin: businessIds("Only reviews of other businesses."),
    content__isnull: flag("Only reviews without text, or only others."),
    partner__in: someOf("Only these sites.", PARTNERS),
    gmb_rating__in: stars("Only Google reviews with so many stars."),
    tripadvisor_rating__in: stars("Only TripAdvisor reviews with so many points."),
    recommended__in: {
      type: "array",
      description: "Only Facebook reviews that recommend, or do not.",
      items: { type: "boolean" },
      maxItems: 2,
    },
    update_date__gte: utcDateTime("Only reviews changed since then, UTC."),
    update_date__lte: utcDateTime("Only reviews not changed since then, UTC."),
    state__in: someOf("Only these states; ask for all but deleted.", STATES),
    tags: texts("Only reviews with a tag that holds one of these words.", 30, 20),
    without_tags: flag("Only reviews without tags."),
    keywords: texts("Only reviews with one of these words; a space joins the words of a phrase.", 60, 20),
    order_by: orderBy(sortable(REVIEW)),
    with_media_links: flag("Whether to send the addresses of Google's photos."),
    page: PAGE,
    per_page: PER_PAGE,
  },
  items: { at: "member", member: "reviews" },
  paging: PAGING,
  fields: REVIEW,
  shorthands: {},
  customFields: false,
  permissions: REVIEW_READ,
  freshSeconds: HALF_HOUR,
};

const FIGURES = map(NUMBER, "How many of each.");

/** `GET /review_analytics/metrics`: average rating and numbers of reviews, one element for each value of the dimension. */
export const REVIEW_METRICS: Endpoint = {
  template: "/review_analytics/metrics",
  summary: "Average ratings and numbers of reviews",
  path: {},
  query: {
    metrics: someOf("Figures to send.", METRICS),
    dimensions: oneOf("One element for each of these; all in one if absent.", DIMENSIONS),
    order_by: orderBy(METRICS),
    business__in: businessIds("Only reviews of these businesses."),
    business__notin: businessIds("Only reviews of other businesses."),
    groups: numericIds("Only reviews of these groups."),
    tags: numericIds("Only reviews with these tags."),
    update_date__gte: utcDateTime("Only reviews changed since then, UTC."),
    update_date__lte: utcDateTime("Only reviews not changed since then, UTC."),
    page: PAGE,
    per_page: PER_PAGE,
  },
  requiredQuery: ["metrics"],
  items: { at: "member", member: "data" },
  paging: PAGING,
  fields: {
    dimension: about(SCALAR, "What the figures are of: a business id, a date, a group; null for all."),
    dimension_name: TEXT,
    dimension_info: object({ address_full: TEXT, city: TEXT, zipcode: TEXT, code: TEXT }, "Of a business."),
    metrics: object({
      average_rating: NUMBER,
      rating_distribution: FIGURES,
      reviews_count: INTEGER,
      reply_time: FIGURES,
      reply_means: FIGURES,
      average_rating_distribution: FIGURES,
      rank: either([SCALAR, map(SCALAR)], "Place among the others; its shape is not documented."),
    }),
  },
  shorthands: {},
  customFields: false,
  permissions: REVIEW_READ,
  freshSeconds: HOUR,
};
