/** Webhooks as the sandbox sends them: signed, by itself, after an edit. */
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { TestGateway } from "../support/gateway.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { gatewayFor, isSwept, nameShown, pageOf } from "../cache/partoo.ts";
import { call, EVERYTHING, rawStores, write } from "../sandbox/support.ts";
import { until } from "../support/cli.ts";
import { HOOK, OPEN_QUOTA } from "./scene.ts";

let sandbox: RunningSandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ stores: 40, limitPerMinute: 10_000 });
  onTestFinished(() => sandbox.close());
});

async function start(webhooks: string, env = {}, sweep = false, headers = {}): Promise<TestGateway> {
  const options = { organization: `${OPEN_QUOTA}, webhooks: ${webhooks}`, sweep };
  const gateway = await gatewayFor(sandbox, { locator: options, env: { PARTOO_KEY_LOCATOR_READ: EVERYTHING, ...env } });
  const events = ["business_updated", "business_created", "business_deleted"];
  const items = events.map((event_type) => ({ url: gateway.url + HOOK, event_type, custom_headers: headers }));
  expect((await write(sandbox, "POST", "/webhooks", { items })).status).toBe(201);
  return gateway;
}

const told = (gateway: TestGateway, times: number): Promise<void> => until(() => gateway.counts().webhooks === times);
const signed = (): string => `{ public_key: "${sandbox.publicKey}" }`;

test("of swept stores, an edited one costs no call, a new one one, a deleted one none", async () => {
  const gateway = await start(signed(), {}, true);
  await until(() => isSwept(gateway));
  const { id } = rawStores(sandbox)[5]!;
  const { calls } = gateway.counts();
  await write(sandbox, "POST", `/business/${id}`, { name: "Acme Été" });
  const { json } = await write(sandbox, "POST", "/business", { name: "Acme Pop-up", country: "FR" });
  await told(gateway, 2);
  expect(await nameShown(gateway, id)).toBe("Acme Été");
  expect(gateway.counts().calls).toBe(calls);
  expect(await nameShown(gateway, String(json["id"]))).toBe("Acme Pop-up");
  expect(gateway.counts().calls).toBe(calls + 1);
  await call(sandbox, `/business/${id}`, undefined, { method: "DELETE" });
  await told(gateway, 3);
  expect((await gateway.get(pageOf(id))).status).toBe(404);
  expect(gateway.counts().calls).toBe(calls + 1);
});

test("a secret in a header of the operator's choice is accepted, another one is not", async () => {
  const secret = "made-up-secret-of-acme";
  const gateway = await start("{ header: X-Bff-Hook }", { WEBHOOK_SECRET_ACME: secret }, false, { "X-Bff-Hook": secret });
  const { id } = rawStores(sandbox)[3]!;
  await gateway.get(pageOf(id));
  await write(sandbox, "POST", `/business/${id}`, { name: "Acme Été" });
  await told(gateway, 1);
  expect(await nameShown(gateway, id)).toBe("Acme Été");
  for (const headers of [{ "X-Bff-Hook": `${secret}x` }, { "X-Bff-Hook": "" }, {}]) {
    expect((await fetch(gateway.url + HOOK, { method: "POST", body: "{}", headers })).status).toBe(401);
  }
  expect(JSON.stringify(gateway.log)).not.toContain(secret);
});
