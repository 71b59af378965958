/** What is measured side by side. */
import type { Child } from "../child.ts";
import type { World } from "../world.ts";

export interface Rival {
  readonly name: string;
  /** Goes before Partoo's own path (`/v2/…`). */
  readonly prefix: string;
  /** Why it can't take part on this machine; undefined: it can. */
  readonly absence?: string | undefined;
  start(world: World, sources: Sources): Promise<Child>;
}

/** Where a rival has its answers from. */
export interface Sources {
  /** Address of the stand-in for Partoo. */
  readonly url: string;
  /** Whether that one compresses when asked to. */
  readonly coded: boolean;
  /** Only where stored answers are measured: what partoo-bff answers, for those who are to send the same. */
  readonly same?: SameAnswer;
}

/** One answer of partoo-bff. */
export interface SameAnswer {
  /** A file with its fields and content as this request gets them (bench/servers/replay.ts). */
  readonly file: string;
  /** An address where the same answer is had without a content coding, for caches. */
  readonly plainUrl: string;
}
