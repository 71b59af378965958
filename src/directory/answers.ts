/** The directory's answers as bytes: a list, one store, all as pins for a map. Made for the instant at which they are asked for. */
import { hash } from "node:crypto";
import type { FoundStores } from "./find-stores.ts";
import type { RatingTexts } from "./ratings.ts";
import type { StoreIndex } from "./store-index.ts";
import type { DirectoryRoutes, StoreRecord } from "./store-record.ts";
import { businessJsonLd } from "./json-ld.ts";
import { objectText } from "./store-record.ts";

/** Nobody keeps an answer for longer: a store may change at Partoo at any time. */
const LONGEST_SECONDS = 60;

export interface StoresAnswer {
  /** UTF-8 JSON. Put together when it is asked for: a caller that has it already needs none. */
  body(): Buffer;
  readonly contentType: "application/json; charset=utf-8" | "application/ld+json; charset=utf-8";
  /** Changes with the body, for the entity tag. The same in every process. */
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
  /** `{ stores: [{ …shown fields, distance_m, open, rating? }], page, count, widened_to_m?, as_of? }` */
  list(found: FoundStores, page: number, moment: AnswerMoment): StoresAnswer;
  /** `{ …shown fields, open, rating?, as_of? }` */
  one(record: StoreRecord, moment: AnswerMoment): StoresAnswer;
  /** schema.org LocalBusiness. */
  oneAsJsonLd(record: StoreRecord, at: number): StoresAnswer;
  /** `{ stores: [{ id, name, lat, long, open }], count, as_of? }`; open is true, false or null. Made once until one opens or closes. */
  all(index: StoreIndex, moment: AnswerMoment): StoresAnswer;
}

const JSON_TYPE = "application/json; charset=utf-8";
const JSON_LD_TYPE = "application/ld+json; charset=utf-8";

/**
 * Distances tell a position to whoever asks three times: they are shown where the position is.
 * @param ratings asked for each answer; undefined: stores have no member `rating`
 */
export function createStoreAnswers(
  { search }: Pick<DirectoryRoutes, "search">,
  ratings: () => RatingTexts | undefined = () => undefined,
): StoreAnswers {
  const showsDistance = ["lat", "long"].every((name) => search.selection.fields.includes(name));
  let pins: Pins | undefined;

  const pinsAt = (index: StoreIndex, at: number): Pins => {
    if (pins?.of !== index || pins.version !== index.version || at < pins.from || at >= pins.until) pins = drawPins(index, at);
    return pins;
  };
  return {
    list({ stores, count, widenedTo, validUntil }, page, moment) {
      const { at } = moment;
      const distances = stores.map(({ metres }) => (metres === undefined || !showsDistance ? "" : `"distance_m":${Math.round(metres)}`));
      const rated = ratings();
      const states = stores.map(({ record }) => openText(record, at));
      const ratingTexts = stores.map(({ record }) => ratingText(rated, record));
      const widening = widenedTo === undefined ? "" : `"widened_to_m":${widenedTo}`;
      const rest = [`"page":${page}`, `"count":${count}`, widening, ageText(moment)];
      const bodyText = (): string => {
        const items = stores.map(({ record: { listed } }, nth) =>
          objectText(...listed, distances[nth] ?? "", states[nth] ?? "", ratingTexts[nth] ?? ""),
        );
        return objectText(`"stores":[${items.join(",")}]`, ...rest);
      };
      return {
        body: () => Buffer.from(bodyText()),
        contentType: JSON_TYPE,
        hash: hashOf(...rest, ...stores.map(({ record }) => record.digest), ...distances, ...states, ...ratingTexts),
        maxAgeSeconds: secondsTo(
          stores.reduce((soonest, { record }) => Math.min(soonest, changeOf(record, at)), validUntil),
          at,
        ),
      };
    },
    one(record, moment) {
      const tail = [openText(record, moment.at), ratingText(ratings(), record), ageText(moment)];
      return {
        body: () => Buffer.from(objectText(...record.alone, ...tail)),
        contentType: JSON_TYPE,
        hash: hashOf(record.digest, ...tail),
        maxAgeSeconds: secondsTo(changeOf(record, moment.at), moment.at),
      };
    },
    oneAsJsonLd(record, at) {
      const store = JSON.parse(objectText(...record.alone, ratingText(ratings(), record))) as Record<string, unknown>;
      const text = businessJsonLd(store, at);
      return { body: () => Buffer.from(text), contentType: JSON_LD_TYPE, hash: hashOf(text), maxAgeSeconds: LONGEST_SECONDS };
    },
    all(index, moment) {
      const { body, etag, until } = pinsAt(index, moment.at);
      const maxAgeSeconds = secondsTo(until, moment.at);
      if (moment.asOf === undefined) return { body: () => body, contentType: JSON_TYPE, hash: etag, maxAgeSeconds };
      const age = `,${ageText(moment)}}`;
      const aged = (): Buffer => Buffer.concat([body.subarray(0, -1), Buffer.from(age)]);
      return { body: aged, contentType: JSON_TYPE, hash: hashOf(etag, age), maxAgeSeconds };
    },
  };
}

/** All stores for a map, as long as none of them changes, opens or closes. */
interface Pins {
  readonly of: StoreIndex;
  readonly version: number;
  readonly body: Buffer;
  readonly etag: string;
  /** Unix ms. */
  readonly from: number;
  readonly until: number;
}

function drawPins(index: StoreIndex, at: number): Pins {
  const texts: string[] = [];
  let until = Infinity;
  for (const { pin, open } of index.records()) {
    const opening = open?.at(at);
    until = Math.min(until, opening?.nextChange ?? Infinity);
    texts.push(objectText(pin, `"open":${String(opening?.now ?? null)}`));
  }
  const text = objectText(`"stores":[${texts.join(",")}]`, `"count":${index.size}`);
  return { of: index, version: index.version, body: Buffer.from(text), etag: hashOf(text), from: at, until };
}

function openText({ open }: StoreRecord, at: number): string {
  return `"open":${open?.textAt(at) ?? "null"}`;
}

/** Empty where none are shown. */
function ratingText(ratings: RatingTexts | undefined, { id }: StoreRecord): string {
  return ratings === undefined ? "" : `"rating":${ratings.textOf(id)}`;
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

function hashOf(...parts: readonly string[]): string {
  return hash("sha256", parts.join("\0"), "base64url").slice(0, 22);
}
