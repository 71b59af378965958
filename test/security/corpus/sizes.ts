/** Targets beyond 8 KiB, whole or in pieces. */
import type { Entry } from "./entry.ts";
import { request } from "../../support/raw-client.ts";

const longPath = (bytes: number): string => `/store-locator/v2/business/${"a".repeat(bytes - "/store-locator/v2/business/".length)}`;
const longQuery = (bytes: number): string =>
  `/store-locator/v2/business/search?city=${"a".repeat(bytes - "/store-locator/v2/business/search?city=".length)}`;

export const SIZES: readonly Entry[] = [
  ["a path of exactly 8,192 bytes", request(longPath(8192)), "400 parameter-invalid"],
  ["a path of 8,193 bytes", request(longPath(8193)), "414 target-too-long"],
  ["a query of exactly 8,192 bytes", request(longQuery(8192)), "400 parameter-invalid"],
  ["a query of 8,193 bytes", request(longQuery(8193)), "414 target-too-long"],
  ["a value of 10,000 bytes", request(`/store-locator/v2/business/search?city=${"x".repeat(10_000)}`), "414 target-too-long"],
  ["5,000 parameters", request(`/store-locator/v2/business/search?${"a=1&".repeat(5000)}`), "414 target-too-long"],
  ["a path of 40,000 bytes", request(longPath(40_000)), "414 target-too-long"],
  ["a path of 64 KiB", request(longPath(65_536)), "414 target-too-long"],
  ["a path of 9,000 bytes of an unknown frontend", request(`/${"a".repeat(9000)}`), "414 target-too-long"],
  ["slashes only", request("/".repeat(8193)), "414 target-too-long"],
  ["8,000 slashes", request("/".repeat(8000)), "404 frontend-unknown"],
  ["2,600 escapes of one byte", request(`/store-locator/v2/business/${"%61".repeat(2600)}`), "400 parameter-invalid"],
];
