/** Metrics of what an operator has to do about the configuration: keys that expire, and reloads. */
import type { Reloader } from "../config/reload.ts";
import type { Instance } from "./instance.ts";
import type { Definer } from "./prometheus.ts";
import { keyExpiries } from "../key-expiry.ts";

/** @param startedAt seconds since 1970: the configuration was taken then, if never since */
export function defineConfig(
  { counter, gauge }: Definer,
  { policy }: Pick<Instance, "policy">,
  reloader: Pick<Reloader, "last" | "counts" | "takenAt"> | undefined,
  startedAt = Math.round(Date.now() / 1000),
): void {
  gauge("partoo_bff_key_expires_timestamp_seconds", "When a key expires, by its day in the configuration.", ["key"], () =>
    keyExpiries(policy(), Date.now()).map(({ key, expires }) => [{ key }, Date.parse(expires) / 1000]),
  );
  counter("partoo_bff_config_reloads_total", "Changed configurations, by whether they were taken over.", ["result"], () =>
    Object.entries(reloader?.counts ?? { taken: 0, refused: 0 }).map(([result, count]) => [{ result }, count]),
  );
  gauge("partoo_bff_config_last_reload_successful", "0 while the last configuration that was read is one that was refused.", [], () => [
    [{}, reloader?.last?.result === "refused" ? 0 : 1],
  ]);
  gauge("partoo_bff_config_last_taken_timestamp_seconds", "When the running configuration was taken over.", [], () => [
    [{}, reloader?.takenAt === undefined ? startedAt : Date.parse(reloader.takenAt) / 1000],
  ]);
}
