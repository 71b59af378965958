/** What an item may hold, and which of it is about people. */
import { describe, expect, test } from "vitest";
import type { FieldSchema } from "../../src/partoo/endpoint.ts";
import { CUSTOM_FIELD } from "../../src/partoo/business-fields.ts";
import { CATALOGUE, findEndpoint } from "../../src/partoo/catalogue.ts";
import { personalMembers } from "../../src/partoo/personal.ts";

const BUSINESS_FIELDS = [
  "id",
  "code",
  "status",
  "opening_date",
  "created",
  "modified",
  "org_id",
  "groups",
  "reach",
  "name",
  "address",
  "address_full",
  "address2",
  "address_details",
  "city",
  "zipcode",
  "region",
  "country",
  "lat",
  "long",
  "default_lang",
  "open_hours",
  "specific_hours",
  "time_slot_reference",
  "categories",
  "description_short",
  "description_long",
  "website_url",
  "facebook_url",
  "twitter_url",
  "logo_url",
  "photos",
  "contacts",
  "google_location_id",
  "facebook_page_id",
  "national_identification_number",
  "subscriptions",
  "features",
  "completion_rate",
];

function fieldNames(template: string): readonly string[] {
  return Object.keys(findEndpoint(template)?.fields ?? {});
}

function personalPaths(template: string): readonly string[] {
  const fields = findEndpoint(template)?.fields ?? {};
  return Object.entries(fields).flatMap(([name, schema]) => personalMembers(name, schema).map(({ path }) => path));
}

function everySchema(schema: FieldSchema): readonly FieldSchema[] {
  const inner = [...(schema.items ? [schema.items] : []), ...(schema.options ?? []), ...Object.values(schema.properties ?? {})];
  return [schema, ...inner.flatMap(everySchema)];
}

const ALL = [...CATALOGUE.values()].flatMap(({ fields }) => Object.values(fields).flatMap(everySchema));

/** The kind of JSON value that a shape stands for. */
function kindOf({ type }: FieldSchema): string {
  return type === "array" ? "list" : type === "object" || type === "map" ? "object" : "scalar";
}

describe("personal members", () => {
  test.each(["/business/search", "/business/{business_id}"])("of %s are names, addresses and fax of the contacts", (template) => {
    expect(personalPaths(template)).toEqual(["contacts.name", "contacts.email", "contacts.fax"]);
  });

  test("of /reviews are the authors of reviews and of replies, however deep", () => {
    expect(personalPaths("/reviews")).toEqual([
      "author_name",
      "comments.author_name",
      "comments.user_id",
      "comments.replies.author_name",
      "comments.replies.user_id",
    ]);
  });

  test("are nowhere else", () => {
    const others = [...CATALOGUE.keys()].filter((template) => !template.startsWith("/reviews") && personalPaths(template).length > 0);
    expect(others).toEqual(["/business/search", "/business/{business_id}"]);
  });

  test("say why", () => {
    const reasons = ALL.flatMap(({ personal }) => (personal === undefined ? [] : [personal]));
    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.filter((reason) => !/^(the|a) [a-z ]+$/.test(reason))).toEqual([]);
  });

  test("are found in shapes of either kind, in lists and in maps", () => {
    const person: FieldSchema = { type: "object", properties: { name: { type: "string", personal: "the name" } } };
    const either: FieldSchema = { type: "either", options: [{ type: "string" }, { type: "array", items: { type: "map", items: person } }] };
    expect(personalMembers("who", either)).toEqual([{ path: "who.name", reason: "the name" }]);
    expect(personalMembers("city", { type: "string" })).toEqual([]);
  });
});

describe("fields", () => {
  test.each(["/business/search", "/business/{business_id}"])("of %s are those of a business", (template) => {
    expect([...fieldNames(template)].toSorted()).toEqual([...BUSINESS_FIELDS].toSorted());
  });

  test("of a business leave out what Partoo has given up, and custom fields as a whole", () => {
    for (const name of ["siret", "clean_name", "videos", "news", "promos", "group_id", "custom_fields"]) {
      expect(fieldNames("/business/search")).not.toContain(name);
    }
  });

  test.each([
    ["/business/{business_id}/attributes", ["type", "gmb_id", "value"]],
    ["/business/{business_id}/more_hours", ["gmb_id", "value"]],
    ["/business/{business_id}/place_action_links", ["gmb_id", "urls"]],
    ["/categories", ["id", "gmb_id", "name", "names", "state", "block_push_long_description_on_gmb", "live_id", "countries"]],
    ["/attributes/list", ["name", "order", "attributes"]],
    ["/sections", ["id", "name", "groups", "can_edit", "has_puller"]],
    ["/review_analytics/metrics", ["dimension", "dimension_name", "dimension_info", "metrics"]],
    [
      "/posts",
      [
        "id",
        "business_id",
        "post_type",
        "summary",
        "schedule_time",
        "expiration_time",
        "validation_time",
        "post_medias",
        "created_at",
        "updated_at",
        "created_on_partoo",
        "updated_on_partoo",
        "business_info",
        "cta_type",
        "cta_link",
        "offer_code",
        "offer_terms",
        "post_status",
        "post_insight",
      ],
    ],
    [
      "/reviews",
      [
        "key",
        "org_id",
        "id",
        "business_id",
        "partner",
        "partner_id",
        "author_name",
        "date",
        "update_date",
        "delete_date",
        "rating",
        "recommended",
        "title",
        "content",
        "state",
        "link",
        "comments",
        "tags",
        "media_links",
      ],
    ],
  ])("of %s are all that an item has", (template, names) => {
    expect([...fieldNames(template)].toSorted()).toEqual([...names].toSorted());
  });

  test("of the publishers' addresses are addresses", () => {
    const fields = findEndpoint("/business/{business_id}/partner_urls")?.fields ?? {};
    expect(Object.keys(fields)).toContain("google_my_business");
    for (const schema of Object.values(fields)) expect(schema).toEqual({ type: "string", format: "uri" });
  });

  test("hold a week of seven days", () => {
    const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    expect(Object.keys(findEndpoint("/business/search")?.fields["open_hours"]?.properties ?? {})).toEqual(days);
    expect(Object.keys(findEndpoint("/business/{business_id}/more_hours")?.fields["value"]?.properties ?? {})).toEqual(days);
  });

  test("hold comments as one or as a list, with replies of the same kind", () => {
    const comments = findEndpoint("/reviews")?.fields["comments"];
    expect(comments?.options?.map(({ type }) => type)).toEqual(["object", "array"]);
    const [one, several] = comments?.options ?? [];
    expect(several?.items).toEqual(one);
    expect(one?.properties?.["replies"]?.options?.map(({ type }) => type)).toEqual(["object", "array"]);
  });

  test("a custom field is described with its value, which is one or several", () => {
    expect(Object.keys(CUSTOM_FIELD.properties ?? {})).toEqual(["id", "name", "type", "value", "order", "section_id"]);
    expect(CUSTOM_FIELD.properties?.["value"]?.options?.map(({ type }) => type)).toEqual(["any-scalar", "array"]);
  });
});

describe("shapes", () => {
  test("lists and maps say what they hold, objects which members, either which shapes", () => {
    for (const schema of ALL) {
      expect(schema.items !== undefined).toBe(schema.type === "array" || schema.type === "map");
      expect(schema.properties !== undefined).toBe(schema.type === "object");
      expect(schema.options !== undefined).toBe(schema.type === "either");
    }
  });

  test("of either are told apart by the kind of value that arrives", () => {
    const eithers = ALL.filter(({ type }) => type === "either");
    expect(eithers.length).toBeGreaterThan(4);
    for (const { options = [] } of eithers) {
      expect(new Set(options.map(kindOf)).size).toBe(options.length);
      for (const { type } of options) expect(type).not.toBe("either");
    }
  });
});

describe("shorthands", () => {
  test.each(["/business/search", "/business/{business_id}"])("phone of %s is the first number of the first contact", (template) => {
    const { phone } = findEndpoint(template)?.shorthands ?? {};
    expect(phone?.from).toEqual(["contacts", 0, "phone_numbers", 0]);
    expect(phone?.schema.personal).toBeUndefined();
    expect(phone?.schema.type).toBe("string");
  });

  test("never have the name of a field", () => {
    for (const { fields, shorthands } of CATALOGUE.values())
      for (const name of Object.keys(shorthands)) expect(fields[name]).toBeUndefined();
  });
});
