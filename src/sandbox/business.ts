/** The business object of the made-up world, as Partoo's answers spell it (partoo reference §6). */
import type { Country } from "./cities.ts";
import type { OpenHours, SpecificHours } from "./hours.ts";

/** The four documented values of `status`. */
export const STATUSES = ["open", "closed", "temporarily_closed", "opening_soon"] as const;

export type Status = (typeof STATUSES)[number];

/** Somebody in charge: name and e-mail are personal. */
export interface Contact {
  readonly name: string;
  readonly email: string;
  readonly phone_numbers: readonly string[];
  readonly fax: string | null;
}

export interface CustomField {
  readonly id: number;
  readonly name: string;
  readonly type: "BOOLEAN" | "TEXT" | "MULTIPLE_SELECT";
  readonly value: boolean | string | readonly string[] | null;
  readonly order: number;
}

/** One store. Members without a question mark are always there; `created` and `modified` are Unix seconds. */
export interface Business {
  readonly id: string;
  readonly code: string;
  readonly status: Status;
  /** `YYYY-MM-DD`; ahead for `opening_soon`. */
  readonly opening_date: string | null;
  readonly created: number;
  readonly modified: number;
  readonly org_id: number;
  readonly groups: readonly number[];
  readonly name: string;
  readonly city: string;
  readonly zipcode: string | null;
  readonly region: string;
  readonly country: Country;
  readonly lat: number | null;
  readonly long: number | null;
  /** `gcid:…`, the main one first. */
  readonly categories: readonly string[];
  readonly website_url: string | null;
  readonly open_hours: OpenHours | null;
  readonly specific_hours?: SpecificHours | null;
  readonly contacts?: readonly Contact[];
  readonly features: readonly string[];
  readonly subscriptions: Readonly<Record<string, { readonly active: boolean }>>;
  readonly google_location_id: string | null;
  readonly facebook_page_id: string | null;
  readonly custom_fields: readonly CustomField[];
  /** Texts, addresses and links, see `stores.ts`. */
  readonly [member: string]: unknown;
}
