/** The directory's answers as bytes: a list, one store, all as pins for a map. Made for the instant at which they are asked for. */
import { hash } from "node:crypto";
import type { FoundStores } from "./find-stores.ts";
import type { RatingTexts } from "./ratings.ts";
import type { StoreIndex } from "./store-index.ts";
import type { DirectoryRoutes, StoreRecord } from "./store-record.ts";
import { businessJsonLd } from "./json-ld.ts";
import { bytesOf, closing, membersText, objectText } from "./json-bytes.ts";

export interface StoresAnswer {
  /** UTF-8 JSON. Put together when it is asked for: a caller that has it already needs none. */
  body(): Buffer;
  readonly contentType: "application/json; charset=utf-8" | "application/ld+json; charset=utf-8";
  /** Changes with the body, for the entity tag. The same in every process. */
  readonly hash: string;
  /** Unix ms: a store in it opens or closes then, or what it says of hours may be different. */
  readonly validUntil: number;
}

/** What an answer is made of besides stores. Instants are Unix ms. */
export interface AnswerMoment {
  readonly at: number;
  /** Only when it is older than it should be: Partoo can't be reached. Then the answer says so. */
  readonly asOf?: number;
  /** undefined: stores have no member `rating`. */
  readonly ratings?: RatingTexts | undefined;
}

export interface StoreAnswers {
  /** `{ stores: [{ …shown fields, distance_m, open, rating? }], page, count, widened_to_m?, as_of? }` */
  list(found: FoundStores, page: number, moment: AnswerMoment): StoresAnswer;
  /** `{ …shown fields, open, rating?, as_of? }` */
  one(record: StoreRecord, moment: AnswerMoment): StoresAnswer;
  /** schema.org LocalBusiness. */
  oneAsJsonLd(record: StoreRecord, moment: AnswerMoment): StoresAnswer;
  /** `{ stores: [{ id, name, lat, long, open }], count, as_of? }`; open is true, false or null. Made once until one opens or closes. */
  all(index: StoreIndex, moment: AnswerMoment): StoresAnswer;
}

/** Drawing all pins again and again costs nobody anything below it. */
const CHEAP_MS = 5;

const JSON_TYPE = "application/json; charset=utf-8";
const JSON_LD_TYPE = "application/ld+json; charset=utf-8";

/** Distances tell a position to whoever asks three times: they are shown where the position is. */
export function createStoreAnswers({ search }: Pick<DirectoryRoutes, "search">): StoreAnswers {
  const showsDistance = ["lat", "long"].every((name) => search.selection.fields.includes(name));
  let pins: DrawnPins | undefined;
  let aged: { readonly of: Buffer; readonly age: string; readonly body: Buffer } | undefined;

  const pinsAt = (index: StoreIndex, at: number): DrawnPins => {
    if (pins?.of === index && at >= pins.from && at < pins.until && (pins.version === index.version || at < pins.goodUntil)) return pins;
    const startedAt = performance.now();
    const drawn = drawPins(index, at);
    const costMs = performance.now() - startedAt;
    // Of tens of thousands, while one after the other changes: a twentieth of the time at most.
    pins = { ...drawn, goodUntil: costMs < CHEAP_MS ? at : at + costMs * 20 };
    return pins;
  };
  return {
    list({ stores, count, widenedTo, validUntil }, page, moment) {
      const { at, ratings } = moment;
      const distances = stores.map(({ metres }) => (metres === undefined || !showsDistance ? "" : `"distance_m":${Math.round(metres)}`));
      const ratingTexts = ratings === undefined ? undefined : stores.map(({ record }) => ratingText(ratings, record));
      const widening = widenedTo === undefined ? "" : `"widened_to_m":${widenedTo}`;
      const rest = [`"page":${page}`, `"count":${count}`, widening, ageText(moment)];
      const body = (): Buffer => {
        const parts: (Buffer | string)[] = [`{"stores":[`];
        stores.forEach(({ record }, nth) => {
          const { listed } = record;
          const [own, hours] = listed;
          parts.push(
            own,
            hours,
            closing(listed, distances[nth] ?? "", openText(record, at), ratingTexts?.[nth] ?? "") + (nth === stores.length - 1 ? "" : ","),
          );
        });
        parts.push(`],${membersText(...rest)}}`);
        return bytesOf(parts);
      };
      return {
        body,
        contentType: JSON_TYPE,
        hash: hashOf(
          ...rest,
          ...stores.map(({ record }) => record.digest + (record.open?.tagAt(at) ?? "")),
          ...distances,
          ...(ratingTexts ?? []),
        ),
        validUntil: stores.reduce((soonest, { record }) => Math.min(soonest, changeOf(record, at)), validUntil),
      };
    },
    one(record, moment) {
      const tail = [openText(record, moment.at), ratingText(moment.ratings, record), ageText(moment)];
      return {
        body: () => bytesOf([...record.alone, closing(record.alone, ...tail)]),
        contentType: JSON_TYPE,
        hash: hashOf(record.digest, ...tail),
        validUntil: changeOf(record, moment.at),
      };
    },
    oneAsJsonLd(record, { at, ratings }) {
      const store = JSON.parse(bytesOf([...record.alone, closing(record.alone, ratingText(ratings, record))]).toString()) as Record<
        string,
        unknown
      >;
      const text = businessJsonLd(store, at);
      return { body: () => Buffer.from(text), contentType: JSON_LD_TYPE, hash: hashOf(text), validUntil: Infinity };
    },
    all(index, moment) {
      const { body, etag, until } = pinsAt(index, moment.at);
      if (moment.asOf === undefined) return { body: () => body, contentType: JSON_TYPE, hash: etag, validUntil: until };
      const age = `,${ageText(moment)}}`;
      // One object for all who ask: it is coded once.
      if (aged?.of !== body || aged.age !== age) aged = { of: body, age, body: Buffer.concat([body.subarray(0, -1), Buffer.from(age)]) };
      const { body: withAge } = aged;
      return { body: () => withAge, contentType: JSON_TYPE, hash: hashOf(etag, age), validUntil: until };
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

/** Good enough until then, though a store has changed. Unix ms. */
type DrawnPins = Pins & { readonly goodUntil: number };

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

function hashOf(...parts: readonly string[]): string {
  return hash("sha1", parts.join("\0"), "base64url").slice(0, 22);
}
