// @ts-check
/** All that a site changes: where the proxy is, what the map stands on, and what may be loaded from elsewhere. */

/** Cut for the demo's countries. For your own stores name tiles instead. */
export const config = {
  /** The proxy's address and the frontend's name. */
  api: "http://localhost:8080/store-locator",

  /**
   * Map tiles, e.g. `{ url: "https://tiles.your-brand.com/{z}/{x}/{y}.png", attribution: "© OpenStreetMap contributors" }`; their host
   * goes into `img-src` of the page's Content-Security-Policy. undefined: basemap.json, which needs no network.
   * @type {{ readonly url: string, readonly attribution: string } | undefined}
   */
  tiles: undefined,

  /**
   * Hosts whose photos are shown; they go into `img-src`, too. The demo's made-up photos are nowhere.
   * @type {readonly string[]}
   */
  photoHosts: [],

  /** Where "Directions" leads. */
  directions: "https://www.openstreetmap.org/directions?to={lat}%2C{long}",

  /** Kinds of store to choose from; Google's category and its name. None: no choice is shown. */
  categories: {
    "gcid:supermarket": "Supermarkets",
    "gcid:cafe": "Cafés",
    "gcid:restaurant": "Restaurants",
    "gcid:bar": "Bars",
    "gcid:convenience_store": "Late shops",
  },

  /** How far "Near me" looks, in metres; the second is where it starts. */
  radiuses: [1000, 5000, 10_000, 25_000, 100_000],
};
