/** What every part of the bench works in. */
export interface World {
  /** The project's folder. */
  readonly root: string;
  /** A temporary folder with `config/` in it. */
  readonly directory: string;
  /** Says what is being measured, while it is. */
  readonly progress: (line: string) => void;
}

/** How long and how often. */
export interface Effort {
  /** Of load in each round of each rival. */
  readonly seconds: number;
  readonly rounds: number;
}

/** Cores by task: what is measured has one for itself, so that a ratio compares like with like. */
export const CORE = { measured: 0, load: 1 } as const;

/** Where the stand-ins tell how often they were asked for anything else. */
export const CALLS_PATH = "/_calls";

/** A page of 50 stores, as Partoo's own path. */
export const PAGE_PATH = "/v2/business/search?city=Paris";

/** The origin that the shipped configuration lists. */
export const ORIGIN = "https://stores.acme.example";

/** What a browser on a page of that origin sends. */
export const BROWSER_FIELDS = { origin: ORIGIN, "accept-encoding": "gzip, br" } as const;
