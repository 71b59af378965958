import { createPublicKey, verify } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { Store } from "./support.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { createWebhooks } from "../../src/sandbox/webhooks.ts";
import { call, rawStores, write } from "./support.ts";

interface Delivery {
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A receiver that answers with these statuses in turn, then 200. */
async function startReceiver(
  statuses: readonly number[] = [],
): Promise<{ readonly url: string; readonly next: () => Promise<Delivery>; readonly server: Server }> {
  const waiting: Delivery[] = [];
  const left = [...statuses];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.writeHead(left.shift() ?? 200).end();
      waiting.push({ headers: request.headers, body: Buffer.concat(chunks) });
      server.emit("delivered");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const next = async (): Promise<Delivery> => {
    if (waiting.length === 0) await once(server, "delivered");
    return waiting.shift() as Delivery;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, next, server };
}

function keyOf(seed: number): string {
  return createWebhooks({ seed, signal: new AbortController().signal, retryMs: 1 }).publicKey;
}

let sandbox: RunningSandbox;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  sandbox = await startSandbox({ stores: 40, limitPerMinute: 10_000 });
  receiver = await startReceiver();
  const events = ["business_updated", "business_created", "business_deleted"];
  const items = events.map((event_type) => ({ url: receiver.url, event_type, custom_headers: { "X-Bff-Hook": "made-up" } }));
  await write(sandbox, "POST", "/webhooks", { items });
});
afterAll(async () => {
  await sandbox.close();
  receiver.server.close();
});

describe("deliveries", () => {
  test("an edit is told with the whole store, signed over the bytes sent", async () => {
    const store = rawStores(sandbox)[3] as Store;
    await write(sandbox, "POST", `/business/${store.id}`, { name: "Acme Été" });
    const { headers, body } = await receiver.next();
    const key = createPublicKey({ key: Buffer.from(sandbox.publicKey, "base64"), format: "der", type: "spki" });
    const signature = Buffer.from(String(headers["x-partoo-signature-v1"]), "base64");
    expect(key.asymmetricKeyType).toBe("ed25519");
    expect(verify(null, body, key, signature)).toBe(true);
    expect(verify(null, Buffer.concat([body, Buffer.from(" ")]), key, signature)).toBe(false);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["x-bff-hook"]).toBe("made-up");
    const told = JSON.parse(body.toString()) as { type: string; payload: { business: Store } };
    expect(told.type).toBe("business_updated");
    expect(told.payload.business).toEqual((await call(sandbox, `/business/${store.id}`)).json);
  });

  test("creation and deletion are told too", async () => {
    const { json } = await write(sandbox, "POST", "/business", { name: "Acme Pop-up", country: "FR" });
    expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({
      type: "business_created",
      payload: { business: { id: json["id"] } },
    });
    await call(sandbox, `/business/${String(json["id"])}`, undefined, { method: "DELETE" });
    expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({
      type: "business_deleted",
      payload: { business: { id: json["id"] } },
    });
  });

  test("5xx is tried again, 4xx is not", async () => {
    const failing = await startReceiver([503, 500, 410]);
    const stop = new AbortController();
    const webhooks = createWebhooks({ seed: 1, signal: stop.signal, retryMs: 5 });
    webhooks.set({ url: failing.url, event_type: "business_updated", org_id: 42, custom_headers: {} });
    webhooks.emit(42, "business_updated", { business: { id: "a" } });
    const first = await failing.next();
    const second = await failing.next();
    const third = await failing.next();
    expect([second.body, third.body]).toEqual([first.body, first.body]);
    webhooks.emit(42, "business_updated", { business: { id: "b" } });
    expect((await failing.next()).body.toString()).toContain('"b"');
    stop.abort();
    failing.server.close();
  });

  test("the signing key depends on the seed only, so that a configuration can hold it", () => {
    expect(keyOf(1)).toBe(sandbox.publicKey);
    expect(keyOf(2)).not.toBe(sandbox.publicKey);
    expect(keyOf(1)).toMatch(/^MCowBQYDK2VwAyEA/);
  });
});

describe("registration", () => {
  test("one URL per event and organization; changed and removed by number", async () => {
    const { json } = await call(sandbox, "/webhooks");
    const [first] = json["items"] as { id: number; url: string; event_type: string; org_id: number }[];
    expect([json["count"], first?.event_type, first?.org_id]).toEqual([3, "business_updated", 42]);
    expect((await write(sandbox, "POST", "/webhooks", { items: [{ url: receiver.url, event_type: "business_updated" }] })).status).toBe(
      400,
    );
    const changed = await write(sandbox, "PUT", `/webhooks/${first?.id}`, { url: "https://bff.acme.example/webhooks/partoo/acme" });
    expect(changed.json).toMatchObject({ id: first?.id, url: "https://bff.acme.example/webhooks/partoo/acme" });
    expect((await call(sandbox, `/webhooks/${first?.id}`, undefined, { method: "DELETE" })).status).toBe(200);
    expect((await call(sandbox, "/webhooks")).json["count"]).toBe(2);
    expect((await call(sandbox, "/webhooks", "sandbox-other-org")).json["count"]).toBe(0);
  });

  test.each([
    [{}, "items"],
    [{ items: [{ url: "http://hooks.example/", event_type: "business_updated" }] }, "url"],
    [{ items: [{ url: "https://hooks.example/", event_type: "world_ended" }] }, "event_type"],
    [
      { items: [{ url: "https://hooks.example/", event_type: "lead_received", custom_headers: { "X-Partoo-Signature-v1": "x" } }] },
      "custom_headers",
    ],
  ])("the body %j is refused", async (body, field) => {
    const { status, json } = await write(sandbox, "POST", "/webhooks", body);
    expect(status).toBe(400);
    expect(json).toHaveProperty(`error.json.${field}`);
  });
});
