/** Several requests on one connection, sent at once. */
import type { Pipeline } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { PLAIN_TARGET } from "./entry.ts";

const PLAIN = request(PLAIN_TARGET);

export const PIPELINE_ROWS: readonly Pipeline[] = [["two plain requests", PLAIN + PLAIN, ["plain", "plain"]]];
