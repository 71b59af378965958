/** What an operator may purge, and the tags of stored responses that stand for it. */
import type { Policy } from "../policy.ts";
import type { Instance } from "./instance.ts";
import { TAG_ALL, businessTag, keyTag, listTag, routeTag } from "../cache/tags.ts";
import { problem } from "../problem.ts";

/** What is to be purged, as the operator names it. */
export type PurgeTarget = { readonly all: true } | { readonly tag: string };

const STORE_NAME = /^(?:[0-9a-f]{24}|c-.+)$/;

/** @returns tags, at least one. @throws Problem parameter-invalid for what is no tag or names nothing of the running policy */
export async function tagsOfTarget(target: PurgeTarget, instance: Pick<Instance, "policy" | "recall">): Promise<readonly string[]> {
  if ("all" in target) return [TAG_ALL];
  const policy = instance.policy();
  const kind = target.tag.slice(0, target.tag.indexOf(":"));
  const name = target.tag.slice(kind.length + 1);
  const keys = [...policy.keys.values()];
  switch (kind) {
    case "business":
      return storeTags(name, instance);
    case "key":
      return [keyTag(oneOf(name, policy.keys.keys(), "key"))];
    case "list":
      return [listTag(oneOf(name, policy.keys.keys(), "key"))];
    case "organization":
      oneOf(name, policy.organizations.keys(), "organization");
      return keys.filter(({ organization }) => organization.name === name).map((key) => keyTag(key.name));
    case "route":
      return [routeTag(oneOf(name, templatesOf(policy), "route"))];
    default:
      throw invalid("The tag must begin with business:, list:, route:, key: or organization:.");
  }
}

/** A store is held under its id, and what was asked for by its code is stored under that. */
async function storeTags(name: string, { policy, recall }: Pick<Instance, "policy" | "recall">): Promise<readonly string[]> {
  if (!STORE_NAME.test(name)) throw invalid("A store is named by its id (24 hexadecimal digits), or by c- and its code.");
  const held = await Promise.all([...policy().keys.values()].map((key) => recall(key, encodeURIComponent(name))));
  const names = held.flatMap((store) => (store === undefined ? [] : [store.id, ...(store.code === undefined ? [] : [`c-${store.code}`])]));
  return [...new Set([name, ...names])].map(businessTag);
}

function templatesOf({ keys }: Policy): Iterable<string> {
  return new Set([...keys.values()].flatMap(({ routes }) => routes.map(({ template }) => template)));
}

function oneOf(name: string, names: Iterable<string>, kind: string): string {
  const known = [...names];
  if (known.includes(name)) return name;
  throw invalid(`The configuration has no such ${kind}; there is ${known.join(", ")}.`);
}

function invalid(detail: string): Error {
  return problem("parameter-invalid", { detail });
}
