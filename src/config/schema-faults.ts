/** Turns what zod finds into faults with a place and a way out. */
import type { $ZodIssue, $ZodType } from "zod/v4/core";
import type { z } from "zod";
import type { Place } from "./place.ts";
import type { Reporter } from "./reporter.ts";
import { safeParse } from "zod/v4/core";
import { follow } from "./place.ts";
import { isSecretName } from "./secret-look.ts";
import { knownNames, schemasAt } from "./schema-walk.ts";
import { didYouMean, quote } from "./suggest.ts";

/** What to write where something required is missing, by name. */
const MISSING_HINTS: Readonly<Record<string, string>> = {
  fields: "list the members of an item that may leave, as in fields: [id, name, city]; nothing leaves by default",
  key: "name a key of bff.yaml",
  allow: "list routes, as in GET /business/search:",
  organization: "name an organization of this file",
  version: "write version: 1 at the top",
};

/** Reports every difference between a file and its form. @returns the typed value, when there is none */
export function checkForm<Schema extends z.ZodType>(root: Place, schema: Schema, reporter: Reporter): z.output<Schema> | undefined {
  const read = schema.safeParse(root.value);
  if (read.success) return read.data;
  for (const issue of read.error.issues) reportIssue(issue, { root, schema, reporter, base: [] });
  return undefined;
}

interface Form {
  readonly root: Place;
  readonly schema: $ZodType;
  readonly reporter: Reporter;
  readonly base: readonly PropertyKey[];
}

function reportIssue(issue: $ZodIssue, form: Form): void {
  const path = [...form.base, ...issue.path];
  if (issue.code === "invalid_union") return reportUnion(issue, { ...form, base: path });
  if (issue.code === "unrecognized_keys") return reportUnknown(issue.keys, path, form);
  const { place, whole } = follow(form.root, path);
  if (!whole) return reportMissing(String(path.at(-1)), place, form.reporter);
  if (issue.code === "invalid_key") {
    const message = issue.issues[0]?.message ?? "this name can't be used";
    return form.reporter.error(place.nameAt, "name-invalid", message);
  }
  const isEmpty = issue.code === "too_small" && issue.origin === "array";
  form.reporter.error(isEmpty ? place.nameAt : place.at, isEmpty ? "option-empty" : "option-invalid", ...wordsFor(issue, place, form));
}

function wordsFor(issue: $ZodIssue, place: Place, form: Form): readonly [string, (string | undefined)?] {
  const { value } = place;
  if (issue.code === "too_small" && issue.origin === "array") return [issue.message];
  if (issue.code === "invalid_type" && (issue.expected === "object" || issue.expected === "record")) {
    const hint = value === null ? emptyHint([...form.base, ...issue.path], form.schema) : undefined;
    return [`a map (name: value) belongs here, not ${kindOf(value)}`, hint];
  }
  if (typeof value !== "string") return [`${issue.message}; this is ${kindOf(value)}`];
  if (issue.code === "invalid_value") return [`${issue.message}, not ${quote(value)}`, wordHint(value, issue.values)];
  return [`${issue.message}; this is ${quote(value)}`, issue.code === "invalid_type" ? unquotedHint(value, issue.expected) : undefined];
}

/** Where nothing stands: what is missing, or {} where that is enough. */
function emptyHint(path: readonly PropertyKey[], schema: $ZodType): string | undefined {
  const isEnough = schemasAt(schema, path).some((candidate) => safeParse(candidate, {}).success);
  return isEnough && path.length > 0 ? "write {} where there is nothing to say" : MISSING_HINTS[String(path.at(-1))];
}

function wordHint(value: string, words: readonly unknown[]): string | undefined {
  if (words.some((word) => typeof word !== "string" && String(word) === value)) return `write ${value} without quotes`;
  return didYouMean(value, words.map(String));
}

function unquotedHint(value: string, expected: string): string | undefined {
  const isNumber = (expected === "int" || expected === "number") && /^-?[0-9]{1,15}$/.test(value);
  const isFlag = expected === "boolean" && /^(true|false)$/.test(value);
  return isNumber || isFlag ? `write ${value} without quotes` : undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return typeof value === "string" ? "text" : JSON.stringify(value);
}

function reportMissing(name: string, parent: Place, reporter: Reporter): void {
  reporter.error(parent.nameAt, "option-missing", `${name} is missing`, MISSING_HINTS[name]);
}

function reportUnknown(keys: readonly string[], path: readonly PropertyKey[], form: Form): void {
  const { place } = follow(form.root, path);
  const known = knownNames(form.schema, path);
  for (const key of keys) {
    const at = place.members.get(key)?.nameAt ?? place.nameAt;
    const isSecret = isSecretName(key) && !known.includes(key);
    const hint = isSecret
      ? "a key's value comes from the environment: PARTOO_KEY_<NAME> or PARTOO_KEY_<NAME>_FILE"
      : didYouMean(key, known);
    const pointer = isSecret ? { ...at, hiddenFrom: at.column + (at.length ?? 0) + 1 } : at;
    form.reporter.error(pointer, "option-unknown", `${quote(key)} is not known here`, hint);
  }
}

/** Of several forms, the one that the value was meant for: that of its kind. */
function reportUnion(issue: $ZodIssue & { code: "invalid_union" }, form: Form): void {
  const deeper = issue.errors.find((issues) => issues.every((inner) => inner.path.length > 0 || inner.code !== "invalid_type"));
  const { place } = follow(form.root, form.base);
  if (deeper === undefined || typeof place.value !== "object") {
    const words: $ZodIssue = { code: "custom", path: [], message: issue.message };
    return reportIssue(words, form);
  }
  for (const inner of deeper) reportIssue(inner, form);
}
