/** The values of configured keys that this environment happens to hold: for asking Partoo whose they are, and for never showing them. */
import { pino } from "pino";
import type { Variables } from "../environment.ts";
import type { Secret } from "../secret.ts";
import { openKeyRing } from "../keys.ts";

/** @returns for each name none, one, or two: the value, and the next one. A value that is missing or unusable is none. */
export function readHeldValues(names: readonly string[], env: Variables, origin: string): ReadonlyMap<string, readonly Secret[]> {
  const logger = pino({ level: "silent" });
  return new Map(
    names.map((name) => {
      const { keys, faults } = openKeyRing([name], env, { origin, logger });
      keys.close();
      return [name, faults.length > 0 ? [] : keys.all()];
    }),
  );
}
