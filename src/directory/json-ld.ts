/** One store in the words of schema.org, for search engines: LocalBusiness with its opening hours. Only what is shown anyway. */
import type { Schedule, Window } from "./schedule.ts";
import { dayText, readSchedule, windowText } from "./schedule.ts";

const DAY_MS = 86_400_000;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/** How a closed day is written: it opens and closes at midnight. */
const CLOSED = { opens: "00:00", closes: "00:00" };
const CLOSED_STATUSES: ReadonlySet<unknown> = new Set(["temporarily_closed", "closed_temporarily", "opening_soon"]);

type Shown = Readonly<Record<string, unknown>>;

/**
 * @param store its shown fields, with its rating as far as that is shown
 * @param at Unix ms: exceptions that are over are left out
 * @returns JSON that may stand in a script element
 */
export function businessJsonLd(store: Shown, at: number): string {
  const photos = isObject(store["photos"]) ? store["photos"] : {};
  return JSON.stringify({
    "@context": "https://schema.org",
    "@type": "LocalBusiness",
    name: textOf(store["name"]),
    branchCode: textOf(store["code"]),
    description: textOf(store["description_long"]) ?? textOf(store["description_short"]),
    url: textOf(store["website_url"]),
    telephone: textOf(store["phone"]),
    logo: textOf(store["logo_url"]) ?? textOf(photos["LOGO"]),
    image: textOf(photos["primary"]),
    address: typed("PostalAddress", {
      streetAddress: textOf(store["address"]) ?? textOf(store["address_full"]),
      addressLocality: textOf(store["city"]),
      postalCode: textOf(store["zipcode"]),
      addressRegion: textOf(store["region"]),
      addressCountry: textOf(store["country"]),
    }),
    geo: typed("GeoCoordinates", { latitude: numberOf(store["lat"]), longitude: numberOf(store["long"]) }),
    openingHoursSpecification: hoursOf(store, at),
    aggregateRating: ratingOf(store["rating"]),
  }).replaceAll("<", "\\u003c");
}

/** undefined without reviews, and where one of the figures is not shown: search engines want both. */
function ratingOf(rating: unknown): object | undefined {
  const [ratingValue, reviewCount] = isObject(rating) ? [numberOf(rating["average"]), numberOf(rating["count"])] : [];
  return ratingValue === undefined || reviewCount === undefined ? undefined : typed("AggregateRating", { ratingValue, reviewCount });
}

/** undefined when there is none to tell: no hours, or they do not hold at present. */
function hoursOf(store: Shown, at: number): readonly object[] | undefined {
  const schedule = CLOSED_STATUSES.has(store["status"]) ? undefined : readSchedule(store["open_hours"], store["specific_hours"]);
  return schedule && [...weekOf(schedule), ...exceptionsOf(schedule, Math.floor(at / DAY_MS) - 1)];
}

/** Days with the same window together. */
function weekOf({ week }: Schedule): readonly object[] {
  const days = new Map<string, { readonly window: Window; readonly names: string[] }>();
  week.forEach((windows, day) => {
    for (const window of windows) {
      const known = days.get(windowText(window)) ?? { window, names: [] };
      days.set(windowText(window), known);
      known.names.push(DAYS[day] as string);
    }
  });
  return [...days.values()].map(({ window, names }) => specification({ dayOfWeek: names, ...timesOf(window) }));
}

function exceptionsOf({ openings, closures }: Schedule, today: number): readonly object[] {
  const coming = <Dates extends { readonly last: number }>(all: readonly Dates[]): readonly Dates[] =>
    all.filter(({ last }) => last >= today);
  return [
    ...coming(openings).flatMap((opening) => opening.windows.map((window) => specification({ ...validity(opening), ...timesOf(window) }))),
    ...coming(closures).map((closure) => specification({ ...validity(closure), ...CLOSED })),
  ];
}

function validity({ first, last }: { readonly first: number; readonly last: number }): object {
  return { validFrom: dayText(first), validThrough: dayText(last) };
}

function timesOf(window: Window): { readonly opens: string; readonly closes: string } {
  const [opens = "", closes = ""] = windowText(window).split("-");
  return { opens, closes };
}

function specification(members: object): object {
  return { "@type": "OpeningHoursSpecification", ...members };
}

/** undefined without any member. */
function typed(type: string, members: Readonly<Record<string, string | number | undefined>>): object | undefined {
  return Object.values(members).some((value) => value !== undefined) ? { "@type": type, ...members } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isObject(value: unknown): value is Shown {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
