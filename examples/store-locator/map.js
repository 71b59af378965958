// @ts-check
/** The map: all stores as dots or numbers, the stores of the list as pins, and where the visitor is. The list says the same in words. */
import { circle, circleMarker, control, divIcon, latLngBounds, layerGroup, map as createLeaflet, marker } from "leaflet";
import { addBasemap, closestZoom, mapOptions } from "./basemap.js";
import { clustersOf, placed } from "./clusters.js";
import { element, icon } from "./dom.js";
import { labelsOf } from "./labels.js";

/** @import { Marker } from "leaflet" */
/** @import { Pin, Store } from "./calls.js" */
/** @import { Cluster, Placed } from "./clusters.js" */
/** @typedef {{ readonly lat: number, readonly long: number }} Position */

/** From here on pins have names. */
const NAMES_ZOOM = 12;
/** Where a map without any store begins. */
const SOMEWHERE = /** @type {[number, number]} */ ([46, 3]);

/**
 * @param {HTMLElement} place
 * @param {{ onPick: (id: string) => void, onMoved: () => void }} events a store was chosen; the visitor moved the map
 */
export function createMap(place, { onPick, onMoved }) {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const motion = isCalm ? { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false } : {};
  const map = createLeaflet(place, { ...mapOptions, ...motion, zoomControl: false, worldCopyJump: true }).setView(SOMEWHERE, 5);
  map.attributionControl.setPrefix(false);
  control.zoom({ position: "bottomright" }).addTo(map);
  control.scale({ imperial: false }).addTo(map);
  map.getPane("markerPane")?.setAttribute("aria-hidden", "true");

  const dots = layerGroup().addTo(map);
  const results = layerGroup().addTo(map);
  const me = layerGroup().addTo(map);
  /** @type {Map<string, Marker>} */
  const drawn = new Map();
  /** @type {Map<string, Marker>} */
  const pinOf = new Map();
  /** @type {readonly Placed[]} */
  let pins = [];
  /** Names beside pins, as far as there is room. */
  const labels = layerGroup().addTo(map);
  /** Whether the visitor had a hand on the map since it showed what was looked for. */
  let isTheirs = false;

  const drawDots = () => {
    const bounds = map.getBounds().pad(0.2);
    const box = { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
    const clusters = clustersOf(
      pins.filter(({ id }) => !pinOf.has(id)),
      box,
      map.getZoom(),
    );
    const wanted = new Map(
      clusters.map((cluster) => [`${cluster.key} ${cluster.count} ${cluster.first.id} ${cluster.first.open}`, cluster]),
    );
    for (const [key, dot] of drawn) {
      if (wanted.has(key)) continue;
      dots.removeLayer(dot);
      drawn.delete(key);
    }
    for (const [key, cluster] of wanted) if (!drawn.has(key)) drawn.set(key, dotOf(cluster).addTo(dots));
  };
  /** @param {Cluster} cluster */
  const dotOf = ({ count, lat, long, first }) => {
    if (count === 1) {
      const looks = divIcon({ className: `dot dot-${moodOf(first.open)}`, iconSize: [24, 24] });
      return marker([lat, long], { icon: looks, keyboard: false, title: first.name ?? "" }).on("click", () => onPick(first.id));
    }
    const size = count < 10 ? 34 : count < 100 ? 40 : 48;
    const looks = divIcon({ className: "cluster", html: count.toLocaleString("en"), iconSize: [size, size] });
    return marker([lat, long], { icon: looks, keyboard: false, title: `${count} stores` }).on("click", () =>
      map.setView([lat, long], Math.min(map.getZoom() + 2, map.getMaxZoom()), { animate: !isCalm }),
    );
  };
  const drawLabels = () => {
    labels.clearLayers();
    if (map.getZoom() < NAMES_ZOOM) return;
    const named = [...pinOf.values()].map((pin) => ({ text: pin.options.title ?? "", at: map.latLngToContainerPoint(pin.getLatLng()) }));
    for (const { text, at, side } of labelsOf(named, map.getSize().x)) {
      const looks = divIcon({ className: "name", html: element("span", { class: side }, text), iconSize: [0, 0] });
      marker(map.containerPointToLatLng([at.x, at.y]), { icon: looks, interactive: false, keyboard: false }).addTo(labels);
    }
  };
  map.on("moveend", () => {
    drawDots();
    drawLabels();
    if (isTheirs) onMoved();
  });
  for (const type of ["pointerdown", "wheel", "keydown"]) place.addEventListener(type, () => (isTheirs = true), { capture: true });
  addBasemap(map).catch(() => undefined);
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(place);

  return {
    /** @param {readonly Pin[]} all */
    showPins(all) {
      pins = placed(all);
      drawDots();
    },
    /** @param {readonly Store[]} stores */
    showResults(stores) {
      isTheirs = false;
      results.clearLayers();
      pinOf.clear();
      for (const { id, name, lat, long, open } of stores) {
        if (typeof lat !== "number" || typeof long !== "number") continue;
        const looks = divIcon({
          className: `pin pin-${moodOf(open?.now ?? null)}`,
          html: element("span", {}, icon("pin")),
          iconSize: [32, 40],
          iconAnchor: [16, 39],
        });
        const pin = marker([lat, long], {
          icon: looks,
          keyboard: false,
          title: name ?? "",
          riseOnHover: true,
          zIndexOffset: open?.now === true ? 2000 : 1000,
        });
        pinOf.set(id, pin.on("click", () => onPick(id)).addTo(results));
      }
      drawDots();
      drawLabels();
    },
    /** @param {Position | undefined} position @param {number} [radius] metres that are searched */
    showMe(position, radius) {
      me.clearLayers();
      if (position === undefined) return;
      if (radius !== undefined) circle([position.lat, position.long], { radius, className: "searched", interactive: false }).addTo(me);
      circleMarker([position.lat, position.long], { radius: 8, className: "me", interactive: false }).addTo(me);
    },
    /** @param {string | undefined} id */
    highlight(id) {
      for (const [of, pin] of pinOf) pin.getElement()?.classList.toggle("is-chosen", of === id);
    },
    /** Shows all of these. @param {readonly { lat?: number | null, long?: number | null }[]} places */
    frame(places) {
      const points = placed(/** @type {Pin[]} */ (places)).map(({ lat, long }) => /** @type {[number, number]} */ ([lat, long]));
      if (points.length === 0) return;
      isTheirs = false;
      map.fitBounds(latLngBounds(points), { padding: [48, 56], maxZoom: closestZoom, animate: !isCalm });
    },
    /** `west,south,east,north` of what is shown. */
    bounds() {
      const shown = map.getBounds();
      const [west, east] = [Math.max(-180, shown.getWest()), Math.min(180, shown.getEast())];
      return [west, Math.max(-90, shown.getSouth()), east, Math.min(90, shown.getNorth())].map((degrees) => degrees.toFixed(3)).join(",");
    },
  };
}

/** @param {boolean | null} open */
function moodOf(open) {
  if (open === null) return "unknown";
  return open ? "open" : "closed";
}
