// @ts-check
/** Pins of a map put together where they would lie on each other. Linear in the number of pins: 50,000 take a few milliseconds. */

/** @import { Pin } from "./calls.js" */
/** @typedef {Pin & { readonly lat: number, readonly long: number }} Placed */
/**
 * @typedef {object} Cluster
 * @property {string} key the same for the same pins at the same zoom
 * @property {number} count
 * @property {number} lat
 * @property {number} long
 * @property {Placed} first
 */
/** @typedef {{ readonly west: number, readonly south: number, readonly east: number, readonly north: number }} Box degrees */

const TILE = 256;
/** Side of the square within which pins are one, in pixels. */
const SQUARE = 60;
/** From this zoom on streets are told apart, and pins with them. */
const STREETS_ZOOM = 13;
const STREETS_SQUARE = 30;
/** A square and those around it. */
const NEIGHBOURS = [-1, 0, 1].flatMap((east) => [-1, 0, 1].map((south) => /** @type {const} */ ([east, south])));

/** Pins that have a place. @param {readonly Pin[]} pins @returns {Placed[]} */
export function placed(pins) {
  return pins.filter(/** @returns {pin is Placed} */ (pin) => typeof pin.lat === "number" && typeof pin.long === "number");
}

/**
 * @param {readonly Placed[]} pins @param {Box} box what is shown @param {number} zoom
 * @returns {readonly Cluster[]}
 */
export function clustersOf(pins, { west, south, east, north }, zoom) {
  const side = zoom >= STREETS_ZOOM ? STREETS_SQUARE : SQUARE;
  const pixels = TILE * 2 ** zoom;
  /** @type {Map<string, Cluster>} */
  const found = new Map();
  for (const pin of pins) {
    if (pin.lat < south || pin.lat > north || pin.long < west || pin.long > east) continue;
    const key = `${zoom} ${Math.floor((across(pin.long) * pixels) / side)} ${Math.floor((down(pin.lat) * pixels) / side)}`;
    const cluster = found.get(key);
    if (cluster === undefined) found.set(key, { key, count: 1, lat: pin.lat, long: pin.long, first: pin });
    else add(cluster, { count: 1, lat: pin.lat, long: pin.long });
  }
  return apart([...found.values()], (0.7 * side) / pixels);
}

/** Neighbours of two squares may still touch: the larger takes the smaller in. @param {readonly Cluster[]} clusters @param {number} least */
function apart(clusters, least) {
  /** @type {Map<string, Cluster>} */
  const kept = new Map();
  for (const cluster of clusters.toSorted((one, other) => other.count - one.count)) {
    const [column, row] = [Math.round(across(cluster.long) / least), Math.round(down(cluster.lat) / least)];
    const near = NEIGHBOURS.map(([east, south]) => kept.get(`${column + east} ${row + south}`)).find(
      (other) => other && Math.hypot(across(other.long) - across(cluster.long), down(other.lat) - down(cluster.lat)) < least,
    );
    if (near === undefined) kept.set(`${column} ${row}`, cluster);
    else add(near, cluster);
  }
  return [...kept.values()];
}

/** @param {Cluster} cluster @param {Pick<Cluster, "count" | "lat" | "long">} more */
function add(cluster, { count, lat, long }) {
  cluster.count += count;
  cluster.lat += ((lat - cluster.lat) * count) / cluster.count;
  cluster.long += ((long - cluster.long) * count) / cluster.count;
}

/** 0 at the west edge of the map, 1 at the east edge. @param {number} long degrees */
function across(long) {
  return (long + 180) / 360;
}

/** 0 at the north edge of the map, 1 at the south edge. @param {number} lat degrees */
function down(lat) {
  const sine = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}
