// @ts-check
/** What the map stands on: tiles where the site names some, else land, borders and towns from basemap.json, which need no network. */
import { DomUtil, divIcon, geoJSON, latLngBounds, marker, svg, tileLayer } from "leaflet";
import { config } from "./config.js";
import { element } from "./dom.js";

/** @import { Map as LeafletMap } from "leaflet" */
/** @typedef {readonly [name: string, lat: number, long: number, rank: number]} Place */
/** @typedef {NonNullable<Parameters<typeof geoJSON>[0]>} Shapes GeoJSON */
/** @typedef {{ readonly land: Shapes, readonly borders: Shapes, readonly places: readonly Place[] }} Basemap */

const WORLD_ZOOMS = { minZoom: 3, maxZoom: 18 };
/** Inside basemap.json's edges, and the zooms at which it looks well. */
const CUT = latLngBounds([20, -35], [64, 50]);
const CUT_ZOOMS = { minZoom: 4, maxZoom: 15 };
/** From which zoom on a town is named, by its rank. */
const NAMED_FROM = [0, 4, 6, 7, 8];
/** From here on stores have names. */
const NAMED_UNTIL = 12;

/** Zooms and limits that the map needs from the start. */
export const mapOptions = config.tiles === undefined ? { ...CUT_ZOOMS, maxBounds: CUT } : WORLD_ZOOMS;

/** No closer of its own accord: there must be something to see. */
export const closestZoom = config.tiles === undefined ? 13 : 15;

/** @param {LeafletMap} map */
export async function addBasemap(map) {
  if (config.tiles !== undefined) {
    tileLayer(config.tiles.url, { attribution: config.tiles.attribution, ...WORLD_ZOOMS }).addTo(map);
    return;
  }
  const answer = await fetch(new URL("basemap.json", import.meta.url));
  const { land, borders, places } = /** @type {Basemap} */ (await answer.json());
  const pane = map.createPane("basemap");
  const renderer = svg({ pane: "basemap", padding: 0.6 });
  DomUtil.addClass(pane, "basemap");
  geoJSON(land, { interactive: false, style: { renderer, pane: "basemap", className: "land" } }).addTo(map);
  geoJSON(borders, { interactive: false, style: { renderer, pane: "basemap", className: "border", fill: false } }).addTo(map);
  map.attributionControl.addAttribution("Map: Natural Earth");
  addPlaces(map, places);
}

/** @param {LeafletMap} map @param {readonly Place[]} places */
function addPlaces(map, places) {
  map.createPane("places").ariaHidden = "true";
  const labels = places.map(([name, lat, long, rank]) => {
    const icon = divIcon({ html: element("span", {}, name), className: `place place-${rank}`, iconSize: [0, 0] });
    return { rank, label: marker([lat, long], { icon, pane: "places", interactive: false, keyboard: false }) };
  });
  const nameThem = () => {
    for (const { rank, label } of labels) {
      if (map.getZoom() >= (NAMED_FROM[rank] ?? 0) && map.getZoom() < NAMED_UNTIL) label.addTo(map);
      else label.remove();
    }
  };
  map.on("zoomend", nameThem);
  nameThem();
}
