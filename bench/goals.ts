/** The figures that this project wants to reach, beside what was measured. */
import type { CachedResult } from "./cached.ts";
import type { Standing } from "./contest.ts";
import type { DirectoryResult } from "./directory.ts";
import type { Question } from "./directory/answers.ts";
import type { ForgeriesResult } from "./forgeries.ts";
import type { PageResult } from "./page.ts";
import type { StampedeResult } from "./stampede.ts";
import type { StartResult } from "./start-up.ts";

/** What was measured; a part that was not asked for is absent. */
export interface Measured {
  readonly cached?: CachedResult;
  readonly forward?: readonly Standing[];
  readonly stampede?: StampedeResult;
  readonly page?: PageResult;
  readonly start?: StartResult;
  readonly directory?: DirectoryResult;
  readonly forgeries?: ForgeriesResult;
}

export interface Goal {
  readonly what: string;
  readonly reach: string;
  readonly measured: string;
  readonly reached: boolean;
}

const CALLS = 1;
const PAGE_SHARE = 0.5;
const START_MS = 300;
const IDLE_MB = 110;
const INDEX_MB = 150;
const SWEEP_CALLS = 501;
const EDIT_CALLS = 2;
/** Against stored answers, by processor time. */
const ANSWER_RATIO = 2;
const JUDGED_QUESTIONS: ReadonlySet<Question> = new Set(["near", "words"]);
/** A handful. */
const CHECKS = 5;

/** Those of the parts that were measured, in their order. */
export function judgeGoals({ cached, forward, stampede, page, start, directory, forgeries }: Measured): readonly Goal[] {
  return [
    ...(cached?.standings ?? []).flatMap(judgeRatio),
    ...(forward ?? []).flatMap(judgeRatio),
    ...(stampede === undefined ? [] : [judgeStampede(stampede)]),
    ...(page === undefined ? [] : [judgePage(page)]),
    ...(start === undefined ? [] : judgeStart(start)),
    ...(directory === undefined ? [] : judgeDirectory(directory)),
    ...(forgeries === undefined ? [] : [judgeForgeries(forgeries)]),
  ];
}

function judgeRatio({ scenario, rival, ratio, processorRatio, reach }: Standing): readonly Goal[] {
  if (reach === undefined) return [];
  const measured = `${ratio.toFixed(2)} (${processorRatio.toFixed(2)} by CPU)`;
  return [{ what: `${scenario}, against ${rival}`, reach: `≥ ${reach}`, measured, reached: ratio >= reach }];
}

function judgeStampede({ callers, calls, contents, failures }: StampedeResult): Goal {
  const measured = `${calls}; ${contents} content${contents === 1 ? "" : "s"}, ${failures} failed`;
  const reached = calls === CALLS && contents === 1 && failures === 0;
  return { what: `${callers} identical misses at once: upstream calls`, reach: `${CALLS}`, measured, reached };
}

function judgePage({ ours, partoo }: PageResult): Goal {
  const share = ours.brotli / partoo.brotli;
  const measured = `${(share * 100).toFixed(1)} %`;
  return {
    what: "page of 50 stores, of Partoo's bytes, both brotli",
    reach: `≤ ${PAGE_SHARE * 100} %`,
    measured,
    reached: share <= PAGE_SHARE,
  };
}

function judgeStart({ medianMs, idleMb }: StartResult): readonly Goal[] {
  const start = { what: "start to ready, warm compile cache", reach: `≤ ${START_MS} ms`, measured: `${medianMs.toFixed(0)} ms` };
  const rest = { what: "memory at rest", reach: `≤ ${IDLE_MB} MB`, measured: idleMb === undefined ? "unknown" : `${idleMb.toFixed(1)} MB` };
  return [
    { ...start, reached: medianMs <= START_MS },
    { ...rest, reached: idleMb !== undefined && idleMb <= IDLE_MB },
  ];
}

function judgeDirectory({ stores, indexMb, answers, reading }: DirectoryResult): readonly Goal[] {
  const { budget, limited, sweepCalls, maxRollingMinute, editCalls } = reading;
  const judged = answers.filter(({ question, coding }) => coding === "none" && JUDGED_QUESTIONS.has(question));
  const most = (what: string, figure: number, { reach, digits = 0, unit = "" }: MostOptions): Goal => ({
    what: `${stores} stores: ${what}`,
    reach: `≤ ${reach}${unit}`,
    measured: `${figure.toFixed(digits)}${unit}`,
    reached: figure <= reach,
  });
  return [
    ...judged.map(({ question, ratio }) => most(`${question}, against stored, by CPU`, ratio, { reach: ANSWER_RATIO, digits: 2 })),
    most("index", indexMb, { reach: INDEX_MB, digits: 1, unit: " MB" }),
    most("calls of a sweep", sweepCalls, { reach: SWEEP_CALLS }),
    most("most calls in a minute meanwhile", maxRollingMinute, { reach: budget }),
    most("calls answered 429", limited, { reach: 0 }),
    most("calls until an edit shows", editCalls, { reach: EDIT_CALLS }),
  ];
}

interface MostOptions {
  readonly reach: number;
  readonly digits?: number;
  readonly unit?: string;
}

function judgeForgeries({ costs }: ForgeriesResult): Goal {
  const worst = Math.max(...costs.filter(({ isForged }) => isForged).map(({ checks }) => checks));
  return {
    what: "the dearest forged session, in checks of a signature",
    reach: `≤ ${CHECKS}`,
    measured: worst.toFixed(2),
    reached: worst <= CHECKS,
  };
}
