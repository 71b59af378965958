/** Made-up reviews: about five for each of the first hundred stores, with authors, replies in both shapes, every state. */
import type { Business } from "./business.ts";
import type { Country } from "./cities.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";
import { personOf } from "./store-parts.ts";

export const REVIEW_STATES = ["treated", "not_treated", "deleted", "pending_auto_reply", "treated_auto_reply"] as const;
export const PARTNERS = ["google_my_business", "facebook", "tripadvisor"] as const;

/** A reply. Partoo's schema says one object with `replies`; a list has been seen too (partoo reference §7). */
export interface Comment {
  readonly id: number;
  readonly author_name: string;
  readonly content: string;
  readonly date: string;
  readonly can_edit: boolean;
  readonly review_id: number;
  readonly replies?: readonly Comment[];
}

/** One review; dates are ISO 8601 with offset. Facebook has `recommended` and no `rating`. */
export interface Review {
  readonly key: string;
  readonly org_id: number;
  readonly id: number;
  readonly business_id: string;
  readonly partner: (typeof PARTNERS)[number];
  readonly partner_id: string;
  readonly author_name: string;
  readonly date: string;
  readonly update_date: string;
  readonly delete_date: string | null;
  readonly rating: number | null;
  readonly recommended: boolean | null;
  readonly title: string | null;
  readonly content: string | null;
  readonly state: (typeof REVIEW_STATES)[number];
  readonly link: string;
  readonly comments: Comment | readonly Comment[] | null;
  readonly tags: readonly { readonly id: number; readonly label: string; readonly color: string }[];
  readonly media_links: readonly string[];
}

const REVIEWED_STORES = 100;
const FIRST = Date.UTC(2025, 0, 2);
const SPAN_MS = Date.UTC(2026, 5, 28) - FIRST;
const DAY_MS = 86_400_000;
const TAGS = [
  { id: 1, label: "Service", color: "#1f7a8c" },
  { id: 2, label: "Waiting time", color: "#c8553d" },
  { id: 3, label: "Parking", color: "#588b8b" },
] as const;

const TEXTS: Readonly<Record<Country, { readonly good: readonly string[]; readonly bad: readonly string[]; readonly reply: string }>> = {
  FR: {
    good: [
      "Équipe très à l’écoute, je reviendrai avec plaisir.",
      "Magasin propre, bien rangé, et le café est bon.",
      "Retrait rapide, merci !",
    ],
    bad: ["Trop d’attente à la caisse le samedi.", "Horaires affichés inexacts, j’ai trouvé porte close."],
    reply: "Merci pour votre message, à bientôt dans notre magasin.",
  },
  ES: {
    good: ["Personal amable y producto muy fresco.", "Tienda cómoda, con todo a mano.", "La recogida fue rapidísima, ¡gracias!"],
    bad: ["Mucha cola los sábados por la mañana.", "El horario no coincidía y estaba cerrado."],
    reply: "Gracias por tu comentario, te esperamos pronto.",
  },
  IT: {
    good: [
      "Personale gentile e prodotti freschissimi.",
      "Negozio ordinato, si trova tutto subito.",
      "Ritiro veloce, perché non farlo sempre così?",
    ],
    bad: ["Troppa coda alla cassa il sabato.", "Gli orari indicati erano sbagliati: chiuso."],
    reply: "Grazie del messaggio, a presto in negozio.",
  },
};

/** The reviews of these stores, newest update first. The same stores and seed give the same reviews. */
export function createReviews(stores: readonly Business[], seed: number): readonly Review[] {
  const random = createRandom(seed + 1);
  let id = 700_000;
  const made = stores
    .slice(0, REVIEWED_STORES)
    .flatMap((store) => Array.from({ length: 3 + random.integer(5) }, () => createReview(random, store, (id += 1))));
  return made.toSorted((one, other) => Date.parse(other.update_date) - Date.parse(one.update_date));
}

function createReview(random: Random, store: Business, id: number): Review {
  const partner = random.chance(0.7) ? "google_my_business" : random.pick(PARTNERS);
  const rating = random.pick([5, 5, 5, 4, 4, 3, 2, 1]);
  const state = id % 5 === 0 ? random.pick(REVIEW_STATES) : random.pick(["treated", "not_treated"] as const);
  const written = FIRST + Math.floor(random.next() * SPAN_MS);
  const updated = written + (random.chance(0.2) ? random.integer(9) * DAY_MS : 0);
  const texts = TEXTS[store.country];
  return {
    key: random.hex(16),
    org_id: store.org_id,
    id,
    business_id: store.id,
    partner,
    partner_id: random.hex(20),
    author_name: personOf(random, store.country),
    date: isoDate(written),
    update_date: isoDate(updated),
    delete_date: state === "deleted" ? isoDate(updated + DAY_MS) : null,
    rating: partner === "facebook" ? null : rating,
    recommended: partner === "facebook" ? rating > 3 : null,
    title: partner === "tripadvisor" ? store.name : null,
    content: random.chance(0.2) ? null : random.pick(rating > 3 ? texts.good : texts.bad),
    state,
    link: `https://reviews.example/${partner}/${id}`,
    comments: state.startsWith("treated") ? commentsOf(random, store, { id, text: texts.reply, at: updated }) : null,
    tags: TAGS.filter(() => random.chance(0.15)),
    media_links: random.chance(0.1) ? [`https://photos.example/reviews/${id}.jpg`] : [],
  };
}

/** Even reviews answer with one object, odd ones with a list. */
function commentsOf(
  random: Random,
  store: Business,
  review: { readonly id: number; readonly text: string; readonly at: number },
): Comment | readonly Comment[] {
  const author_name = personOf(random, store.country);
  const reply: Comment = {
    id: review.id + 200_000,
    author_name,
    content: review.text,
    date: isoDate(review.at + DAY_MS),
    can_edit: true,
    review_id: review.id,
  };
  return review.id % 2 === 0 ? { ...reply, replies: [] } : [reply];
}

function isoDate(at: number): string {
  return new Date(at).toISOString().replace("Z", "000+00:00");
}
