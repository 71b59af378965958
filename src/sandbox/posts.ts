/** Made-up posts of the first stores, and the filters of /posts (partoo reference §8). */
import type { Business } from "./business.ts";
import { choices, instant, list, text } from "./query.ts";
import { createRandom } from "./random.ts";

const POST_STATES = ["live", "to_configure", "pending", "scheduled", "error", "expired", "to_validate"] as const;
/** Filter values, and the `post_type` of objects they stand for. */
const TOPICS = { standard: "news", event: "event", offer: "offer", alert: "covid" } as const;
const POSTED_STORES = 60;
const FIRST = Date.UTC(2026, 0, 5, 8);
const DAY_MS = 86_400_000;

const SUMMARIES = {
  FR: ["Foire aux vins jusqu’à samedi.", "Nouveaux horaires d’été dès lundi.", "Dégustation de fromages vendredi à 17 h."],
  ES: ["Semana del queso hasta el sábado.", "Nuevo horario de verano desde el lunes.", "Cata gratuita el viernes a las 17 h."],
  IT: ["Settimana del formaggio fino a sabato.", "Nuovo orario estivo da lunedì.", "Degustazione gratuita venerdì alle 17."],
} as const;

/** One post; times are ISO 8601 with offset. */
export interface Post {
  readonly id: number;
  readonly business_id: string;
  readonly post_type: (typeof TOPICS)[keyof typeof TOPICS];
  readonly summary: string;
  readonly schedule_time: string;
  readonly expiration_time: string;
  readonly post_status: readonly { readonly name: string; readonly state: (typeof POST_STATES)[number]; readonly link: string | null }[];
  readonly [member: string]: unknown;
}

/** One or two posts for each of the first stores. */
export function createPosts(stores: readonly Business[], seed: number): readonly Post[] {
  const random = createRandom(seed + 2);
  let id = 30_000;
  return stores.slice(0, POSTED_STORES).flatMap((store) =>
    Array.from({ length: 1 + random.integer(2) }, (): Post => {
      id += 1;
      const at = FIRST + random.integer(300) * DAY_MS;
      const state = id % 3 === 0 ? random.pick(POST_STATES) : "live";
      const type = random.pick(Object.values(TOPICS));
      return {
        id,
        business_id: store.id,
        post_type: type,
        summary: random.pick(SUMMARIES[store.country]),
        schedule_time: iso(at),
        expiration_time: iso(at + 14 * DAY_MS),
        validation_time: state === "to_validate" ? null : iso(at - DAY_MS),
        post_medias: [{ media_url: [`https://photos.example/posts/${id}.jpg`] }],
        created_at: iso(at - 2 * DAY_MS),
        updated_at: iso(at - DAY_MS),
        cta_type: random.pick(["learn_more", "shop", "no_cta"]),
        cta_link: store.website_url,
        offer_code: type === "offer" ? `MERCI${id % 100}` : null,
        offer_terms: type === "offer" ? "https://www.acme.example/terms" : null,
        post_status: [{ name: "google_my_business", state, link: state === "live" ? `https://posts.example/${id}` : null }],
        post_insight: [],
        business_info: { id: store.id, name: store.name, city: store.city },
      };
    }),
  );
}

/** The posts that a query finds. @throws Refusal 400 */
export function searchPosts(posts: readonly Post[], query: URLSearchParams): readonly Post[] {
  const ids = list(query, "business__in");
  const states = choices(query, "state__in", POST_STATES);
  const topics = choices(query, "topic_type__in", Object.keys(TOPICS)) ?? choices(query, "topic_type", Object.keys(TOPICS));
  const types = topics && new Set([...topics].map((topic) => TOPICS[topic as keyof typeof TOPICS]));
  const from = instant(query, "start_datetime") ?? -Infinity;
  const until = instant(query, "end_datetime") ?? Infinity;
  const words = text(query, "summary")?.toLowerCase();
  return posts.filter((post) => {
    const at = Date.parse(post.schedule_time);
    if (ids?.has(post.business_id) === false || types?.has(post.post_type) === false) return false;
    if (states !== undefined && !post.post_status.some(({ state }) => states.has(state))) return false;
    return at >= from && at <= until && (words === undefined || post.summary.toLowerCase().includes(words));
  });
}

function iso(at: number): string {
  return new Date(at).toISOString().replace("Z", "+00:00");
}
