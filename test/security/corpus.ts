/** Hostile requests, as bytes, each with the one thing that may come of it (design §12). */
import type { Entry } from "./corpus/entry.ts";
import { CALLERS } from "./corpus/callers.ts";
import { FRAMING } from "./corpus/framing.ts";
import { HEADER_FIELDS } from "./corpus/header-fields.ts";
import { HOSTS } from "./corpus/hosts.ts";
import { PATHS } from "./corpus/paths.ts";
import { QUERIES } from "./corpus/queries.ts";
import { REQUEST_LINES } from "./corpus/request-lines.ts";
import { SIZES } from "./corpus/sizes.ts";

/** By the part of a request that is hostile. */
export const CORPUS: Readonly<Record<string, readonly Entry[]>> = {
  path: PATHS,
  query: QUERIES,
  "request line": REQUEST_LINES,
  Host: HOSTS,
  framing: FRAMING,
  "header fields": HEADER_FIELDS,
  caller: CALLERS,
  size: SIZES,
};
