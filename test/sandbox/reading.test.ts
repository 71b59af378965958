import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { call, rawStores } from "./support.ts";

interface Review {
  readonly id: number;
  readonly business_id: string;
  readonly partner: string;
  readonly rating: number | null;
  readonly content: string | null;
  readonly state: string;
  readonly update_date: string;
  readonly author_name: string;
  readonly comments: unknown;
}

let sandbox: RunningSandbox;
let reviews: readonly Review[];

beforeAll(async () => {
  sandbox = await startSandbox({ limitPerMinute: 10_000 });
  const first = await call(sandbox, "/reviews?per_page=100");
  const rest = Array.from({ length: (first.json["max_page"] as number) - 1 }, (_, at) =>
    call(sandbox, `/reviews?per_page=100&page=${at + 2}`),
  );
  reviews = [first, ...(await Promise.all(rest))].flatMap(({ json }) => json["reviews"] as Review[]);
});
afterAll(() => sandbox.close());

const countOf = async (target: string): Promise<unknown> => (await call(sandbox, target)).json["count"];

describe("/reviews", () => {
  test("there are three to seven for each of the first hundred stores", () => {
    const reviewed = new Set(reviews.map(({ business_id }) => business_id));
    expect(reviewed).toEqual(
      new Set(
        rawStores(sandbox)
          .slice(0, 100)
          .map(({ id }) => id),
      ),
    );
    expect(reviews.length).toBeGreaterThan(400);
    expect(reviews.length).toBeLessThan(600);
  });

  test("authors are people, every state is there, and replies come as an object or as a list", () => {
    expect(reviews.every(({ author_name }) => author_name.includes(" "))).toBe(true);
    expect(new Set(reviews.map(({ state }) => state))).toEqual(
      new Set(["treated", "not_treated", "deleted", "pending_auto_reply", "treated_auto_reply"]),
    );
    const replied = reviews.map(({ comments }) => comments).filter((comments) => comments !== null);
    expect(replied.some((comments) => Array.isArray(comments))).toBe(true);
    expect(replied.some((comments) => !Array.isArray(comments) && "replies" in (comments as object))).toBe(true);
  });

  test("newest first", () => {
    const dates = reviews.map(({ update_date }) => update_date);
    expect(dates).toEqual(dates.toSorted().toReversed());
    expect(dates[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
  });

  test("filters find what the whole list holds", async () => {
    const [one] = reviews as [Review];
    const count = (keep: (review: Review) => boolean): number => reviews.filter(keep).length;
    expect(await countOf(`/reviews?business__in=${one.business_id}`)).toBe(count(({ business_id }) => business_id === one.business_id));
    expect(await countOf(`/reviews?business__notin=${one.business_id}`)).toBe(count(({ business_id }) => business_id !== one.business_id));
    expect(await countOf("/reviews?state__in=deleted")).toBe(count(({ state }) => state === "deleted"));
    expect(await countOf("/reviews?partner__in=facebook,tripadvisor")).toBe(count(({ partner }) => partner !== "google_my_business"));
    expect(await countOf("/reviews?content__isnull=false")).toBe(count(({ content }) => content !== null));
    expect(await countOf("/reviews?gmb_rating__in=4,5")).toBe(
      count(({ partner, rating }) => partner === "google_my_business" && rating! >= 4),
    );
    expect(await countOf("/reviews?update_date__gte=2026-01-01T00:00:00")).toBe(
      count(({ update_date }) => update_date >= "2026-01-01T00:00:00"),
    );
    expect(await countOf("/reviews?update_date__lte=2025-12-31T23:59:59")).toBe(
      count(({ update_date }) => update_date < "2025-12-31T23:59:59.000001"),
    );
  });

  test("media links come when asked for", async () => {
    expect((await call(sandbox, "/reviews?per_page=1")).text).not.toContain("media_links");
    expect((await call(sandbox, "/reviews?per_page=1&with_media_links=true")).text).toContain("media_links");
  });
});

describe("/review_analytics/metrics", () => {
  test("averages per business are those of its reviews that are not deleted", async () => {
    const { json } = await call(sandbox, "/review_analytics/metrics?metrics=average_rating,reviews_count&dimensions=business&per_page=100");
    const rows = json["data"] as {
      dimension: string;
      dimension_info: object;
      metrics: { average_rating: number; reviews_count: number };
    }[];
    expect(rows.length).toBe(100);
    for (const { dimension, metrics } of rows) {
      const own = reviews.filter(({ business_id, state }) => business_id === dimension && state !== "deleted");
      const ratings = own.flatMap(({ rating }) => (rating === null ? [] : [rating]));
      expect(metrics.reviews_count).toBe(own.length);
      // Halves of a hundredth may round either way.
      const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
      expect(ratings.length === 0 ? metrics.average_rating === null : Math.abs(metrics.average_rating - mean) <= 0.005001).toBe(true);
    }
    expect(Object.keys(rows[0]?.dimension_info ?? {}).toSorted()).toEqual(["address_full", "city", "code", "zipcode"]);
  });

  test("without a dimension there is one row whose dimension is null", async () => {
    const { json } = await call(sandbox, "/review_analytics/metrics?metrics=reviews_count");
    expect(json["data"]).toMatchObject([
      { dimension: null, metrics: { reviews_count: reviews.filter(({ state }) => state !== "deleted").length } },
    ]);
  });

  test("dimensions=user names people, which is why a proxy must not allow it", async () => {
    const { json } = await call(sandbox, "/review_analytics/metrics?metrics=reviews_count&dimensions=user");
    expect((json["data"] as { dimension_name: string | null }[]).some(({ dimension_name }) => dimension_name?.includes(" "))).toBe(true);
  });

  test.each(["", "metrics=stars", "metrics=reviews_count&dimensions=planet", "metrics=rank"])("%j is 400 under error", async (query) => {
    const { status, json } = await call(sandbox, `/review_analytics/metrics?${query}`);
    expect(status).toBe(400);
    expect(json).toHaveProperty("error.json");
  });
});

describe("the rest", () => {
  test("live posts of one store", async () => {
    const id = rawStores(sandbox)[0]?.id;
    const { json } = await call(sandbox, `/posts?state__in=live&business__in=${id}`);
    const posts = json["posts"] as { business_id: string; post_status: { state: string }[] }[];
    expect(posts.length).toBeGreaterThan(0);
    expect(posts.every((post) => post.business_id === id && post.post_status[0]?.state === "live")).toBe(true);
  });

  test("categories have names in the language asked for", async () => {
    expect((await call(sandbox, "/categories/gcid:bakery?lang=it")).json).toMatchObject({ gmb_id: "gcid:bakery", name: "Panetteria" });
    expect((await call(sandbox, "/categories?lang=es&search_query=panader")).json["count"]).toBe(1);
    expect((await call(sandbox, "/categories?state=DEPRECATED")).json["count"]).toBe(1);
    expect((await call(sandbox, "/categories/gcid:nothing")).status).toBe(404);
    expect((await call(sandbox, "/categories?lang=xx")).json).toHaveProperty("errors.json.lang.choices");
  });

  test("the attribute list wants a language and a category", async () => {
    expect((await call(sandbox, "/attributes/list")).json).toEqual({
      errors: { json: { lang: "is required", category_name: "is required" } },
    });
    const { json } = await call(sandbox, "/attributes/list?lang=fr&category_name=gcid:bar&country=FR");
    expect((json["groups"] as { name: string }[]).map(({ name }) => name)).toContain("Accessibility");
  });

  test("sections, one section, one group with its stores", async () => {
    const { json } = await call(sandbox, "/sections?group_name_query=bretagne");
    const [section] = json["sections"] as { id: number; name: string; groups: { id: number }[] }[];
    expect([section?.name, section?.groups.length]).toEqual(["Region", 1]);
    const group = await call(sandbox, `/sections/${section?.id}/groups/${section?.groups[0]?.id}`);
    expect(group.json["business_ids"]).toEqual(
      rawStores(sandbox)
        .filter((store) => store["region"] === "Bretagne")
        .map(({ id }) => id),
    );
  });

  test("permissions name what public pages name", async () => {
    const { text } = await call(sandbox, "/permissions");
    for (const name of [
      "business_edit",
      "business_edit_name",
      "business_edit_categories",
      "business_edit_open_hours",
      "business_edit_attributes",
      "review_read",
    ]) {
      expect(text).toContain(`"name":"${name}"`);
    }
  });
});
