/** What is read of one store beside its object: further hours, action links, addresses at publishers (partoo reference §6). */
import type { Business } from "./business.ts";
import { DAYS } from "./hours.ts";

/** /business/{id}/more_hours: sets of hours beside the main one. */
export function moreHoursOf(store: Business): unknown {
  if (store.open_hours === null) return { more_hours: [] };
  const week = (window: string) => Object.fromEntries(DAYS.map((day) => [day, store.open_hours?.[day].length === 0 ? [] : [window]]));
  const eats = store.categories.some((kind) => ["gcid:restaurant", "gcid:cafe"].includes(kind));
  const sets = eats
    ? [
        { gmb_id: "KITCHEN", value: week("12:00-14:00") },
        { gmb_id: "LUNCH", value: week("12:00-13:30") },
      ]
    : [{ gmb_id: "PICKUP", value: week("10:00-18:00") }];
  return { more_hours: sets };
}

/** /business/{id}/place_action_links: where to order or book. */
export function placeActionLinksOf(store: Business): unknown {
  const site = store.website_url;
  const eats = store.categories.includes("gcid:restaurant");
  const link = (gmb_id: string, path: string, at: number) => ({
    gmb_id,
    urls: [{ id: Number.parseInt(store.id.slice(8, 14), 16) * 10 + at, value: `${site}/${path}`, is_preferred: true, is_editable: true }],
  });
  return {
    place_action_links: eats
      ? [link("DINING_RESERVATION", "book", 1), link("FOOD_TAKEOUT", "takeout", 2)]
      : [link("SHOP_ONLINE", "shop", 1)],
  };
}

/** /business/{id}/partner_urls: the store's page at each publisher, by name. */
export function partnerUrlsOf(store: Business): unknown {
  const page = (publisher: string, known: boolean) =>
    known ? { [publisher]: `https://${publisher.replaceAll("_", "-")}.example/place/${store.id}` } : {};
  return {
    ...page("google_my_business", store.google_location_id !== null),
    ...page("facebook", store.facebook_page_id !== null),
    ...page("apple", true),
    ...page("here", true),
  };
}
