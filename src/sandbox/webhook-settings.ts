/** Reads the bodies that register and change webhooks (partoo reference §9). */
import type { EventType, Subscription } from "./webhooks.ts";
import { invalid } from "./answer.ts";
import { EVENT_TYPES } from "./webhooks.ts";

type Item = Pick<Subscription, "url" | "event_type" | "custom_headers">;
type Body = Readonly<Record<string, unknown>>;

const MAX_HEADERS = 5;
const HEADER_NAME = /^x-(?!partoo)[\w-]{1,126}$/i;
const HEADER_VALUE = /^[\x20-\x7e]{1,512}$/;

/** The items of `{items: [{url, event_type, custom_headers?}]}`. @throws Refusal 400 */
export function readWebhookItems(body: unknown): readonly Item[] {
  const items = isRecord(body) ? body["items"] : undefined;
  if (!Array.isArray(items) || items.length === 0) throw invalid({ items: "Missing data for required field." });
  const read = items.map((item: unknown) => {
    const given = isRecord(item) ? item : {};
    const event = given["event_type"];
    if (!(EVENT_TYPES as readonly unknown[]).includes(event))
      throw invalid({ event_type: { explanation: "incorrect value", choices: EVENT_TYPES } });
    return { url: urlOf(given), event_type: event as EventType, custom_headers: headersOf(given) };
  });
  if (new Set(read.map(({ event_type }) => event_type)).size < read.length) throw invalid({ items: "One URL per event." });
  return read;
}

/** What a PUT changes: the URL and the custom headers. @throws Refusal 400 */
export function readWebhookUpdate(body: unknown): Pick<Item, "url" | "custom_headers"> {
  const given = isRecord(body) ? body : {};
  return { url: urlOf(given), custom_headers: headersOf(given) };
}

/** HTTPS only, as at Partoo; plain HTTP on this machine too, which a sandbox could not do without. */
function urlOf({ url }: Body): string {
  const parsed = typeof url === "string" ? URL.parse(url) : null;
  const isHere = parsed?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname);
  if (parsed === null || (parsed.protocol !== "https:" && !isHere)) throw invalid({ url: "Not a valid https URL." });
  return parsed.href;
}

function headersOf({ custom_headers: given = {} }: Body): Readonly<Record<string, string>> {
  const entries = isRecord(given) ? Object.entries(given) : [];
  const fine =
    isRecord(given) &&
    entries.length <= MAX_HEADERS &&
    entries.every(([name, value]) => HEADER_NAME.test(name) && HEADER_VALUE.test(String(value)));
  if (!fine) throw invalid({ custom_headers: "At most 5, named X-…, not X-Partoo…." });
  return given as Readonly<Record<string, string>>;
}

function isRecord(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
