import { describe, expect, test } from "vitest";
import type { FieldSelection } from "../../src/policy.ts";
import { findEndpoint } from "../../src/partoo/catalogue.ts";
import { compileShaper } from "../../src/shape/shaper.ts";

function shape(template: string, selection: Partial<FieldSelection>, body: unknown): unknown {
  const endpoint = findEndpoint(template);
  if (endpoint === undefined) throw new Error(`no endpoint ${template}`);
  return compileShaper(endpoint, { fields: [], customFields: [], ...selection })(body);
}

const one = (fields: readonly string[], item: unknown, customFields: readonly string[] = []): unknown =>
  shape("/business/{business_id}", { fields, customFields }, item);

describe("only what is listed leaves", () => {
  test("unlisted members stay, at every depth", () => {
    const item = { id: "a", name: "Acme", org_id: 7, photos: { primary: "https://p.example/1", uploaded_by: "Jeanne Martin" } };
    expect(one(["id", "photos"], item)).toEqual({ id: "a", photos: { primary: "https://p.example/1" } });
  });

  test("what is listed and missing is left out; null stays null", () => {
    expect(
      one(["id", "name", "city", "photos", "open_hours", "categories"], { id: "a", city: null, photos: null, open_hours: null }),
    ).toEqual({
      id: "a",
      city: null,
      photos: null,
      open_hours: null,
    });
  });

  test("an object where a scalar was promised is left out: nobody knows what is in it", () => {
    expect(one(["id", "name", "city"], { id: "a", name: { full: "Jeanne Martin" }, city: ["Paris"] })).toEqual({ id: "a" });
  });

  test("a scalar or list where an object was promised is left out", () => {
    expect(one(["id", "photos", "open_hours"], { id: "a", photos: "Jeanne Martin", open_hours: ["x"] })).toEqual({ id: "a" });
  });

  test("members of a list that are not what was promised are left out", () => {
    expect(one(["categories"], { categories: ["gcid:bakery", { owner: "Jeanne" }, null, 7] })).toEqual({
      categories: ["gcid:bakery", null, 7],
    });
  });

  test("inherited and prototype members are never taken", () => {
    const item = JSON.parse('{"__proto__":{"name":"Jeanne"},"id":"a"}') as unknown;
    expect(JSON.stringify(one(["id", "name"], item))).toBe('{"id":"a"}');
    expect(Object.prototype).not.toHaveProperty("name");
  });
});

describe("shorthands and custom fields", () => {
  test("phone is the first number of the first contact", () => {
    const contacts = [
      { name: "Jeanne", email: "j@acme.example", phone_numbers: ["+33199000001", "+33199000002"] },
      { phone_numbers: ["+3300"] },
    ];
    expect(one(["phone"], { contacts })).toEqual({ phone: "+33199000001" });
  });

  test.each([
    [{ contacts: [] }],
    [{ contacts: null }],
    [{}],
    [{ contacts: [{ phone_numbers: [] }] }],
    [{ contacts: { 0: { phone_numbers: ["+1"] } } }],
    [{ contacts: [{ phone_numbers: [{ home: "+1" }] }] }],
  ])("without a number there is no phone: %j", (item) => {
    expect(one(["phone"], item)).toEqual({});
  });

  test("custom fields pass by name", () => {
    const custom_fields = [
      { id: 1, name: "Parking", type: "BOOLEAN", value: true, order: 1, edited_by: "Jeanne" },
      { id: 2, name: "ManagerName", type: "TEXT", value: "Jeanne", order: 2 },
      { id: 3, name: "Services", type: "MULTIPLE_SELECT", value: ["Wifi", "Toilets"], order: 3 },
      { id: 4, name: ["Parking"], value: "Jeanne" },
      "Jeanne",
      null,
    ];
    expect(one(["id"], { id: "a", custom_fields }, ["Parking", "Services"])).toEqual({
      id: "a",
      custom_fields: [
        { id: 1, name: "Parking", type: "BOOLEAN", value: true, order: 1 },
        { id: 3, name: "Services", type: "MULTIPLE_SELECT", value: ["Wifi", "Toilets"], order: 3 },
      ],
    });
  });

  test("without chosen names there are none", () => {
    expect(one(["id"], { id: "a", custom_fields: [{ name: "Parking", value: true }] })).toEqual({ id: "a" });
  });
});

describe("where the items are", () => {
  test("paging members pass when they are scalars, and nothing else beside the items", () => {
    const body = { page: 1, max_page: 3, count: { total: 7 }, debug: "x", businesses: [{ id: "a", org_id: 7 }, null, "x", [1]] };
    expect(shape("/business/search", { fields: ["id"] }, body)).toEqual({ page: 1, max_page: 3, businesses: [{ id: "a" }] });
  });

  test("an answer without items keeps its paging", () => {
    expect(shape("/business/search", { fields: ["id"] }, { page: 4, max_page: 3, count: 0 })).toEqual({ page: 4, max_page: 3, count: 0 });
    expect(shape("/business/search", { fields: ["id"] }, { page: 4, businesses: "none" })).toEqual({ page: 4 });
  });

  test.each([["text"], [7], [null], [true], [[{ id: "a" }]], [undefined]])("an answer that is no object is not readable: %j", (body) => {
    expect(shape("/business/search", { fields: ["id"] }, body)).toBeUndefined();
    expect(shape("/business/{business_id}", { fields: ["id"] }, body)).toBeUndefined();
  });

  test("comments of a review may be an object or a list; their authors stay unless asked for", () => {
    const review = { id: 9, rating: 5, author_name: "Jean Petit", comments: [{ id: 1, content: "Merci", author_name: "Jeanne" }] };
    expect(shape("/reviews", { fields: ["id", "rating"] }, { page: 1, reviews: [review] })).toEqual({
      page: 1,
      reviews: [{ id: 9, rating: 5 }],
    });
  });
});
