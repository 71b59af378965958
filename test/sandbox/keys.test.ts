import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { Store } from "./support.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { call, EVERYTHING, rawStores, RESTRICTED, write } from "./support.ts";

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ limitPerMinute: 10_000 });
});
afterAll(() => sandbox.close());

const first = (): Store => rawStores(sandbox)[0] as Store;

describe("key check", () => {
  test.each(["", "nobody", "sandbox-expired", "sandbox-disabled", "sandbox-everything, sandbox-everything", "SANDBOX-EVERYTHING"])(
    "the key %j is 401",
    async (key) => {
      const { status, json } = await call(sandbox, "/business/search", key);
      expect([status, json]).toEqual([401, { errors: { authentication: "User not authenticated" } }]);
    },
  );

  test("newer endpoints say error, older ones errors", async () => {
    expect((await call(sandbox, "/posts", "nobody")).json).toEqual({ error: { authentication: "User not authenticated" } });
    expect((await call(sandbox, "/reviews", "nobody")).json).toEqual({ errors: { authentication: "User not authenticated" } });
    expect((await call(sandbox, "/nothing", EVERYTHING)).json).toEqual({ error: { json: "Resource not found" } });
    expect((await call(sandbox, "/business/nobody", EVERYTHING)).json).toEqual({ errors: { json: "Resource not found" } });
  });

  test("the key is taken from its header only", async () => {
    expect((await call(sandbox, "/user/me?api_key=sandbox-everything", "")).status).toBe(401);
    expect((await call(sandbox, "/user/me", "", { headers: { authorization: "Bearer sandbox-everything" } })).status).toBe(401);
  });

  test("keys handed in at the start are accepted too", async () => {
    const own = await startSandbox({
      stores: 40,
      keys: [{ value: "mine", label: "Mine", organization: 42, type: "bot", role: "ORG_ADMIN" }],
    });
    expect((await call(own, "/user/me", "mine")).json).toMatchObject({ org_id: 42, role: "ORG_ADMIN" });
    await own.close();
  });

  test("a key with a list of addresses works from those only", async () => {
    const key = { label: "Fixed", organization: 42, type: "bot", role: "ORG_ADMIN" } as const;
    const own = await startSandbox({
      stores: 40,
      keys: [
        { ...key, value: "here", ipWhitelist: ["127.0.0.0/8"] },
        { ...key, value: "elsewhere", ipWhitelist: ["203.0.113.7"] },
      ],
    });
    expect((await call(own, "/user/me", "here")).status).toBe(200);
    expect((await call(own, "/user/me", "elsewhere")).status).toBe(401);
    await own.close();
  });
});

describe("a key restricted to review_read", () => {
  test.each([
    "/business/search",
    "/reviews",
    "/review_analytics/metrics?metrics=reviews_count",
    "/posts",
    "/categories",
    "/sections",
    "/user/me",
  ])("may read %s", async (target) => {
    expect((await call(sandbox, target, RESTRICTED)).status).toBe(200);
  });

  test.each(["/api_keys", "/permissions", "/webhooks"])("may not read %s", async (target) => {
    expect((await call(sandbox, target, RESTRICTED)).status).toBe(403);
  });

  test("may neither read attributes nor write: 403 in Partoo's shape", async () => {
    const refused = { errors: { authorization: "Operation not allowed" } };
    expect(await call(sandbox, `/business/${first().id}/attributes`, RESTRICTED)).toMatchObject({ status: 403, json: refused });
    expect(await write(sandbox, "POST", `/business/${first().id}`, { name: "No" }, RESTRICTED)).toMatchObject({
      status: 403,
      json: refused,
    });
  });
});

describe("what a key sees", () => {
  test("another organization's key sees its own stores only", async () => {
    const { json } = await call(sandbox, "/business/search?per_page=100", "sandbox-other-org");
    expect((json["businesses"] as Store[]).every((store) => store["org_id"] === 77 && store.name.startsWith("Bellavista"))).toBe(true);
    expect((await call(sandbox, `/business/${first().id}`, "sandbox-other-org")).status).toBe(404);
  });

  test("a store manager's personal key sees the 25 stores assigned to it", async () => {
    const { json } = await call(sandbox, "/business/search?status=open,closed,temporarily_closed,opening_soon", "sandbox-personal");
    expect(json["count"]).toBe(25);
    expect((await call(sandbox, `/business/${rawStores(sandbox)[30]?.id}`, "sandbox-personal")).status).toBe(403);
    expect((await call(sandbox, "/user/me", "sandbox-personal")).json).toMatchObject({ role: "BUSINESS_MANAGER", first_name: "Camille" });
  });

  test("decoded slashes and dots reach the key list, as they may at Partoo", async () => {
    const { status, json } = await call(sandbox, "/business/..%2Fapi_keys");
    expect(status).toBe(200);
    expect(json).toHaveProperty("api_keys");
  });
});

describe("/api_keys", () => {
  test("lists every key of the organization and the value of none", async () => {
    const { json, text } = await call(sandbox, "/api_keys");
    expect(json["count"]).toBe(5);
    expect(text).not.toContain("sandbox-");
    expect((json["api_keys"] as object[])[0]).toMatchObject({
      label: "Store locator",
      user_type: "bot",
      user_name: null,
      has_restricted_permissions: true,
      permissions: ["review_read"],
      disabled: false,
      expiration_date: null,
    });
  });

  test.each([
    ["status=active", 3],
    ["status=inactive", 2],
    ["status=expired", 1],
    ["status=disabled", 1],
    ["type=user", 1],
    ["search_text=locator", 1],
    ["search_text=sandbox-everything", 1],
  ])("%s finds %d", async (query, count) => {
    expect((await call(sandbox, `/api_keys?${query}`)).json["count"]).toBe(count);
  });

  test("a key is created without its value, works with what the app shows, and stops when revoked", async () => {
    const body = { label: "New site", expiration_date: "2999-01-01", has_restricted_permissions: true, permissions: ["review_read"] };
    const { status, json, text } = await write(sandbox, "POST", "/api_keys", body);
    expect([status, json["label"], json["permissions"]]).toEqual([201, "New site", ["review_read"]]);
    const shown = (await (await fetch(`${sandbox.origin}/_sandbox/keys`)).json()) as { keys: { id: number; value: string }[] };
    const value = shown.keys.find(({ id }) => id === json["id"])?.value ?? "";
    expect(value.length).toBeGreaterThan(20);
    expect(text).not.toContain(value);
    expect((await call(sandbox, "/reviews", value)).status).toBe(200);
    expect((await call(sandbox, "/api_keys", value)).status).toBe(403);
    const revoked = await write(sandbox, "POST", `/api_keys/revoke/${String(json["id"])}`, {});
    expect(revoked.json).toEqual({ id: json["id"], status: "success" });
    expect((await call(sandbox, "/reviews", value)).status).toBe(401);
  });

  test("a permission without its parent, or beyond its user's role, is listed as set and does not work", async () => {
    const permissions = ["business_edit_attributes", "review_read"];
    const made = await write(sandbox, "POST", "/api_keys", { label: "Orphan", has_restricted_permissions: true, permissions });
    const id = String(made.json["id"]);
    expect((await call(sandbox, `/api_keys/${id}`)).json["permissions"]).toEqual(["review_read"]);
    expect((await call(sandbox, `/api_keys/${id}?include_all_permissions=true`)).json["permissions"]).toEqual(permissions);
    const { json } = await call(sandbox, "/permissions");
    expect(JSON.stringify(json)).toContain(
      '"name":"review_read","feature":"review_management","depends_on":null,"disabled_for_roles":["PUBLISHER"]',
    );
    await write(sandbox, "POST", `/api_keys/revoke/${id}`, {});
  });

  test("an update narrows a key at once", async () => {
    const made = await write(sandbox, "POST", "/api_keys", { label: "Wide" });
    const id = String(made.json["id"]);
    const { status, json } = await write(sandbox, "PUT", `/api_keys/${id}`, {
      label: "Narrow",
      has_restricted_permissions: true,
      permissions: [],
    });
    expect([status, json["label"], json["has_restricted_permissions"], json["permissions"]]).toEqual([200, "Narrow", true, []]);
    expect((await call(sandbox, `/api_keys/${id}`)).json["label"]).toBe("Narrow");
  });

  test.each([
    [{}, "label"],
    [{ label: "x", expiration_date: "2020-01-01" }, "expiration_date"],
    [{ label: "x", ip_whitelist: ["not an address"] }, "ip_whitelist"],
    [{ label: "x", has_restricted_permissions: true }, "permissions"],
    [{ label: "x", has_restricted_permissions: true, permissions: ["rule_the_world"] }, "permissions"],
  ])("the body %j is refused", async (body, field) => {
    const { status, json } = await write(sandbox, "POST", "/api_keys", body);
    expect(status).toBe(400);
    expect(Object.keys((json["errors"] as { json: object }).json)).toEqual([field]);
  });
});

describe("bodies", () => {
  test("a write that is not JSON is 415, always under errors", async () => {
    for (const target of [`/business/${first().id}`, "/webhooks"]) {
      const answer = await call(sandbox, target, EVERYTHING, {
        method: "POST",
        body: "a=1",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      expect(answer.status).toBe(415);
      expect(answer.json).toHaveProperty("errors.json");
    }
  });

  test("malformed JSON is 400 and a method nobody knows here is 405", async () => {
    const broken = await call(sandbox, `/business/${first().id}`, EVERYTHING, { method: "POST", body: "{" });
    expect(broken.status).toBe(400);
    const patched = await call(sandbox, "/categories", EVERYTHING, { method: "DELETE" });
    expect([patched.status, patched.headers.get("allow")]).toEqual([405, "GET"]);
  });
});
