/** Partoo's other endpoints, each with the reason why it can't be allowed. Data only. */
import type { RefusedEndpoint } from "./endpoint.ts";

const WRITE = "changes data; frontends only read, and writing to Partoo is a job for server-to-server code";
const API_KEYS = "shows or changes API keys; nobody outside may ever see them";
const LOGIN = "logs people in to Partoo";
const STAFF = "personal data of staff";
const RIGHTS = "roles and permissions of staff; a matter for the back office";
const ORGANIZATION = "the organization's account and contract; a matter for the back office";
const BACK_OFFICE = "how stores are managed, nothing for a public page; a matter for the back office";
const MESSAGES = "sends or shows private messages between customers and stores";
const INVITATIONS = "customers' telephone numbers, and SMS that cost money";
const FEEDBACK = "customers' answers to surveys, which are private";
const WEBHOOKS = "where Partoo sends its events; a matter for the operator";
const AI = "generates text with AI and uses up a suggestion, although it is a GET";
const MAIL = "sends an e-mail, although it is a GET; deprecated, use /presence_analytics/metrics from server-to-server code";
const GOOGLE = "the organization's Google accounts; a matter for the back office";
const ANALYTICS = "figures of the organization's visibility; a matter for the back office";
const EXTRA = "free data without a known form; what it holds can't be listed field by field";
const GROUP = "one call for each; /sections tells groups, and groups of /business/search their businesses";
const DRAFTS = "may show drafts; use /posts and force its state__in to live";
const HOTELS = "not in the catalogue so far: only hotels have these attributes";

function deprecated(replacement: string): string {
  return `deprecated; use ${replacement}`;
}

/** Reason, then `METHOD /template` of all that it is true of. */
const BY_REASON: readonly (readonly [reason: string, endpoints: readonly string[]])[] = [
  [
    WRITE,
    [
      "POST /business",
      "POST /business/{business_id}",
      "DELETE /business/{business_id}",
      "POST /business/{business_id}/additional_data",
      "POST /business/{business_id}/attributes",
      "POST /business/{business_id}/lodging",
      "POST /business/{business_id}/more_hours",
      "POST /business/{business_id}/place_action_links",
      "POST /business/{business_id}/free_form_services",
      "PUT /reviews/{review_id}",
      "POST /comments",
      "PUT /comments/{comment_id}",
      "DELETE /comments/{comment_id}",
      "POST /reviews/template",
      "DELETE /reviews/template/{template_id}",
      "POST /posts",
      "PUT /posts/{post_id}",
      "DELETE /posts/{post_id}",
      "POST /custom_fields",
      "PUT /custom_fields/{custom_field_id}",
      "DELETE /custom_fields/{custom_field_id}",
      "POST /custom_fields/order",
      "POST /custom_fields/section",
      "POST /sections",
      "POST /sections/{section_id}/groups",
      "POST /sections/{section_id}/groups/{group_id}",
      "POST /publisher_errors/{business_id}",
      "PUT /feedback/feedback_form/{feedback_form_id}",
    ],
  ],
  [
    API_KEYS,
    ["GET /api_keys", "POST /api_keys", "GET /api_keys/{api_key_id}", "PUT /api_keys/{api_key_id}", "POST /api_keys/revoke/{api_key_id}"],
  ],
  [`${API_KEYS}; deprecated, /api_keys replaced it`, ["POST /authorize", "GET /authorize/list", "POST /authorize/revoke"]],
  [LOGIN, ["POST /connection/generate_token", "POST /connection/revoke_token", "GET /connection/check_token"]],
  [
    STAFF,
    [
      "GET /user/me",
      "GET /user/search",
      "GET /user/search/count",
      "POST /user",
      "GET /user/{user_id}",
      "POST /user/{user_id}",
      "DELETE /user/{user_id}",
      "POST /user/{user_id}/invite",
      "GET /user/{user_id}/businesses",
    ],
  ],
  [RIGHTS, ["GET /custom_role", "POST /custom_role", "GET /custom_role/{api_id}", "PUT /custom_role/{api_id}", "GET /permissions"]],
  [
    ORGANIZATION,
    [
      "GET /org/search",
      "GET /org/{org_id}",
      "POST /org",
      "POST /org/{org_id}",
      "DELETE /org/{org_id}",
      "GET /org/{org_id}/plans",
      "POST /org/{org_id}/plans",
      "GET /business/{business_id}/plans",
      "POST /business/{business_id}/plans",
      "GET /business/{business_id}/subscription",
    ],
  ],
  [
    "superseded by /business/{business_id}/plans, and it changes the contract",
    ["POST /business/{business_id}/subscribe", "POST /business/{business_id}/unsubscribe"],
  ],
  [
    BACK_OFFICE,
    [
      "GET /business/search/stats",
      "GET /business/connections_stats",
      "GET /business/{business_id}/integration_status",
      "GET /reviews/templates/search",
      "GET /reviews/templates/placeholders",
      "GET /categories/{category_id}/suggestions",
      "GET /custom_fields/section",
      "GET /publisher_states",
      "GET /address/street_type",
      "GET /address/number_supplement",
    ],
  ],
  [EXTRA, ["GET /business/{business_id}/additional_data"]],
  [HOTELS, ["GET /business/{business_id}/lodging"]],
  [DRAFTS, ["GET /posts/{post_id}"]],
  [GROUP, ["GET /sections/{section_id}", "GET /sections/{section_id}/groups/{group_id}"]],
  [ANALYTICS, ["GET /presence_analytics/metrics", "GET /presence_analytics/keywords"]],
  [
    GOOGLE,
    [
      "GET /google-oauth-accounts/locations/search",
      "GET /google-oauth-accounts/locations/{google_location_id}",
      "GET /verifications/google-locations/{google_location_id}/options",
      "POST /verifications/google-locations/{google_location_id}/start",
      "POST /verifications/google-locations/{google_location_id}/complete",
    ],
  ],
  [INVITATIONS, ["POST /review_booster/send_invitation", "GET /review_booster/invitation_status", "GET /review_booster/search-invitation"]],
  [
    MESSAGES,
    [
      "GET /conversations",
      "GET /conversations/{conversation_id}",
      "GET /messages",
      "POST /messages",
      "POST /messages/{message_id}/retry",
      "POST /custom-channels/{channel_id}/messages",
      "GET /widgets/{token}/params",
      "POST /widget_messages/{token}",
    ],
  ],
  [FEEDBACK, ["GET /feedback/feedback_form", "GET /feedback/feedback_result", "POST /feedback/feedback_result/{feedback_result_id}/reply"]],
  [
    WEBHOOKS,
    [
      "GET /webhooks",
      "POST /webhooks",
      "GET /webhooks/{webhook_id}",
      "PUT /webhooks/{webhook_id}",
      "DELETE /webhooks/{webhook_id}",
      "GET /webhooks/events",
    ],
  ],
  [AI, ["GET /reviews/fetch-suggestion/{review_id}/{index}"]],
  [MAIL, ["GET /presence_analytics_export"]],
  [
    deprecated("/review_analytics/metrics"),
    ["GET /reviews/stats", "GET /reviews/quantitative-evolution", "GET /reviews/qualitative-evolution"],
  ],
  [deprecated("/categories"), ["GET /category/search"]],
  [deprecated("/categories/{category_id}"), ["GET /category/{category_id}"]],
  [
    deprecated("/posts"),
    [
      "GET /google_posts",
      "POST /google_posts",
      "GET /google_posts/{google_post_id}",
      "PUT /google_posts/{google_post_id}",
      "DELETE /google_posts/{google_post_id}",
    ],
  ],
  [
    deprecated("/sections"),
    [
      "GET /groups",
      "POST /groups",
      "GET /groups/{group_id}",
      "PUT /groups/{group_id}",
      "DELETE /groups/{group_id}",
      "GET /groups/{group_id}/businesses",
      "PUT /groups/{group_id}/businesses",
    ],
  ],
  [
    `${deprecated("/publisher_states")} from server-to-server code`,
    ["GET /publisher_states/business_info", "GET /publisher_states/businesses_info"],
  ],
  [`${deprecated("/presence_analytics/metrics")} from server-to-server code`, ["GET /presence_analytics"]],
  [
    "deprecated; roles and permissions replaced it",
    ["GET /business/{business_id}/business_fields", "GET /org/{org_id}/business_fields", "GET /provider/{label}/business_fields"],
  ],
];

/** Every endpoint of Partoo that we know of and that no configuration can allow. */
export const REFUSED: readonly RefusedEndpoint[] = BY_REASON.flatMap(([reason, endpoints]) =>
  endpoints.map((endpoint) => {
    const [method = "", template = ""] = endpoint.split(" ");
    return { method, template, reason };
  }),
);
