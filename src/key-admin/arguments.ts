/** Reads the arguments of `keys`. Nothing that was typed is repeated in a fault: it may be a key, pasted at the wrong place. */
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import ipaddr from "ipaddr.js";
import type { Wishes } from "./least-privilege.ts";
import { date } from "../config/units.ts";
import { KeysFault } from "./keys-fault.ts";

/** One line on what is wrong with the arguments: the help belongs below it. */
export class UsageFault extends KeysFault {}

interface Common {
  /** The configuration's directory. */
  readonly config: string;
}

export type KeysRequest = Common &
  (
    | { readonly action: "audit"; readonly names: readonly string[]; readonly json: boolean }
    | {
        readonly action: "body" | "create" | "update";
        readonly name: string;
        readonly id: number | undefined;
        readonly wishes: Wishes;
        readonly yes: boolean;
      }
    | { readonly action: "revoke"; readonly id: number; readonly yes: boolean }
  );

const OPTIONS = {
  config: { type: "string", default: "config" },
  json: { type: "boolean", default: false },
  id: { type: "string" },
  expires: { type: "string" },
  ip: { type: "string", multiple: true, default: [] },
  yes: { type: "boolean", default: false },
} satisfies NonNullable<Parameters<typeof parseArgs>[0]>["options"];

type OptionName = keyof typeof OPTIONS;

/** Options of each action, besides --config. */
const OPTIONS_OF = {
  audit: ["json"],
  body: ["id", "expires", "ip"],
  create: ["expires", "ip", "yes"],
  update: ["id", "expires", "ip", "yes"],
  revoke: ["yes"],
} as const satisfies Readonly<Record<KeysRequest["action"], readonly OptionName[]>>;

const ID = /^[1-9][0-9]{0,14}$/;

/** @throws UsageFault, or the TypeError of node:util for options nobody knows */
export function readArguments(argv: readonly string[]): KeysRequest {
  const { values, positionals, tokens } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true });
  const [word = "", ...rest] = positionals;
  if (!isAction(word)) throw new UsageFault(`say what to do: keys ${Object.keys(OPTIONS_OF).join(" | ")}`);
  const allowed = new Set<string>(["config", ...OPTIONS_OF[word]]);
  const stray = tokens.find((token) => token.kind === "option" && !allowed.has(token.name));
  if (stray?.kind === "option") throw new UsageFault(`keys ${word} has no option --${stray.name}`);
  const { config, json, yes } = values;
  if (word === "audit") return { action: word, config, names: rest, json };
  const [operand, ...more] = rest;
  const wanted = word === "revoke" ? "the number of one key of Partoo, as audit shows it" : "the name of one key of bff.yaml";
  if (operand === undefined || more.length > 0) throw new UsageFault(`keys ${word} takes ${wanted}`);
  if (word === "revoke") return { action: word, config, id: readId(operand, `keys revoke takes ${wanted}`), yes };
  const id = values.id === undefined ? undefined : readId(values.id, "--id takes the number of a key of Partoo, as audit shows it");
  return { action: word, config, name: operand, id, wishes: readWishes(values), yes };
}

function isAction(word: string): word is KeysRequest["action"] {
  return Object.hasOwn(OPTIONS_OF, word);
}

function readId(text: string, fault: string): number {
  if (!ID.test(text)) throw new UsageFault(fault);
  return Number(text);
}

function readWishes({ expires, ip }: { readonly expires?: string | undefined; readonly ip: readonly string[] }): Wishes {
  if (expires !== undefined && expires !== "never" && !date.safeParse(expires).success) {
    throw new UsageFault("--expires takes a day such as 2027-06-30, or never");
  }
  if (!ip.every(isNetwork)) throw new UsageFault("--ip takes an address or a CIDR range, as in --ip 203.0.113.7 --ip 2001:db8::/48");
  return { expires: expires === "never" ? null : expires, addresses: ip };
}

function isNetwork(text: string): boolean {
  const [network = ""] = text.split("/");
  return isIP(network) !== 0 && (network === text || ipaddr.isValidCIDR(text));
}
