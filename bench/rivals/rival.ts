/** What is measured side by side. */
import type { Child } from "../child.ts";
import type { World } from "../world.ts";

export interface Rival {
  readonly name: string;
  /** Goes before Partoo's own path (`/v2/…`). */
  readonly prefix: string;
  /** @param upstream address of the stand-in for Partoo. @param coded whether that one compresses when asked to */
  start(world: World, upstream: { readonly url: string; readonly coded: boolean }): Promise<Child>;
}
