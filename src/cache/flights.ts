/** Collapsed forwarding: one call per key however many wait, and nobody's leaving or limit fails the others. */

import type { PurgePoint } from "./purge-marks.ts";

/** One request that waits for a key. */
export interface Waiter {
  /** Pays for the call, if one turns out to be needed and this waiter is the one to pay. Throws its own refusal. */
  readonly admit: () => Promise<void>;
  /** Aborted when nobody reads this waiter's answer any more; its reason is what the waiter is told. */
  readonly signal: AbortSignal;
}

/** What a flight does, in order. */
export interface FlightPlan<T> {
  /** Looks where no call is needed; undefined: nothing usable there. */
  readonly look: () => Promise<T | undefined>;
  /** Makes the call. The signal is aborted when every waiter has gone. */
  readonly call: (signal: AbortSignal) => Promise<T>;
  /** Whether a flight under way began early enough to miss a change that this request must see. */
  readonly isOutdated: (startedAt: PurgePoint) => boolean;
  /** Where the log of changes stands now. */
  readonly startedAt: PurgePoint;
}

export interface Landing<T> {
  readonly value: T;
  /** Whether the flight was already under way when this waiter came. */
  readonly collapsed: boolean;
}

export interface Flights<T> {
  /** Joins the key's flight, or starts one. */
  join(key: string, plan: FlightPlan<T>, waiter: Waiter): Promise<Landing<T>>;
  /** Starts a flight that nobody pays for or waits for, or joins the one under way. */
  launch(key: string, plan: FlightPlan<T>): Promise<T>;
}

interface Passenger<T> extends Waiter {
  readonly settle: PromiseWithResolvers<T>;
}

/** A flight under way. Errors of the call are shared by all; a refusal to pay is its waiter's alone. */
class Flight<T> {
  readonly startedAt: PurgePoint;
  readonly landed: Promise<T>;
  readonly #passengers = new Set<Passenger<T>>();
  readonly #abort = new AbortController();
  readonly #plan: FlightPlan<T>;
  readonly #onEnd: () => void;
  #inBackground: boolean;

  /** @param onEnd called when nobody may board any more */
  constructor(plan: FlightPlan<T>, options: { readonly inBackground: boolean; readonly onEnd: () => void }) {
    this.#plan = plan;
    this.#onEnd = options.onEnd;
    this.#inBackground = options.inBackground;
    this.startedAt = plan.startedAt;
    this.landed = Promise.resolve()
      .then(() => this.#fly())
      .finally(options.onEnd);
    this.landed.then(
      (value) => this.#passengers.forEach(({ settle }) => settle.resolve(value)),
      (error: unknown) => this.#passengers.forEach(({ settle }) => settle.reject(error)),
    );
  }

  /** Resolves when the flight lands, rejects when this waiter leaves, can't pay, or the call fails. */
  board(waiter: Waiter): Promise<T> {
    const passenger: Passenger<T> = { ...waiter, settle: Promise.withResolvers<T>() };
    const leave = (): void => {
      passenger.settle.reject(waiter.signal.reason);
      this.#remove(passenger);
    };
    if (waiter.signal.aborted) leave();
    else {
      this.#passengers.add(passenger);
      waiter.signal.addEventListener("abort", leave, { once: true });
    }
    return passenger.settle.promise.finally(() => waiter.signal.removeEventListener("abort", leave));
  }

  /** From now on the flight lands whether anybody waits or not. */
  keep(): void {
    this.#inBackground = true;
  }

  async #fly(): Promise<T> {
    const found = await this.#plan.look();
    if (found !== undefined) return found;
    if (!this.#inBackground) await this.#findPayer();
    return this.#plan.call(this.#abort.signal);
  }

  /** The first waiter pays; one that can't is told so, and the next is asked. A refresh that joined meanwhile needs nobody to pay. */
  async #findPayer(): Promise<void> {
    for (const passenger of this.#passengers) {
      try {
        await passenger.admit();
        return;
      } catch (refusal) {
        passenger.settle.reject(refusal);
        this.#remove(passenger);
      }
    }
    if (this.#inBackground) return;
    throw this.#abort.signal.reason ?? new Error("nobody is left to pay for the call");
  }

  #remove(passenger: Passenger<T>): void {
    this.#passengers.delete(passenger);
    if (this.#passengers.size > 0 || this.#inBackground) return;
    this.#onEnd();
    this.#abort.abort(passenger.signal.reason);
  }
}

export function createFlights<T>(): Flights<T> {
  const underWay = new Map<string, Flight<T>>();
  const find = (key: string, plan: FlightPlan<T>, inBackground: boolean): { flight: Flight<T>; collapsed: boolean } => {
    const current = underWay.get(key);
    if (current !== undefined && !plan.isOutdated(current.startedAt)) return { flight: current, collapsed: true };
    const flight: Flight<T> = new Flight(plan, {
      inBackground,
      onEnd: () => {
        if (underWay.get(key) === flight) underWay.delete(key);
      },
    });
    underWay.set(key, flight);
    return { flight, collapsed: false };
  };
  return {
    async join(key, plan, waiter) {
      const { flight, collapsed } = find(key, plan, false);
      return { value: await flight.board(waiter), collapsed };
    },
    launch(key, plan) {
      const { flight } = find(key, plan, true);
      flight.keep();
      return flight.landed;
    },
  };
}
