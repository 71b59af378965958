/** Hostile requests, as bytes, each with the one thing that may come of it (design §12). */
import type { Entry, Group, Pipeline } from "./corpus/entry.ts";
import { CALLERS } from "./corpus/callers.ts";
import { FRAMING } from "./corpus/framing.ts";
import { HEADER_FIELDS } from "./corpus/header-fields.ts";
import { HOSTS } from "./corpus/hosts.ts";
import { PATHS } from "./corpus/paths.ts";
import { PIPELINE_ROWS } from "./corpus/pipelines.ts";
import { QUERIES } from "./corpus/queries.ts";
import { REQUEST_LINES } from "./corpus/request-lines.ts";
import { COOKIES } from "./corpus/cookies.ts";
import { AUTHORIZATION } from "./corpus/authorization.ts";
import { DECEPTION } from "./corpus/deception.ts";
import { DIRECTORY } from "./corpus/directory.ts";
import { OWN_ADDRESSES } from "./corpus/own-addresses.ts";
import { ADDRESSES } from "./corpus/addresses.ts";
import { SIZES } from "./corpus/sizes.ts";

/** By the part of a request that is hostile. */
export const CORPUS: Readonly<Record<string, Group<Entry>>> = {
  path: { why: "", rows: PATHS },
  query: { why: "", rows: QUERIES },
  "request line": { why: "", rows: REQUEST_LINES },
  Host: { why: "", rows: HOSTS },
  framing: { why: "", rows: FRAMING },
  "header fields": { why: "", rows: HEADER_FIELDS },
  caller: { why: "", rows: CALLERS },
  cookies: { why: "", rows: COOKIES },
  credentials: { why: "", rows: AUTHORIZATION },
  "cache deception": { why: "", rows: DECEPTION },
  directory: { why: "", rows: DIRECTORY },
  "the proxy's own addresses": { why: "", rows: OWN_ADDRESSES },
  address: { why: "", rows: ADDRESSES },
  size: { why: "", rows: SIZES },
};

export const PIPELINES: Group<Pipeline> = { why: "", rows: PIPELINE_ROWS };
