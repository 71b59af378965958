/** What every command of `src/main.ts` is: a name, a help text, and one function from arguments to an exit code. */

/** All that a command may touch of the process. Tests hand in their own. */
export interface CommandIo {
  /** Writes one line, or several with line breaks between; the last break is added. */
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the process is told to stop (SIGTERM, SIGINT). */
  readonly signal: AbortSignal;
  /** Called at every SIGHUP from then on, which otherwise ends the process. */
  readonly onHangup?: (listener: () => void) => void;
}

export interface Command {
  /** As typed after `src/main.ts`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /**
   * Runs until done, or until `io.signal` is aborted.
   * @param argv what follows the command's name
   * @returns exit code: 0 yes, 1 no (findings, refused, difference), 2 usage or I/O (design §12)
   * @throws TypeError with a `code` of ERR_PARSE_ARGS_… from node:util for arguments nobody knows
   */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}
