/** Answers as Partoo would send them, made up, from which a description's examples are shaped: what a mock of it shows. */
import type { Route } from "../policy.ts";

type Json = Readonly<Record<string, unknown>>;

const DAY = ["09:00-19:30"];
const WEEK = { monday: DAY, tuesday: DAY, wednesday: DAY, thursday: DAY, friday: DAY, saturday: ["10:00-18:00"], sunday: [] };
const IDS = ["5f3c8f1de1b2a30001a1b201", "5f3c8f1de1b2a30001a1b202", "5f3c8f1de1b2a30001a1b203"] as const;
const PAGING = { page: 1, max_page: 1 };

/** Partoo's own answer for a route, with every member that the catalogue knows for stores and the usual ones for the rest. */
export function sampleOf(route: Route): Json {
  const sample = SAMPLES[route.template];
  return sample === undefined ? {} : sample(route);
}

/** Three stores of a town. */
function businesses({ selection }: Route): readonly Json[] {
  const customFields = selection.customFields.map((name, at) => ({ id: at + 1, name, type: "BOOLEAN", value: true, order: at + 1 }));
  return [
    { ...business(IDS[0], "Opera", 48.8708), long: 2.332, address_full: "12 rue des Exemples, 75002 Paris", zipcode: "75002" },
    { ...business(IDS[1], "Bastille", 48.8532), long: 2.3692, address_full: "3 place du Modèle, 75011 Paris", zipcode: "75011" },
    { ...business(IDS[2], "Auteuil", 48.8479), long: 2.2656, address_full: "80 avenue de l'Essai, 75016 Paris", zipcode: "75016" },
  ].map((store) => ({ ...store, custom_fields: customFields }));
}

function business(id: string, quarter: string, lat: number): Json {
  const page = `https://stores.acme.example/paris-${quarter.toLowerCase()}`;
  return {
    id,
    code: `FR-PAR-${id.slice(-3)}`,
    name: `Acme Paris ${quarter}`,
    status: "open",
    opening_date: "2019-03-11",
    created: 1552262400,
    modified: 1762502400,
    org_id: 1,
    groups: [7],
    reach: "LOCAL",
    address: "12 rue des Exemples",
    address2: null,
    city: "Paris",
    region: "Île-de-France",
    country: "FR",
    lat,
    default_lang: "fr",
    open_hours: WEEK,
    specific_hours: {
      open: [{ starts_at: "2026-12-24", ends_at: "2026-12-24", open_hours: ["09:00-17:00"] }],
      close: [{ starts_at: "2026-12-25", ends_at: "2026-12-25" }],
    },
    time_slot_reference: DAY,
    categories: ["gcid:supermarket", "gcid:grocery_store"],
    description_short: "Acme, around the corner.",
    description_long: "Fresh food, six days a week.",
    website_url: page,
    facebook_url: "https://social.example/acme",
    twitter_url: null,
    logo_url: "https://photos.acme.example/logo.png",
    photos: { LOGO: "https://photos.acme.example/logo.png", primary: `${page}/front.jpg`, secondary: [`${page}/inside.jpg`] },
    contacts: [{ phone_numbers: ["+33199000001"] }],
    features: ["diffusion", "review_management"],
    completion_rate: 92,
  };
}

const CATEGORY = { id: 12, gmb_id: "gcid:supermarket", name: "Supermarket", state: "OK" };

/** By template. */
const SAMPLES: Readonly<Record<string, (route: Route) => Json>> = {
  "/business/search": (route) => ({ ...PAGING, count: IDS.length, businesses: businesses(route) }),
  "/business/{business_id}": (route) => businesses(route)[0] ?? {},
  "/business/{business_id}/attributes": () => ({
    attributes: [{ type: "BOOL", gmb_id: "has_wheelchair_accessible_entrance", value: true }],
  }),
  "/business/{business_id}/more_hours": () => ({ more_hours: [{ gmb_id: "DELIVERY", value: WEEK }] }),
  "/business/{business_id}/place_action_links": () => ({
    place_action_links: [
      { gmb_id: "SHOP_ONLINE", urls: [{ id: 1, value: "https://shop.acme.example", is_preferred: true, is_editable: true }] },
    ],
  }),
  "/business/{business_id}/partner_urls": () => ({
    google_my_business: "https://maps.example/acme",
    facebook: "https://social.example/acme",
  }),
  "/categories": () => ({ ...PAGING, count: 1, categories: [CATEGORY] }),
  "/categories/{category_id}": () => CATEGORY,
  "/attributes/list": () => ({
    groups: [{ name: "Accessibility", order: 1, attributes: [{ type: "BOOL", gmb_id: "has_lift", name: "Lift", order: 1 }] }],
  }),
  "/posts": () => ({
    ...PAGING,
    count: 1,
    posts: [
      {
        id: 31,
        business_id: IDS[0],
        post_type: "news",
        summary: "Strawberries are back.",
        schedule_time: "2026-05-04T08:00:00+00:00",
        expiration_time: null,
        post_medias: [{ media_url: ["https://photos.acme.example/strawberries.jpg"] }],
        cta_type: "learn_more",
        cta_link: "https://stores.acme.example/news",
      },
    ],
  }),
  "/sections": () => ({
    ...PAGING,
    count: 1,
    sections: [{ id: 3, name: "Country", groups: [{ id: 7, name: "France", has_puller: false }] }],
  }),
  "/reviews": () => ({
    ...PAGING,
    count: 1,
    reviews: [
      {
        id: 9001,
        business_id: IDS[0],
        partner: "google_my_business",
        date: "2026-10-02T10:15:00+00:00",
        rating: 5,
        content: "Friendly, and everything is fresh.",
        state: "treated",
      },
    ],
  }),
  "/review_analytics/metrics": () => ({
    ...PAGING,
    count: IDS.length,
    data: IDS.map((dimension, at) => ({
      dimension,
      dimension_name: "Acme",
      metrics: { average_rating: 4.5 - at / 2, reviews_count: 128 - at },
    })),
  }),
};
