/** Reads query parameters as Partoo spells them: comma lists, two spellings of booleans, numbers; and pages (partoo reference §5). */
import { invalid } from "./answer.ts";

export const DEFAULT_PER_PAGE = 30;
export const MAX_PER_PAGE = 100;

/** Values of a comma separated list, or undefined when the parameter is absent or empty. */
export function list(query: URLSearchParams, name: string): ReadonlySet<string> | undefined {
  const values = (query.get(name) ?? "").split(",").filter((value) => value !== "");
  return values.length === 0 ? undefined : new Set(values);
}

/** The same, where only some values exist. @throws Refusal 400 that names the choices */
export function choices(query: URLSearchParams, name: string, allowed: readonly string[]): ReadonlySet<string> | undefined {
  const values = list(query, name);
  for (const value of values ?? []) if (!allowed.includes(value)) throw wrongChoice(name, allowed);
  return values;
}

/** One text, or undefined when absent or empty. */
export function text(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null || value === "" ? undefined : value;
}

/** A finite number. @throws Refusal 400 */
export function number(query: URLSearchParams, name: string): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (!Number.isFinite(parsed)) throw invalid({ [name]: "Not a valid number." });
  return parsed;
}

/** `true` or `false`, or the older `True` and `False`. @throws Refusal 400 */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  if (!["true", "false", "True", "False"].includes(value)) throw invalid({ [name]: "Not a valid boolean." });
  return value.toLowerCase() === "true";
}

/** Milliseconds of a date or date-time; without an offset it is UTC (partoo reference §5). @throws Refusal 400 */
export function instant(query: URLSearchParams, name: string): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  const zoned = /T.*(Z|[+-]\d{2}:\d{2})$/.test(value) || !value.includes("T") ? value : `${value}Z`;
  const parsed = Date.parse(zoned);
  if (Number.isNaN(parsed)) throw invalid({ [name]: "Not a valid datetime." });
  return parsed;
}

/** One page of a list: `{page, max_page, count, [member]}`. An empty list has one page. @throws Refusal 400 */
export function paged(query: URLSearchParams, member: string, items: readonly unknown[]): Readonly<Record<string, unknown>> {
  const page = Math.max(1, whole(query, "page") ?? 1);
  const perPage = whole(query, "per_page") ?? DEFAULT_PER_PAGE;
  if (perPage < 1 || perPage > MAX_PER_PAGE) throw invalid({ per_page: `Must be between 1 and ${MAX_PER_PAGE}.` });
  const maxPage = Math.max(1, Math.ceil(items.length / perPage));
  return { page, max_page: maxPage, count: items.length, [member]: items.slice((page - 1) * perPage, page * perPage) };
}

/** Sorted by `order_by`: a field, or `-field` for descending. Ties keep their order. @throws Refusal 400 */
export function ordered<T>(
  query: URLSearchParams,
  items: readonly T[],
  fields: Readonly<Record<string, (item: T) => string | number>>,
): readonly T[] {
  const wanted = text(query, "order_by");
  if (wanted === undefined) return items;
  const descending = wanted.startsWith("-");
  const read = fields[descending ? wanted.slice(1) : wanted];
  if (read === undefined) throw wrongChoice("order_by", Object.keys(fields));
  const sign = descending ? -1 : 1;
  return items.toSorted((one, other) => sign * compare(read(one), read(other)));
}

function wrongChoice(name: string, allowed: readonly string[]) {
  return invalid({ [name]: { explanation: "incorrect value", choices: allowed } });
}

function whole(query: URLSearchParams, name: string): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,9}$/.test(value)) throw invalid({ [name]: "Not a valid integer." });
  return Number(value);
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), "en");
}
