/** Hostile requests, as bytes, each with the one thing that may come of it. Statuses and codes are those of docs/configuration.md. */
import type { Entry, Group, Pipeline } from "./corpus/entry.ts";
import type { Poisoning } from "./corpus/poisoning.ts";
import type { Together } from "./corpus/together.ts";
import { ADDRESSES } from "./corpus/addresses.ts";
import { AUTHORIZATION } from "./corpus/authorization.ts";
import { CALLERS } from "./corpus/callers.ts";
import { COOKIES } from "./corpus/cookies.ts";
import { DECEPTION } from "./corpus/deception.ts";
import { DIRECTORY } from "./corpus/directory.ts";
import { FRAMING } from "./corpus/framing.ts";
import { HEADER_FIELDS } from "./corpus/header-fields.ts";
import { HOSTS } from "./corpus/hosts.ts";
import { OWN_ADDRESSES } from "./corpus/own-addresses.ts";
import { PATHS } from "./corpus/paths.ts";
import { PIPELINE_ROWS } from "./corpus/pipelines.ts";
import { MADE_HERE, POISONINGS } from "./corpus/poisoning.ts";
import { QUERIES } from "./corpus/queries.ts";
import { REQUEST_LINES } from "./corpus/request-lines.ts";
import { SESSIONS } from "./corpus/sessions.ts";
import { SIZES } from "./corpus/sizes.ts";
import { TOGETHERS } from "./corpus/together.ts";

/** One request each, by what of it is hostile. */
export const CORPUS: Readonly<Record<string, Group<Entry>>> = {
  path: {
    why: "A router, a guard and Partoo may read one path in three ways (CVE-2026-29087, CVE-2025-66490); here it is split, then decoded once, and what could be read twice is refused.",
    rows: PATHS,
  },
  query: {
    why: "Repeated, nested, encoded and inherited names mean something else to every parser; here each name stands once, is known, and has a checked value.",
    rows: QUERIES,
  },
  "request line": {
    why: "What RFC 9112 §3 does not allow, or allows to proxies only, is refused: absolute form, other versions, whitespace and bytes of other protocols.",
    rows: REQUEST_LINES,
  },
  Host: { why: "RFC 9112 §3.2 asks for 400 unless there is exactly one valid Host; nothing is decided by its value.", rows: HOSTS },
  framing: {
    why: "Two readers who disagree where a request ends let one be smuggled behind another (RFC 9112 §6.3, §11.2); a read has no content, so any is refused and the connection ends.",
    rows: FRAMING,
  },
  "header fields": {
    why: "Fields that other software takes for a method, an address, a target or a key (CVE-2026-33805, CVE-2025-64484) change neither what Partoo hears nor the answer; what RFC 9110 §5 calls no field is refused.",
    rows: HEADER_FIELDS,
  },
  caller: {
    why: "An Origin is compared byte for byte and never reflected (CVE-2026-54290), and what a browser sends for an image, a form or a navigation is refused.",
    rows: CALLERS,
  },
  cookies: {
    why: "A frontend without sessions knows no cookie: whatever one holds, the answer has the same bytes, no cookie is set, and none opens a door (CVE-2026-25748).",
    rows: COOKIES,
  },
  credentials: {
    why: "Any scheme taken for a bearer, or a bearer taken at any place, is how CVE-2026-47673 began: a server's token counts at its own frontend, in one field, whole, and without an Origin.",
    rows: AUTHORIZATION,
  },
  sessions: {
    why: "A session is one token, in one cookie or one Authorization field, of one frontend, and a bearer of one Origin besides (RFC 8725, CVE-2026-44459, CVE-2026-25748); what else carries one is none, and only listed pages get one.",
    rows: SESSIONS,
  },
  address: {
    why: "Who may choose the address that a limit counts has no limit (CVE-2026-3635, CVE-2026-24398): of a trusted hop only the last entry is believed, and no other field.",
    rows: ADDRESSES,
  },
  "cache deception": {
    why: "A cache that stores what looks like a file must not be led to store an answer of ours under such a name (CVE-2026-24472): each is a refusal, and no-store.",
    rows: DECEPTION,
  },
  directory: {
    why: "The directory is parsed by code of its own, so the same tricks are tried on it, with positions and numbers besides; nothing of it may become a call.",
    rows: DIRECTORY,
  },
  "the proxy's own addresses": {
    why: "Webhooks change what is held, so a secret counts in its own field and framing must be exact; description and health are open to all and tell nothing more for it.",
    rows: OWN_ADDRESSES,
  },
  size: {
    why: "Bounds that differ by one byte between two readers are bounds of neither: 8,192 bytes of target pass, 8,193 are 414.",
    rows: SIZES,
  },
};

export const PIPELINES: Group<Pipeline> = {
  why: "Each request of a connection is answered once and in order (RFC 9112 §9.3.2), and none behind an answer that closes it (§9.6), where it may be the content of a refused one.",
  rows: PIPELINE_ROWS,
};

export const FIRST_CALLERS: Group<Poisoning> = {
  why: "A field that is not in the cache's key must not show in what is stored (CVE-2026-44457, CVE-2026-44576): the next caller gets what a cold cache would have given.",
  rows: POISONINGS,
};

export const FIRST_OF_OURS: Group<(typeof MADE_HERE)[number]> = {
  why: "The same is true of what is made here and remembered: descriptions, lists and single stores do not depend on who asked before.",
  rows: MADE_HERE,
};

export const CROWDS: Group<Together> = {
  why: "Callers who share one call (CVE-2026-2581) share its data only: CORS fields, shown fields, coding, method, condition and hanging up are each caller's own.",
  rows: TOGETHERS,
};
