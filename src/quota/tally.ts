/** What this process has spent and refused, for the operator page and the metrics. Decides nothing. */

export interface FrontendTally {
  /** Calls of this process in the window that ends now. */
  readonly used: number;
  /** Since the start. */
  readonly admitted: number;
  readonly refused: number;
}

export interface Tally {
  /** @param frontend undefined: a call of our own */
  admitted(frontend: string | undefined): void;
  refused(frontend: string | undefined): void;
  readonly total: () => FrontendTally;
  readonly frontends: () => ReadonlyMap<string, FrontendTally>;
}

interface Line {
  times: number[];
  admitted: number;
  refused: number;
}

/** @param now monotonic milliseconds */
export function createTally(windowMs: number, now: () => number): Tally {
  const whole = newLine();
  const frontends = new Map<string, Line>();
  const linesOf = (frontend: string | undefined): readonly Line[] => {
    if (frontend === undefined) return [whole];
    const line = frontends.get(frontend) ?? newLine();
    frontends.set(frontend, line);
    return [whole, line];
  };
  const read = (line: Line): FrontendTally => {
    forget(line, now() - windowMs);
    return { used: line.times.length, admitted: line.admitted, refused: line.refused };
  };
  return {
    admitted(frontend) {
      const time = now();
      for (const line of linesOf(frontend)) {
        line.admitted += 1;
        line.times.push(time);
        forget(line, time - windowMs);
      }
    },
    refused(frontend) {
      for (const line of linesOf(frontend)) line.refused += 1;
    },
    total: () => read(whole),
    frontends: () => new Map([...frontends].map(([name, line]) => [name, read(line)])),
  };
}

function newLine(): Line {
  return { times: [], admitted: 0, refused: 0 };
}

function forget(line: Line, untilMs: number): void {
  let gone = 0;
  while ((line.times[gone] ?? Number.POSITIVE_INFINITY) <= untilMs) gone += 1;
  if (gone > 0) line.times.splice(0, gone);
}
