/** JSON put together from what is held as bytes and what is made for one answer: nothing is parsed, and most is only copied. */

import { ownBytes } from "../cache/entry.ts";

/** An object without its closing brace, in two parts: the second is one for all stores of the same hours. */
export type OpenObject = readonly [own: Buffer, hours: Buffer];

/** @param members as JSON without braces; what is empty is left out */
export function objectText(...members: readonly string[]): string {
  return `{${membersText(...members)}}`;
}

/** The same without braces. */
export function membersText(...members: readonly string[]): string {
  let text = "";
  for (const member of members) if (member !== "") text += text === "" ? member : `,${member}`;
  return text;
}

/** @param own members as JSON without braces @param hours the same; bytes for equal texts may be shared by `share` */
export function openObject(own: string, hours: string, share: (text: string) => Buffer): OpenObject {
  return [keptBytes(`{${own}`), share(hours === "" || own === "" ? hours : `,${hours}`)];
}

/** In memory of their own: a piece of Node's shared slabs would hold the whole slab for as long as the store is held. */
export function keptBytes(text: string): Buffer {
  return ownBytes(Buffer.from(text));
}

/** What closes an open object, with more members. */
export function closing([own, hours]: OpenObject, ...members: readonly string[]): string {
  const text = membersText(...members);
  return own.length + hours.length > 1 && text !== "" ? `,${text}}` : `${text}}`;
}

export function closedText(object: OpenObject): string {
  return `${object[0].toString()}${object[1].toString()}}`;
}

/** One after the other. @param parts bytes, or text in ASCII */
export function bytesOf(parts: readonly (Buffer | string)[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) at += typeof part === "string" ? whole.write(part, at, "latin1") : part.copy(whole, at);
  return whole;
}
