/** Members of a business, the same in `/business/search` and `/business/{business_id}` (partoo reference §6). */
import type { Endpoint, FieldSchema } from "./endpoint.ts";
import type { FieldTable } from "./fields.ts";
import { about, BOOLEAN, DATE, either, INTEGER, list, NUMBER, object, personal, SCALAR, TEXT, URI, WEEK } from "./fields.ts";

const STATUS: FieldTable = {
  id: about(TEXT, "24 hexadecimal digits, permanent."),
  code: about(TEXT, "The customer's own store code; may change."),
  status: about(TEXT, "open, closed, temporarily_closed or opening_soon."),
  opening_date: about(DATE, "In the future while the store is opening soon."),
  created: about(NUMBER, "Unix seconds."),
  modified: about(NUMBER, "Unix seconds; changes of custom fields and attributes do not count."),
  org_id: about(INTEGER, "The Partoo organization."),
  groups: list(INTEGER, "Groups the business is in."),
  reach: about(TEXT, "LOCAL, or GLOBAL for a brand without an address."),
};

const ADDRESS: FieldTable = {
  name: TEXT,
  address: TEXT,
  address_full: about(TEXT, "Number and street in one line."),
  address2: about(TEXT, "What the street line does not say: floor, shopping centre."),
  address_details: object(
    { number: TEXT, number_supplement: TEXT, street_type: TEXT, street_name: TEXT },
    "The street line in parts; known of 2021, absent from newer examples.",
  ),
  city: TEXT,
  zipcode: TEXT,
  region: TEXT,
  country: about(TEXT, "ISO 3166-1 alpha-2."),
  lat: about(NUMBER, "Latitude in degrees."),
  long: about(NUMBER, "Longitude in degrees; Partoo calls it long."),
  default_lang: TEXT,
};

const CLOSURE = { starts_at: DATE, ends_at: about(DATE, "Inclusive.") };

const HOURS: FieldTable = {
  open_hours: about(WEEK, "Usual week, in the store's local time."),
  specific_hours: object(
    {
      open: list(object({ ...CLOSURE, open_hours: list(TEXT, "HH:MM-HH:MM") })),
      close: list(object(CLOSURE)),
    },
    "Dates that differ from the usual week; they win over it.",
  ),
  time_slot_reference: list(TEXT, "HH:MM-HH:MM; an aid of Partoo's own editor."),
};

const PRESENTATION: FieldTable = {
  categories: list(TEXT, "gcid:…, the main one first, up to 10."),
  description_short: TEXT,
  description_long: TEXT,
  website_url: URI,
  facebook_url: URI,
  twitter_url: URI,
  logo_url: URI,
  photos: object({ LOGO: URI, primary: URI, secondary: list(URI) }),
};

const CONTACTS: FieldTable = {
  contacts: list(
    object({
      name: personal(TEXT, "the name of the person in charge"),
      email: personal({ type: "string", format: "email" }, "the address of the person in charge"),
      phone_numbers: list(TEXT, "E.164; the first number of the first contact is the store's."),
      fax: personal(TEXT, "a line of the person in charge"),
    }),
    "Persons in charge of the business.",
  ),
};

const ACTIVE = object({ active: BOOLEAN });

const BACK_OFFICE: FieldTable = {
  google_location_id: TEXT,
  facebook_page_id: TEXT,
  national_identification_number: about(TEXT, "Registration number of the company, formerly siret."),
  subscriptions: object({
    presence_management: ACTIVE,
    review_management: ACTIVE,
    review_booster: ACTIVE,
    messages: ACTIVE,
  }),
  features: list(TEXT, "Partoo features in use; not always present in search results."),
  completion_rate: about(INTEGER, "How complete the record is, in per cent."),
};

/** Every member of a business but `custom_fields`, which are chosen one by one, by name. */
export const BUSINESS_FIELDS: FieldTable = {
  ...STATUS,
  ...ADDRESS,
  ...HOURS,
  ...PRESENTATION,
  ...CONTACTS,
  ...BACK_OFFICE,
};

/** One element of `custom_fields`. The values of any name may be about people, so there is no way to name them all at once. */
export const CUSTOM_FIELD: FieldSchema = object({
  id: INTEGER,
  name: TEXT,
  type: about(TEXT, "BOOLEAN, INTEGER, FLOAT, TEXT, SINGLE_SELECT, MULTIPLE_SELECT or MULTIPLE_SELECT_IMAGE."),
  value: either([SCALAR, list(SCALAR)], "One value, or a list for the multiple types."),
  order: INTEGER,
  section_id: INTEGER,
});

/** Derived fields of a business. */
export const BUSINESS_SHORTHANDS: Endpoint["shorthands"] = {
  phone: {
    description: "The store's number: the first one of the first contact.",
    from: ["contacts", 0, "phone_numbers", 0],
    schema: about(TEXT, "E.164."),
  },
};
