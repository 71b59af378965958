/** Positions on the globe and distances between them. */

/** Mean radius, metres. */
export const EARTH_RADIUS = 6_371_000;
/** Of a degree. */
export const RADIANS = Math.PI / 180;
/** About 110 m: near enough for a list of stores, and too coarse for a doorstep. */
const DECIMALS = 3;

/** Half way around the earth, in metres: nothing is further away. */
export const FURTHEST_METRES = Math.ceil(EARTH_RADIUS * Math.PI);

/** Degrees, WGS 84. */
export interface Position {
  readonly lat: number;
  readonly lon: number;
}

/** What Partoo says about a business; it calls the longitude `long`. @returns undefined when it is no place on earth */
export function readPosition({ lat, long }: { readonly lat?: unknown; readonly long?: unknown }): Position | undefined {
  if (typeof lat !== "number" || typeof long !== "number") return undefined;
  return Math.abs(lat) <= 90 && Math.abs(long) <= 180 ? { lat, lon: long } : undefined;
}

/** What a caller says about where it is is rounded before anything else is done with it. @param degrees finite */
export function roundDegrees(degrees: number): number {
  // Not -0, which would be a text of its own.
  return Number(degrees.toFixed(DECIMALS)) + 0;
}

/** To the same three decimals, and never past `limit`: a box stays at least as large as it was. @param limit where its side ends */
export function roundOutwards(degrees: number, limit: number): number {
  const thousandths = Number((degrees * 10 ** DECIMALS).toFixed(6));
  return (
    (limit < 0 ? Math.max(limit, Math.floor(thousandths) / 10 ** DECIMALS) : Math.min(limit, Math.ceil(thousandths) / 10 ** DECIMALS)) + 0
  );
}

/** Great-circle distance in metres (haversine). */
export function metresBetween(one: Position, other: Position): number {
  const acrossLat = Math.sin(((one.lat - other.lat) * RADIANS) / 2) ** 2;
  const acrossLon = Math.sin(((one.lon - other.lon) * RADIANS) / 2) ** 2;
  const squaredHalfChord = acrossLat + Math.cos(one.lat * RADIANS) * Math.cos(other.lat * RADIANS) * acrossLon;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(squaredHalfChord)));
}
