/** Names by which stored responses are purged. An entry has a handful; a purge names some. */
import { createHash } from "node:crypto";

/** Every entry has it, without listing it. */
export const TAG_ALL = "all";

const MAX_TAG_LENGTH = 256;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Everything that came in through one key. */
export const keyTag = (keyName: string): string => `key:${keyName}`;

/** Everything of one route, under whichever key: `route:/business/search`. */
export const routeTag = (template: string): string => `route:${template}`;

/** All lists of a key: a change of one store may change any of them. */
export const listTag = (keyName: string): string => `list:${keyName}`;

/** One store, by either of its names: its id, or `c-` and its code. A name that can't stand in a tag is replaced by its digest. */
export function businessTag(nameOfStore: string): string {
  const tag = `business:${nameOfStore}`;
  return isTag(tag) ? tag : `business:#${createHash("sha256").update(nameOfStore).digest("base64url")}`;
}

/** Whether a tag names one store. */
export const isBusinessTag = (tag: string): boolean => tag.startsWith("business:");

/** The store that a tag names, in a list; empty for other tags. */
export const namedStore = (tag: string): readonly string[] => (isBusinessTag(tag) ? [tag.slice(tag.indexOf(":") + 1)] : []);

/** Whether a text may be a tag: 1 to 256 characters, no control characters. */
export function isTag(text: unknown): text is string {
  return typeof text === "string" && text.length > 0 && text.length <= MAX_TAG_LENGTH && !CONTROL.test(text);
}
