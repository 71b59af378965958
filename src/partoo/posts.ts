/** Posts: news, events and offers of businesses. */
import type { Endpoint } from "./endpoint.ts";
import { about, BOOLEAN, DATE_TIME, INTEGER, list, object, PAGING, TEXT, URI } from "./fields.ts";
import { businessIds, oneOf, PAGE, PER_PAGE, someOf, text, utcDateTime } from "./parameters.ts";

const STATES = ["live", "to_configure", "pending", "scheduled", "error", "expired", "to_validate"];
const TOPICS = ["standard", "event", "offer", "alert"];
const TEN_MINUTES = 600;

/** `GET /posts` (partoo reference §8). A public page forces `state__in=live`: drafts are answers, too. */
export const POSTS: Endpoint = {
  template: "/posts",
  summary: "Posts of businesses, page by page",
  path: {},
  query: {
    business__in: businessIds("Only posts of these businesses."),
    start_datetime: utcDateTime("Only posts that start after."),
    end_datetime: utcDateTime("Only posts that end before."),
    summary: text("Forgiving search in the text.", 100),
    state__in: someOf("Only these states; live is what the public may see.", STATES),
    topic_type: oneOf("Only this kind.", TOPICS),
    topic_type__in: someOf("Only these kinds.", TOPICS),
    page: PAGE,
    per_page: PER_PAGE,
  },
  items: { at: "member", member: "posts" },
  paging: PAGING,
  fields: {
    id: INTEGER,
    business_id: TEXT,
    post_type: about(TEXT, "news, event, offer or covid."),
    summary: about(TEXT, "The text."),
    schedule_time: about(DATE_TIME, "When it is published; absent for at once."),
    expiration_time: DATE_TIME,
    validation_time: DATE_TIME,
    post_medias: list(object({ media_url: list(URI) })),
    created_at: DATE_TIME,
    updated_at: DATE_TIME,
    created_on_partoo: BOOLEAN,
    updated_on_partoo: BOOLEAN,
    business_info: about(TEXT, "Name and address of the business in one line."),
    cta_type: about(TEXT, "book, order, shop, learn_more, sign_up, call or no_cta."),
    cta_link: TEXT,
    offer_code: TEXT,
    offer_terms: TEXT,
    post_status: list(object({ name: about(TEXT, "The channel."), state: TEXT, link: TEXT }), "One element for each channel."),
    post_insight: list(object({ name: TEXT, click_count: INTEGER, view_count: INTEGER }), "Clicks and views by channel."),
  },
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: TEN_MINUTES,
};
