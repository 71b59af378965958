/** Whether a call may reach Partoo: its bytes against the configuration, written down apart from the code that is attacked. */
import type { Endpoint } from "../src/partoo/endpoint.ts";
import type { AllowedRoute } from "./world-config.ts";
import { CATALOGUE } from "../src/partoo/catalogue.ts";
import { KEYS } from "./secrets.ts";

/** @param head header section as it arrived. @param port where it arrived. @returns what is wrong with it */
export type CallJudge = (head: string, port: number) => string | undefined;

const PREFIX = "/v2";
const EVERY_STATUS = "closed,open,opening_soon,temporarily_closed";
const SEGMENTS: Readonly<Record<string, string>> = {
  business_id: "(?:[0-9a-f]{24}|c-(?:[A-Za-z0-9._~-]|%20)+)",
  other: "[A-Za-z0-9:._~%-]+",
};
const FORMS: readonly (readonly [RegExp, string])[] = [...CATALOGUE.keys()].map((template) => [formOf(template), template]);
const PAIR = /^([a-z_]+)=((?:[A-Za-z0-9\-_.!~*'()]|%[0-9A-F]{2})*)$/;
const CONTROL_ESCAPE = /%(?:[01][0-9A-F]|7F)/;

function formOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, (_, name: string) => SEGMENTS[name] ?? SEGMENTS["other"] ?? "")}$`);
}

/** What is asked for; anything there is when that can't be told. */
export function endpointOf(target: string): Endpoint {
  const template = templateOf(pathOf(target)) ?? "/business/search";
  return CATALOGUE.get(template) as Endpoint;
}

/** @param allowed what keys may be used for. @param forbidden templates that must not be called whatever the configuration says */
export function createCallJudge(
  allowed: ReadonlyMap<string, Readonly<Record<string, AllowedRoute>>>,
  forbidden: readonly string[],
): CallJudge {
  return (head, port) => {
    const [line = "", ...fields] = head.trimEnd().split("\r\n");
    const [method, target = "", version, ...rest] = line.split(" ");
    if (method !== "GET" || version !== "HTTP/1.1" || rest.length > 0) return "the request line is not ours";
    const keyName = Object.entries(KEYS).find(([, value]) => fields.includes(`x-apikey: ${value}`))?.[0] as keyof typeof KEYS | undefined;
    if (keyName === undefined) return "no key of ours is in x-apikey";
    if (fields.join("\n") !== expectedFields(port, KEYS[keyName])) return "the header fields are not exactly ours";
    if (Object.values(KEYS).some((value) => target.includes(value))) return "a key is in the target";
    return judgeTarget(target, allowed.get(keyName) ?? {}, forbidden);
  };
}

function expectedFields(port: number, key: string): string {
  const ours = [
    "connection: keep-alive",
    `x-apikey: ${key}`,
    "accept: application/json",
    "accept-encoding: gzip, br",
    "user-agent: partoo-bff",
  ];
  return [`host: 127.0.0.1:${port}`, ...ours].join("\n");
}

function judgeTarget(target: string, routes: Readonly<Record<string, AllowedRoute>>, forbidden: readonly string[]): string | undefined {
  const template = templateOf(pathOf(target));
  if (template === undefined) return "no route has this path";
  if (forbidden.includes(template)) return `${template} is forbidden`;
  const route = routes[`GET ${template}`];
  if (route === undefined) return `the key is not allowed ${template}`;
  const pairs = readPairs(target);
  if (pairs === undefined) return "the query is not spelled as we spell it";
  if (isOurOwn(template, pairs, route)) return undefined;
  const { query = {}, force = {} } = route;
  const unlisted = [...pairs.keys()].find((name) => !Object.hasOwn(query, name) && !Object.hasOwn(force, name));
  if (unlisted !== undefined) return `${unlisted} is not listed`;
  const changed = Object.entries(force).find(([name, value]) => pairs.get(name) !== value);
  return changed === undefined ? undefined : `${changed[0]} is not as it is forced`;
}

function templateOf(path: string): string | undefined {
  return FORMS.find(([form, template]) => form.test(path) && (template.includes("{") ? !CATALOGUE.has(path) : true))?.[1];
}

function pathOf(target: string): string {
  const path = target.split("?")[0] ?? "";
  return path.startsWith(`${PREFIX}/`) ? path.slice(PREFIX.length) : "";
}

/** @returns undefined when a name is repeated, out of order, or a value is spelled as we never spell one */
function readPairs(target: string): ReadonlyMap<string, string> | undefined {
  const [, query, ...rest] = target.split("?");
  if (rest.length > 0) return undefined;
  if (query === undefined) return new Map();
  const pairs = query.split("&").map((pair) => PAIR.exec(pair));
  const names = pairs.map((pair) => pair?.[1] ?? "");
  const isOrdered = names.every((name, nth) => name !== "" && (nth === 0 || (names[nth - 1] ?? "") < name));
  if (!isOrdered || CONTROL_ESCAPE.test(query)) return undefined;
  return new Map(pairs.map((pair) => [pair?.[1] ?? "", decodeURIComponent(pair?.[2] ?? "")]));
}

/** Pages of the sweep and of the ratings, which nobody asks for from outside. */
function isOurOwn(template: string, pairs: ReadonlyMap<string, string>, { force = {} }: AllowedRoute): boolean {
  const names = [...pairs.keys()].filter((name) => name !== "modified__gte");
  if (template === "/business/search") {
    return names.join() === "page,per_page,status" && pairs.get("status") === EVERY_STATUS && pairs.get("per_page") === "100";
  }
  if (template !== "/review_analytics/metrics" || pairs.get("dimensions") !== "business") return false;
  const free = new Set(["dimensions", "metrics", "page", "per_page"]);
  return names.every((name) => free.has(name) || force[name] === pairs.get(name));
}
