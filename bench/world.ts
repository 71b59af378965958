/** What every part of the bench works in. */
export interface World {
  /** The project's folder. */
  readonly root: string;
  /** A temporary folder with `config/` in it. */
  readonly directory: string;
  /** Says what is being measured, while it is. */
  readonly progress: (line: string) => void;
}

/** Cores by task: what is measured has one for itself, so that a ratio compares like with like. */
export const CORE = { measured: 0, load: 1 } as const;
