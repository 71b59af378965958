/** Queries that try to add, repeat, force or hide a parameter. */
import type { Entry } from "./entry.ts";
import { targets } from "./entry.ts";

const search = (queries: readonly string[]): readonly string[] => queries.map((query) => `/store-locator/v2/business/search?${query}`);
const ID = "5f3c8f1de1b2a30001a1b2c3";

const REPEATED = ["city=Paris&city=Lyon", "city=Paris&city=Paris", "city=Paris&%63ity=Lyon", "city=Paris&&&city=", "page=1&page=2&page=3"];
const FORCED = [
  "status=open",
  "s%74atus=closed",
  "status",
  "status=",
  "city=Paris&status=open%2Copening_soon%2Ctemporarily_closed",
  "city=Paris&status=closed",
];
const BAD_ESCAPES = ["city=%", "city=%ZZ", "city=%E9", "city=%C0%AE", "city=%ED%A0%80", "city=Paris%2", "city=%u0050aris"];
const CONTROLS = ["city=%00", "city=Par%00is", "city=Pa%0D%0Ax-apikey:%20is", "city=%09", "city=%7F", "city=%C2%85", "city=Paris%0A"];
const EMPTY = ["city=", "city", "city=Paris&query=", "page="];
const NUMBERS = [
  "page=0",
  "page=-1",
  "page=1.0",
  "page=1e1",
  "page=0x10",
  "page=+1",
  "page=%2B1",
  "page=01",
  "page=21",
  "page=999999999999999999999",
  "page=NaN",
  "page=Infinity",
  "page=%EF%BC%91",
  "page=%201",
  "page=1%00",
  "page=true",
  "page=1,2",
  "page=[1]",
  "page=1_0",
  "page=%D9%A1",
  "per_page=0",
  "per_page=101",
  "per_page=-0",
];
const LENGTHS = [`query=${"a".repeat(61)}`, `city=${"x".repeat(6000)}`, `query=${"%C3%A9".repeat(61)}`];

const NAMES = [
  "City=Paris",
  "CITY=Paris",
  "city%20=Paris",
  "%20city=Paris",
  "city%00=Paris",
  "city[]=Paris",
  "city%5B%5D=Paris",
  "city[0]=Paris",
  "city[$ne]=1",
  "city.x=1",
  "city.=Paris",
  "c\u200bity=Paris".replace("\u200b", "%E2%80%8B"),
  "=Paris",
  "=",
  "%=1",
  "%E9=1",
  "%00=1",
  "?city=Paris",
  "/city=Paris",
  ";city=Paris",
  "amp;city=Paris",
];
const PROTOTYPES = [
  "__proto__=1",
  "__proto__[city]=Paris",
  "__proto__.city=Paris",
  "%5F_proto__=1",
  "constructor=1",
  "constructor.prototype.city=1",
  "prototype=1",
  "hasOwnProperty=1",
  "toString=1",
  "length=1",
];
const WISHES = [
  "org_id=1",
  "city=Paris&org_id=4711",
  "%6Frg_id=1",
  "ORG_ID=1",
  "api_key=1",
  "x-apikey=1",
  "_method=DELETE",
  "callback=alert",
  "url=https://evil.example/",
  "fields=contacts",
  "include=contacts",
  "expose_personal=true",
  "access_token=1",
  "debug=1",
  "groups=1",
];

export const QUERIES: readonly Entry[] = [
  ...targets("400 parameter-invalid", search([...REPEATED, ...FORCED, ...BAD_ESCAPES, ...CONTROLS, ...EMPTY, ...NUMBERS, ...LENGTHS])),
  ...targets("400 parameter-unknown", search([...NAMES, ...PROTOTYPES, ...WISHES, `city=Paris${"&a=".repeat(2000)}`, "a".repeat(6000)])),
  ...targets("400 parameter-unknown", [
    `/store-locator/v2/business/${ID}?city=Paris`,
    `/store-locator/v2/business/${ID}?__proto__=1`,
    `/store-locator/v2/business/${ID}?=`,
  ]),
  ...targets("400 parameter-invalid", [
    "/store-locator/v2/reviews?business__in=",
    "/store-locator/v2/reviews?business__in=c-1",
    `/store-locator/v2/reviews?business__in=${ID},`,
    `/store-locator/v2/reviews?business__in=,${ID}`,
    `/store-locator/v2/reviews?business__in=${Array.from({ length: 101 }, (_, n) => String(n).padStart(24, "0")).join(",")}`,
    "/store-locator/v2/reviews?state__in=deleted",
  ]),
  ...targets(
    "400 request-malformed",
    search([
      "city=Paris#&status=closed",
      "#city=Paris",
      'city="Paris"',
      "city=<script>",
      "city=Pa\\ris",
      "city=Par\xe9s",
      'city={"$gt":""}',
    ]),
  ),
  ...targets(
    "plain",
    search([
      "city=%50aris",
      "c%69ty=Paris",
      "%63%69%74%79=%50%61%72%69%73",
      "&&city=Paris&&",
      `city=Paris${"&".repeat(5000)}`,
      "city=Paris&per_page=50",
      "per_page=50&city=Paris",
    ]),
  ),
];
