/**
 * What exchanges leave behind: a count for each, and a line for each as long as lines are few. A caller whom no limit has admitted can
 * send without end, so of those only so many lines a second are written; one line then says how many more there were of each kind.
 */
import type { ExchangeLabels, ExchangeTally } from "./exchange-tally.ts";
import type { Logger } from "./log.ts";

const LINES_PER_SECOND = 100;

/** How one exchange ended. */
export interface ExchangeEnd {
  readonly labels: ExchangeLabels;
  /** From the request's head to the answer. */
  readonly seconds: number;
  /** Whether a limit on requests has let it pass. */
  readonly admitted: boolean;
  readonly level: "info" | "warn" | "error";
  /** Fields of ours; made only when the line is written. */
  readonly line: () => object;
}

export interface ExchangeLog {
  /** One count; one line, or a part of one. */
  write(end: ExchangeEnd): void;
  /** Counts in this second's line what leaves no other trace. @param kind a word of ours */
  omit(kind: string): void;
  /** Writes what is not written yet. */
  close(): void;
}

export function createExchangeLog(tally: ExchangeTally, logger: Logger): ExchangeLog {
  const omitted = new Map<string, number>();
  let linesLeft = LINES_PER_SECOND;
  let timer: NodeJS.Timeout | undefined;

  const beginSecond = (): void => void (timer ??= setTimeout(endSecond, 1000).unref());
  const endSecond = (): void => {
    clearTimeout(timer);
    timer = undefined;
    linesLeft = LINES_PER_SECOND;
    if (omitted.size === 0) return;
    logger.warn({ omitted: Object.fromEntries(omitted) }, "more was refused in this second than is logged one by one");
    omitted.clear();
  };
  const omit = (kind: string): void => {
    beginSecond();
    omitted.set(kind, (omitted.get(kind) ?? 0) + 1);
  };

  return {
    omit,
    write({ labels, seconds, admitted, level, line }) {
      tally.add(labels, seconds);
      if (!admitted) {
        beginSecond();
        if (linesLeft === 0) return omit(labels.code || labels.status);
        linesLeft -= 1;
      }
      logger[level](line());
    },
    close: endSecond,
  };
}
