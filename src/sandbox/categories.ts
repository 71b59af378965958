/** The categories of the made-up stores with their names by language, and what they may say of themselves (partoo reference §8). */
import type { Business } from "./business.ts";
import { invalid } from "./answer.ts";
import { choices, flag, ordered, paged, text } from "./query.ts";

/** Languages that Partoo documents; names exist here in five of them, others fall back to English. */
const LANGS = ["fr", "en", "es", "it", "pt-br", "de", "ar", "nl", "pl", "cs", "ca", "sk", "pt", "lv", "ro", "bg", "hu"] as const;
const ATTRIBUTE_LANGS = ["DE", "EN", "ES", "FR", "IT", "PT", "PT_BR"] as const;
const NAMED = ["fr", "en", "es", "it", "de"] as const;

interface Category {
  readonly id: number;
  readonly gmb_id: string;
  readonly names: Readonly<Record<(typeof NAMED)[number], string>>;
  readonly state: "OK" | "DEPRECATED";
  readonly countries: readonly string[];
  /** The live category in place of a deprecated one. */
  readonly replacedBy: string | null;
}

const CATEGORIES: readonly Category[] = [
  category(101, "bakery", "Boulangerie|Bakery|Panadería|Panetteria|Bäckerei"),
  category(102, "bar", "Bar|Bar|Bar|Bar|Bar"),
  category(103, "cafe", "Café|Café|Cafetería|Caffè|Café"),
  category(104, "clothing_store", "Magasin de vêtements|Clothing store|Tienda de ropa|Negozio di abbigliamento|Bekleidungsgeschäft"),
  category(105, "convenience_store", "Supérette|Convenience store|Tienda de conveniencia|Minimarket|Nachbarschaftsladen"),
  category(106, "florist", "Fleuriste|Florist|Floristería|Fioraio|Florist"),
  category(107, "grocery_store", "Épicerie|Grocery store|Tienda de alimentación|Alimentari|Lebensmittelgeschäft"),
  category(108, "pharmacy", "Pharmacie|Pharmacy|Farmacia|Farmacia|Apotheke"),
  category(109, "restaurant", "Restaurant|Restaurant|Restaurante|Ristorante|Restaurant"),
  category(110, "shoe_store", "Magasin de chaussures|Shoe store|Zapatería|Negozio di scarpe|Schuhgeschäft"),
  category(111, "supermarket", "Supermarché|Supermarket|Supermercado|Supermercato|Supermarkt"),
  {
    ...category(112, "video_store", "Vidéoclub|Video store|Videoclub|Videoteca|Videothek"),
    state: "DEPRECATED",
    replacedBy: "gcid:convenience_store",
  },
];

const ATTRIBUTES = [
  { group: "Accessibility", type: "BOOL", gmb_id: "has_wheelchair_accessible_entrance", name: "Wheelchair accessible entrance" },
  { group: "Accessibility", type: "BOOL", gmb_id: "has_wheelchair_accessible_parking", name: "Wheelchair accessible car park" },
  { group: "Service options", type: "BOOL", gmb_id: "has_delivery", name: "Delivery" },
  { group: "Service options", type: "BOOL", gmb_id: "has_curbside_pickup", name: "Kerbside pickup" },
  { group: "Amenities", type: "ENUM", gmb_id: "wi_fi", name: "Wi-Fi" },
  { group: "Payments", type: "REPEATABLE_ENUM", gmb_id: "pay_credit_card_types_accepted", name: "Credit cards" },
  { group: "Place page", type: "URL", gmb_id: "url_menu", name: "Menu link" },
  { group: "Place page", type: "REPEATABLE_URL", gmb_id: "url_order_ahead", name: "Order ahead links" },
] as const;

/** /categories: `{page, max_page, count, categories}`. @throws Refusal 400 */
export function categoryList(query: URLSearchParams): unknown {
  const states = choices(query, "state", ["OK", "DEPRECATED"]);
  const country = text(query, "country");
  const wanted = text(query, "search_query")?.toLowerCase();
  const lang = langOf(query);
  const live = flag(query, "live__isnull");
  const found = CATEGORIES.filter((one) => {
    if (states?.has(one.state) === false) return false;
    if (live !== undefined && (one.replacedBy === null) !== live) return false;
    if (country !== undefined && !one.countries.includes(country)) return false;
    return wanted === undefined || one.gmb_id.includes(wanted) || nameIn(one, lang).toLowerCase().includes(wanted);
  });
  const sorted = ordered(query, found, { gmb_id: (one) => one.gmb_id });
  return paged(
    query,
    "categories",
    sorted.map((one) => shown(one, lang, query)),
  );
}

/** /categories/{number or gcid:…}; undefined when there is none. @throws Refusal 400 */
export function categoryByReference(reference: string, query: URLSearchParams): unknown {
  const found = CATEGORIES.find((one) => one.gmb_id === reference || String(one.id) === reference);
  return found && shown(found, langOf(query), query);
}

/** /attributes/list: `{groups}`; language and category are required. @throws Refusal 400 */
export function attributeList(query: URLSearchParams): unknown {
  const lang = text(query, "lang");
  const gcid = text(query, "category_name");
  const absent = { ...(lang === undefined && { lang: "is required" }), ...(gcid === undefined && { category_name: "is required" }) };
  if (lang === undefined || gcid === undefined) throw invalid(absent);
  if (!(ATTRIBUTE_LANGS as readonly string[]).includes(lang.toUpperCase().replace("-", "_"))) {
    throw invalid({ lang: { explanation: "incorrect value", choices: ATTRIBUTE_LANGS } });
  }
  if (!CATEGORIES.some((one) => one.gmb_id === gcid)) throw invalid({ category_name: { explanation: "incorrect value" } });
  const groups = [...Map.groupBy(ATTRIBUTES, (attribute) => attribute.group)];
  return {
    groups: groups.map(([name, members], order) => ({
      name,
      order,
      attributes: members.map(({ type, gmb_id, name: label }, at) => ({ type, gmb_id, name: label, order: at })),
    })),
  };
}

/** /business/{id}/attributes: `{attributes}`, each with the value form of its type. The store's id decides the values. */
export function attributesOf(store: Business): unknown {
  const bits = Number.parseInt(store.id.slice(8, 14), 16);
  const bit = (at: number): boolean => ((bits >> at) & 1) === 1;
  const site = store.website_url;
  const values: Readonly<Record<string, (at: number) => unknown>> = {
    BOOL: (at) => (bit(at + 8) ? null : bit(at)),
    ENUM: (at) => (bit(at) ? "free_wi_fi" : null),
    REPEATABLE_ENUM: () => ({ set_values: ["visa", "mastercard"], unset_values: bit(1) ? ["american_express"] : [] }),
    URL: (at) => (bit(at) ? site : null),
    REPEATABLE_URL: (at) => (bit(at) ? [`${site}/order`] : null),
  };
  return { attributes: ATTRIBUTES.map(({ type, gmb_id }, at) => ({ type, gmb_id, value: values[type]?.(at) ?? null })) };
}

function category(id: number, gcid: string, names: string): Category {
  const [fr = "", en = "", es = "", it = "", de = ""] = names.split("|");
  return { id, gmb_id: `gcid:${gcid}`, names: { fr, en, es, it, de }, state: "OK", countries: ["FR", "ES", "IT", "DE"], replacedBy: null };
}

function langOf(query: URLSearchParams): string {
  return [...(choices(query, "lang", LANGS) ?? ["fr"])][0] ?? "fr";
}

function nameIn(one: Category, lang: string): string {
  return one.names[lang as (typeof NAMED)[number]] ?? one.names.en;
}

function shown(one: Category, lang: string, query: URLSearchParams): unknown {
  return {
    id: one.id,
    gmb_id: one.gmb_id,
    name: nameIn(one, lang),
    state: one.state,
    block_push_long_description_on_gmb: false,
    live_id: one.replacedBy,
    ...(flag(query, "with_names") === true && { names: NAMED.map((name) => ({ lang: name, name: one.names[name] })) }),
    ...(flag(query, "with_countries") === true && { countries: one.countries }),
  };
}
