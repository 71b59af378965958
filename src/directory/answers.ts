/** The directory's answers as bytes: a list, one store, all as pins for a map. Made for the instant at which they are asked for. */
import { createHash } from "node:crypto";
import type { FoundStores } from "./find-stores.ts";
import type { StoreIndex } from "./store-index.ts";
import type { DirectoryRoutes, StoreRecord } from "./store-record.ts";
import { businessJsonLd } from "./json-ld.ts";
import { objectText } from "./store-record.ts";

/** Nobody keeps an answer for longer: a store may change at Partoo at any time. */
const LONGEST_SECONDS = 60;

export interface StoresAnswer {
  /** UTF-8 JSON. */
  readonly body: Buffer;
  readonly contentType: "application/json; charset=utf-8" | "application/ld+json; charset=utf-8";
  /** Hash of the body, for the entity tag. */
  readonly hash: string;
  /** Whole seconds until a store in it opens or closes, 60 at most. */
  readonly maxAgeSeconds: number;
}

/** When it is asked, and from when what is known is. Unix ms. */
export interface AnswerMoment {
  readonly at: number;
  /** Only when it is older than it should be: Partoo can't be reached. Then the answer says so. */
  readonly asOf?: number;
}

export interface StoreAnswers {
  /** `{ stores: [{ …shown fields, distance_m, open }], page, count, widened_to_m?, as_of? }` */
  list(found: FoundStores, page: number, moment: AnswerMoment): StoresAnswer;
  /** `{ …shown fields, open, as_of? }` */
  one(record: StoreRecord, moment: AnswerMoment): StoresAnswer;
  /** schema.org LocalBusiness. */
  oneAsJsonLd(record: StoreRecord, at: number): StoresAnswer;
  /** `{ stores: [{ id, name, lat, long, open }], count, as_of? }`; open is true, false or null. Made once until one opens or closes. */
  all(index: StoreIndex, moment: AnswerMoment): StoresAnswer;
}

const JSON_TYPE = "application/json; charset=utf-8";

/** Distances tell a position to whoever asks three times: they are shown where the position is. */
export function createStoreAnswers({ search }: Pick<DirectoryRoutes, "search">): StoreAnswers {
  const showsDistance = ["lat", "long"].every((name) => search.selection.fields.includes(name));
  let pins:
    | { readonly of: StoreIndex; readonly version: number; readonly text: string; readonly from: number; readonly until: number }
    | undefined;
  let whole: StoresAnswer | undefined;

  const pinsAt = (index: StoreIndex, at: number): NonNullable<typeof pins> => {
    if (pins?.of === index && pins.version === index.version && at >= pins.from && at < pins.until) return pins;
    const texts: string[] = [];
    let until = Infinity;
    for (const { pin, open } of index.records()) {
      const opening = open?.at(at);
      until = Math.min(until, opening?.nextChange ?? Infinity);
      texts.push(objectText([pin], `"open":${String(opening?.now ?? null)}`));
    }
    pins = { of: index, version: index.version, text: `"stores":[${texts.join(",")}]`, from: at, until };
    whole = undefined;
    return pins;
  };
  return {
    list({ stores, count, widenedTo, validUntil }, page, moment) {
      const { at } = moment;
      const items = stores.map(({ record, metres }) => {
        const distance = metres === undefined || !showsDistance ? "" : `"distance_m":${Math.round(metres)}`;
        return objectText(record.listed, distance, openText(record, at));
      });
      const widening = widenedTo === undefined ? "" : `"widened_to_m":${widenedTo}`;
      const text = objectText([`"stores":[${items.join(",")}]`, `"page":${page}`, `"count":${count}`, widening, ageText(moment)]);
      return answer(
        text,
        secondsTo(
          stores.reduce((soonest, { record }) => Math.min(soonest, changeOf(record, at)), validUntil),
          at,
        ),
      );
    },
    one(record, moment) {
      const text = objectText(record.alone, openText(record, moment.at), ageText(moment));
      return answer(text, secondsTo(changeOf(record, moment.at), moment.at));
    },
    oneAsJsonLd(record, at) {
      const text = businessJsonLd(JSON.parse(objectText(record.alone)) as Record<string, unknown>, at);
      return { ...answer(text, LONGEST_SECONDS), contentType: "application/ld+json; charset=utf-8" };
    },
    all(index, moment) {
      const { text, until } = pinsAt(index, moment.at);
      const maxAgeSeconds = secondsTo(until, moment.at);
      if (moment.asOf !== undefined) return answer(objectText([text, `"count":${index.size}`, ageText(moment)]), maxAgeSeconds);
      whole ??= answer(objectText([text, `"count":${index.size}`]), 0);
      return { ...whole, maxAgeSeconds };
    },
  };
}

function openText({ open }: StoreRecord, at: number): string {
  return `"open":${open?.textAt(at) ?? "null"}`;
}

function ageText({ asOf }: AnswerMoment): string {
  return asOf === undefined ? "" : `"as_of":"${new Date(asOf).toISOString()}"`;
}

/** Unix ms at which `open` of the store says something else. */
function changeOf({ open }: StoreRecord, at: number): number {
  return open?.at(at).validUntil ?? Infinity;
}

function secondsTo(instant: number, at: number): number {
  return Math.max(0, Math.min(LONGEST_SECONDS, Math.floor((instant - at) / 1000)));
}

function answer(text: string, maxAgeSeconds: number): StoresAnswer {
  const body = Buffer.from(text);
  return { body, contentType: JSON_TYPE, hash: createHash("sha256").update(body).digest("base64url").slice(0, 22), maxAgeSeconds };
}
