/** Section: each key with its expiry, and whether Partoo accepts it. */
import type { KeyExpiry } from "../../key-expiry.ts";
import type { Instance } from "../instance.ts";
import type { Html } from "./markup.ts";
import { keyExpiries } from "../../key-expiry.ts";
import { badge, count, html, table } from "./markup.ts";

/** @param now milliseconds since 1970 */
export function keysSection({ policy, keyRefusals }: Pick<Instance, "policy" | "keyRefusals">, now: number): Html {
  const expiries = new Map(keyExpiries(policy(), now).map((expiry) => [expiry.key, expiry]));
  const refused = new Set(keyRefusals.standing());
  const counts = keyRefusals.counts();
  const refusedWords = (name: string): Html | string => {
    const calls = counts.filter(({ key }) => key === name).reduce((sum, line) => sum + line.count, 0);
    return calls === 0 ? "" : html`<small>${count(calls)} calls refused so far</small>`;
  };
  const rows = [...policy().keys.values()].map(({ name, organization }) => [
    html`${name}<small>${organization.name}</small>`,
    html`${refused.has(name) ? badge("bad", "refused by Partoo") : badge("good", "in use")}${refusedWords(name)}`,
    expiryCell(expiries.get(name)),
  ]);
  return table("Keys", ["Key", "State", "Expires"], rows, "There are no keys.");
}

function expiryCell(expiry: KeyExpiry | undefined): Html {
  if (expiry === undefined) return html`<i>no day in the configuration</i>`;
  const { expires, daysLeft, mark } = expiry;
  const day = html`<time datetime="${expires}">${expires}</time>`;
  if (mark === undefined) return html`${day}<small>in ${count(daysLeft)} days</small>`;
  if (mark === 0) return html`${day} ${badge("bad", "expired")}`;
  return html`${day} ${badge(mark > 1 ? "warn" : "bad", daysLeft === 1 ? "tomorrow" : `in ${daysLeft} days`)}`;
}
