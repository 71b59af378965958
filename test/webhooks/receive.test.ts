/** What is posted to the webhook path: who is believed, what is refused, and what it leaves. */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { business, idOf, nameShown, pageOf, SEARCH, store } from "../cache/partoo.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { HOOK, signedScene, webhook } from "./scene.ts";

const EDITED = store(1, { name: "Edited", modified: 1_790_000_001 });
const DELETED = "business_deleted";
const UPDATED = "business_updated";

async function codeOf(answer: Response): Promise<unknown> {
  return [answer.status, ((await answer.json()) as { code: string }).code];
}

describe("a webhook is believed", () => {
  test.each([
    ["the body", (bytes: Buffer) => bytes],
    ["the body's SHA-256 digest", (bytes: Buffer) => createHash("sha256").update(bytes).digest()],
  ])("when %s is signed", async (_what, signedBytes) => {
    const { gateway, partoo, key, post } = await signedScene();
    await gateway.get(pageOf(1));
    const body = webhook(UPDATED, business(EDITED));
    const answer = await post(body, { "x-partoo-signature-v1": key.sign(signedBytes(body)) });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect([await nameShown(gateway, 1), await nameShown(gateway, "c-FR-1")]).toEqual(["Edited", "Edited"]);
    expect(partoo.calls()).toHaveLength(1);
  });

  test("never without a signature, and nothing changes", async () => {
    const { gateway, post } = await signedScene();
    await gateway.get(pageOf(1));
    expect(await codeOf(await post(webhook(UPDATED, business(EDITED))))).toEqual([401, "webhook-signature"]);
    expect(await nameShown(gateway, 1)).toBe("Acme 1");
    expect(gateway.counts().webhooks_refused).toBe(1);
  });

  test.each([
    "",
    "{",
    "[]",
    "null",
    "{}",
    '{"type":1}',
    '{"type":"business_updated"}',
    '{"type":"business_deleted","payload":{"business":{"id":"../x"}}}',
  ])("but %j is not understood", async (body) => {
    const { key, post } = await signedScene();
    expect(await codeOf(await post(body, { "x-partoo-signature-v1": key.sign(Buffer.from(body)) }))).toEqual([400, "request-malformed"]);
  });

  test("of an event that we hold nothing of, it changes nothing", async () => {
    const { key, post } = await signedScene();
    const body = Buffer.from('{"type":"review_created","payload":{"review":{"id":1}}}');
    expect((await post(body, { "x-partoo-signature-v1": key.sign(body) })).status).toBe(200);
  });
});

describe("a path of webhooks", () => {
  test("is there for organizations that take them", async () => {
    const { post } = await signedScene();
    for (const path of ["/webhooks/partoo/other", "/webhooks/partoo/%61cme", "/webhooks/partoo/__proto__"]) {
      expect(await codeOf(await post("{}", {}, path))).toEqual([404, "route-not-allowed"]);
    }
    expect(await codeOf(await post("{}", {}, "/webhooks/partoo/acme/"))).toEqual([404, "frontend-unknown"]);
  });

  test.each(["GET", "PUT", "DELETE", "OPTIONS"])("takes no %s", async (method) => {
    const { gateway } = await signedScene();
    const answer = await fetch(gateway.url + HOOK, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("is read as strictly as any other: one valid Host, a bounded header section", async () => {
    const { gateway } = await signedScene();
    const lines = (fields: string): string => `POST ${HOOK} HTTP/1.1\r\n${fields}Content-Length: 2\r\n\r\n{}`;
    expect((await sendRaw(gateway.port, lines("Host: a\r\nHost: b\r\n"))).status).toBe(400);
    expect((await sendRaw(gateway.port, lines(`Host: a\r\nX-Long: ${"x".repeat(17_000)}\r\n`))).status).toBe(431);
  });
});

/** As a signature looks: the body has to be read to find out that it is none. */
const SIGNED = `X-Partoo-Signature-V1: ${"A".repeat(86)}==`;

describe("a body", () => {
  test("of somebody who shows no signature is not waited for", async () => {
    const { gateway } = await signedScene();
    const head = request(HOOK, {
      method: "POST",
      fields: ["Content-Length: 100", "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    });
    const { status, closed } = await sendRaw(gateway.port, [head, "{"]);
    expect([status, closed]).toEqual([401, true]);
    expect(gateway.log.filter(({ webhooks }) => webhooks === "acme")).toMatchObject([
      { status: 401, code: "webhook-signature", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" },
    ]);
  });

  test("beyond 1 MiB is refused by what Content-Length says, and the connection ends", async () => {
    const { gateway } = await signedScene();
    const head = request(HOOK, { method: "POST", fields: [SIGNED, "Content-Length: 1048577"] });
    const { status, closed, body } = await sendRaw(gateway.port, head);
    expect([status, closed, body]).toEqual([413, true, expect.stringContaining('"body-too-large"')]);
  });

  test("beyond 1 MiB is refused whatever was said", async () => {
    const { gateway } = await signedScene();
    const head = request(HOOK, { method: "POST", fields: [SIGNED, "Transfer-Encoding: chunked"] });
    const { status, closed } = await sendRaw(gateway.port, [head, "100001\r\n", "x".repeat(0x100001), "\r\n"]);
    expect([status, closed]).toEqual([413, true]);
  });

  test.each([
    ["chunk framing is broken", [SIGNED, "Transfer-Encoding: chunked"], "zz\r\n{}\r\n0\r\n\r\n"],
    ["chunk framing breaks later", [SIGNED, "Transfer-Encoding: chunked"], "2\r\n{}\r\nzz\r\n"],
  ])("whose %s is refused at once, and the connection ends", async (_what, fields, body) => {
    const { gateway } = await signedScene();
    const answer = await sendRaw(gateway.port, [request(HOOK, { method: "POST", fields }), body]);
    expect([answer.status, answer.closed]).toEqual([400, true]);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "request-malformed" });
    expect(gateway.log.filter(({ webhooks }) => webhooks === "acme")).toMatchObject([{ status: 400, code: "request-malformed" }]);
  });

  test("of exactly 1 MiB is read", async () => {
    const { post } = await signedScene();
    expect((await post("x".repeat(1024 * 1024))).status).toBe(401);
  });

  test("is asked for when the sender waits for that", async () => {
    const { gateway } = await signedScene();
    const head = request(HOOK, { method: "POST", fields: [SIGNED, "Expect: 100-continue", "Content-Length: 2"] });
    expect((await sendRaw(gateway.port, head)).text).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
  });

  test("that breaks off harms nobody", async () => {
    const { gateway } = await signedScene();
    await new Promise<void>((resolve) => {
      const socket = connect(gateway.port, "127.0.0.1", () => {
        socket.write(request(HOOK, { method: "POST", fields: [SIGNED, "Content-Length: 100"] }) + "{", () => socket.destroy());
      });
      socket.on("close", () => resolve());
    });
    expect((await gateway.get(pageOf(1))).status).toBe(200);
  });

  test("and what it is about are not in the log: one line, of names", async () => {
    const { gateway, tell } = await signedScene();
    await tell(UPDATED, store(1, { name: "Canary name" }));
    const lines = gateway.log.filter(({ webhooks }) => webhooks === "acme");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ method: "POST", status: 200, address: "127.0.0.0/24" });
    expect(JSON.stringify(gateway.log)).not.toMatch(/Canary|Jeanne|0000000000000001/);
  });
});

describe("a webhook", () => {
  test("leaves no personal field", async () => {
    const { gateway, tell } = await signedScene({ fields: "name, phone" });
    await gateway.get(pageOf(1));
    await tell(UPDATED, EDITED);
    expect(await (await gateway.get(pageOf(1))).json()).toEqual({ name: "Edited", phone: "+33142000000" });
  });

  test("of a deletion: the store is not found, by id and by code, also after a late edit", async () => {
    const { gateway, partoo, tell } = await signedScene();
    await gateway.get(SEARCH);
    partoo.stores = [store(2)];
    await tell(DELETED, store(1));
    await tell(UPDATED, EDITED);
    expect((await gateway.get(pageOf(1))).status).toBe(404);
    expect((await gateway.get(pageOf("c-FR-1"))).status).toBe(404);
    expect(await nameShown(gateway, 2)).toBe("Acme 2");
    expect(partoo.calls().slice(1)).toEqual([`/v2/business/${idOf(1)}`, "/v2/business/c-FR-1"]);
  });

  test("under another code moves the store to it", async () => {
    const { gateway, partoo, tell } = await signedScene();
    await gateway.get(pageOf("c-FR-1"));
    partoo.stores = [];
    await tell(UPDATED, { ...EDITED, code: "FR-NEW" });
    expect(await nameShown(gateway, "c-FR-NEW")).toBe("Edited");
    expect((await gateway.get(pageOf("c-FR-1"))).status).toBe(404);
  });

  test("makes lists stale: answered at once, refreshed behind it", async () => {
    const { gateway, tell } = await signedScene();
    await gateway.get(SEARCH);
    await tell(UPDATED, EDITED);
    expect((await gateway.get(SEARCH)).headers.get("cache-status")).toBe("partoo-bff; hit; ttl=-1");
  });
});
