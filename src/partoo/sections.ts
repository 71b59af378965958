/** Sections of an organization (country, brand …), each with its groups of businesses. */
import type { Endpoint } from "./endpoint.ts";
import { about, BOOLEAN, INTEGER, list, object, PAGING, TEXT } from "./fields.ts";
import { PAGE, text } from "./parameters.ts";

const HOUR = 3_600;

/** `GET /sections` (partoo reference §8). */
export const SECTIONS: Endpoint = {
  template: "/sections",
  summary: "Sections with their groups, page by page",
  path: {},
  query: { group_name_query: text("Only groups with this in their name.", 100), page: PAGE },
  items: { at: "member", member: "sections" },
  paging: PAGING,
  fields: {
    id: INTEGER,
    name: TEXT,
    groups: list(object({ id: INTEGER, name: TEXT, has_puller: BOOLEAN }), "A group's id goes into groups of /business/search."),
    can_edit: about(BOOLEAN, "Whether the key's user may change it."),
    has_puller: about(BOOLEAN, "Whether it is filled from outside and locked."),
  },
  shorthands: {},
  customFields: false,
  permissions: [],
  freshSeconds: HOUR,
};
