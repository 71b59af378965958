/** Webhooks as Partoo sends them, and what somebody makes of one who has seen some. */
import type { Random } from "../src/sandbox/random.ts";
import { business } from "./partoo-documents.ts";
import { WEBHOOK_SECRET } from "./secrets.ts";
import { storeId } from "./targets.ts";
import { spoil, word } from "./words.ts";
import { signWebhook, WEBHOOK_FIELD } from "./world-config.ts";

const TYPES = ["business_updated", "business_created", "business_deleted", "review_created", "business_", "", "__proto__"];

/** The bytes of one request. About four of ten are genuine. */
export function webhook(random: Random): Buffer {
  const genuine = body(random);
  const isGenuine = random.chance(0.5);
  const sent = isGenuine || random.chance(0.5) ? genuine : Buffer.from(spoil(random, genuine.toString("latin1")), "latin1");
  const [organization, proof] = random.chance(0.5) ? ["acme", signed(random, genuine)] : ["loose", withSecret(random)];
  const name = random.chance(0.95) ? organization : random.pick(["loose", "acme", "nobody", "..%2f", word(random)]);
  const fields = [
    "Host: proxy.example",
    isGenuine ? proof : random.pick([proof, spoil(random, proof)]),
    "Content-Type: application/json",
    `Content-Length: ${random.chance(0.97) ? sent.length : sent.length + random.integer(9) - 4}`,
    ...(random.chance(0.05) ? ["Expect: 100-continue"] : []),
  ];
  const method = random.chance(0.97) ? "POST" : random.pick(["GET", "PUT", "HEAD"]);
  return Buffer.concat([Buffer.from(`${method} /webhooks/partoo/${name} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`, "latin1"), sent]);
}

function signed(random: Random, bytes: Buffer): string {
  return `X-Partoo-Signature-V1: ${signWebhook(random.chance(0.9) ? bytes : Buffer.from("another"))}`;
}

function withSecret(random: Random): string {
  return `${WEBHOOK_FIELD}: ${random.chance(0.9) ? WEBHOOK_SECRET : WEBHOOK_SECRET.slice(1)}`;
}

function body(random: Random): Buffer {
  const form = random.next();
  if (form < 0.03) return Buffer.from(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
  if (form < 0.05) return Buffer.from(JSON.stringify({ type: "business_updated", payload: "x".repeat(random.pick([900_000, 1_048_600])) }));
  if (form < 0.1)
    return Buffer.from(random.pick(["", "null", "[]", "1", '"x"', "{", "\ufeff{}", '{"type":1}', '{"type":"business_updated"}']));
  const payload = random.chance(0.9)
    ? { business: { ...business(random), id: storeId(random) } }
    : random.pick<unknown>([null, [], { business: [] }]);
  return Buffer.from(JSON.stringify({ type: random.chance(0.7) ? "business_updated" : random.pick(TYPES), payload }));
}
