/** Checks what may leave of an answer: `fields`, `custom_fields`, `expose_personal`. */
import type { Endpoint } from "../../partoo/endpoint.ts";
import type { Place } from "../place.ts";
import type { CheckContext } from "./context.ts";
import { personalMembers } from "../../partoo/personal.ts";
import { member, textItems } from "../place.ts";
import { didYouMean, quote } from "../suggest.ts";
import { checkRepeats } from "./context.ts";

/** Checks the selection of one allowed route. */
export function checkFields(route: Place, endpoint: Endpoint, { reporter }: CheckContext): void {
  const fields = member(route, "fields");
  const expose = member(route, "expose_personal");
  checkRepeats(fields, reporter);
  let needsExpose = false;
  for (const { text, at } of textItems(fields)) {
    const schema = endpoint.shorthands[text]?.schema ?? fieldOf(endpoint, text);
    if (schema === undefined) {
      reporter.error(at, "field-unknown", `${quote(text)} is no field of GET ${endpoint.template}`, fieldHint(text, endpoint));
      continue;
    }
    const [first] = personalMembers(text, schema);
    if (first === undefined) continue;
    needsExpose = true;
    if (expose?.value === true) continue;
    reporter.error(
      at,
      "field-personal",
      `${quote(text)} holds personal data: ${first.path} is ${first.reason}`,
      personalHint(text, endpoint),
    );
  }
  if (expose?.value === true && !needsExpose && fields !== undefined) {
    reporter.warning(expose.nameAt, "expose-personal-unneeded", "no field listed here is personal", "remove the line");
  }
  checkCustomFields(route, endpoint, { reporter });
}

function checkCustomFields(route: Place, endpoint: Endpoint, { reporter }: Pick<CheckContext, "reporter">): void {
  const custom = member(route, "custom_fields");
  if (custom === undefined) return;
  checkRepeats(custom, reporter);
  if (!endpoint.customFields) {
    reporter.error(custom.nameAt, "custom-fields-unsupported", `GET ${endpoint.template} has no custom fields`, "remove the line");
  }
}

function fieldOf(endpoint: Endpoint, name: string): Endpoint["fields"][string] | undefined {
  return Object.hasOwn(endpoint.fields, name) ? endpoint.fields[name] : undefined;
}

function fieldHint(text: string, endpoint: Endpoint): string | undefined {
  if (text === "custom_fields" && endpoint.customFields) return "choose them by name, beside fields: custom_fields: [Parking]";
  if (endpoint.paging.includes(text)) return "it stands beside the items and always passes; remove the line";
  if (text === "*") return "there are no wildcards: list each field";
  return didYouMean(text, [...Object.keys(endpoint.fields), ...Object.keys(endpoint.shorthands)]);
}

/** A shorthand that gives the harmless part of a personal field is the better way out. */
function personalHint(text: string, endpoint: Endpoint): string {
  const instead = Object.entries(endpoint.shorthands).find(([, shorthand]) => shorthand.from[0] === text)?.[0];
  const way = "or set expose_personal: true beside fields";
  return instead === undefined ? `leave it out, ${way}` : `use ${quote(instead)}, ${way}`;
}
