/** What an operator may do to this instance: each action is one line in the log, and the last ones are kept for the page. */
import type { ReloadOutcome, Reloader } from "../config/reload.ts";
import type { Operator } from "./access.ts";
import type { Instance } from "./instance.ts";
import type { PurgeTarget } from "./purge-tags.ts";
import type { PurgeReport } from "./purge.ts";
import { Problem, problem } from "../problem.ts";
import { purgeByHand } from "./purge.ts";

const MAX_KEPT = 8;

/** One action, in words for the page. */
export interface Action {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operator: Operator;
  readonly words: string;
  readonly succeeded: boolean;
}

export interface Actions {
  /** @throws Problem parameter-invalid */
  purge(target: PurgeTarget, operator: Operator): Promise<PurgeReport>;
  /** @throws Problem route-not-allowed where nothing can be reloaded */
  reload(operator: Operator): ReloadOutcome;
  /** Newest first. */
  recent(): readonly Action[];
}

export function createActions(instance: Instance, reloader: Reloader | undefined): Actions {
  const kept: Action[] = [];
  const keep = (operator: Operator, words: string, succeeded: boolean): void => {
    kept.unshift({ at: Date.now(), operator, words, succeeded });
    kept.length = Math.min(kept.length, MAX_KEPT);
  };
  return {
    async purge(target, operator) {
      try {
        const report = await purgeByHand(target, instance);
        const { entries, instances } = report;
        instance.logger.info({ operator, action: "purge", ...target, entries, instances }, "purged by hand");
        keep(operator, `Purged ${nameOf(target)}: ${entries} stored here${REACH[instances]}.`, true);
        return report;
      } catch (fault) {
        if (fault instanceof Problem) keep(operator, `Purged nothing: ${fault.detail}`, false);
        throw fault;
      }
    },
    reload(operator) {
      if (reloader === undefined) throw problem("route-not-allowed", { detail: "This process does not reload its configuration." });
      const outcome = reloader.reload("operator");
      instance.logger.info({ operator, action: "reload", result: outcome.result, policy: outcome.policy }, "reload asked for by hand");
      keep(operator, RELOADED[outcome.result], outcome.result !== "refused");
      return outcome;
    },
    recent: () => [...kept],
  };
}

const REACH: Readonly<Record<PurgeReport["instances"], string>> = {
  all: ", and in every other instance",
  this: "",
  "this-for-now": "; other instances hear of it when Redis is back",
};

const RELOADED: Readonly<Record<ReloadOutcome["result"], string>> = {
  taken: "Reloaded: the configuration was taken over.",
  unchanged: "Reloaded: nothing has changed.",
  refused: "Not reloaded: the configuration has faults, the one before stays in use.",
};

function nameOf(target: PurgeTarget): string {
  return "all" in target ? "everything" : target.tag;
}
