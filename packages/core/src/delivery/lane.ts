import { setMaxListeners } from "node:events";
import type { OpenChannel } from "../channel/open-channel.ts";
import type { FailureKind } from "../failure/delivery-error.ts";
import { Circuit } from "./circuit.ts";
import { RateLimit } from "./rate-limit.ts";

/** How many deliveries a lane takes now; and if it could take more later, in how many milliseconds. */
export interface Room {
  readonly count: number;
  readonly inMs?: number;
}

/**
 * One channel as the dispatcher sees it: how much may be under way, how fast, and whether at all. Lanes know nothing of each
 * other, so that none can starve another.
 */
export class Lane {
  readonly open: OpenChannel;
  readonly #rate: RateLimit | undefined;
  readonly #circuit: Circuit;
  #inFlight = 0;
  #refusalsInARow = 0;
  /** The channel waits for a person, by the store's word. */
  isSuspended = false;
  /** It is about to be removed: nothing more is claimed. */
  isLeaving = false;
  /** Ends the attempts that are under way when a shutdown, or the removal of the channel, has waited long enough. */
  readonly cutOff = new AbortController();
  /** The store may hold something that is due now: set by a wake, cleared by a claim that came back short. */
  mayHaveWork = true;
  /** When the store's next delivery is due, in monotonic milliseconds. */
  dueAt = Number.POSITIVE_INFINITY;

  constructor(open: OpenChannel) {
    this.open = open;
    // Every attempt listens to it.
    setMaxListeners(0, this.cutOff.signal);
    const { ratePerSecond } = open.dispatchPolicy;
    this.#rate = ratePerSecond === undefined ? undefined : new RateLimit(ratePerSecond);
    this.#circuit = new Circuit(open.dispatchPolicy);
  }

  get id(): string {
    return this.open.channel.id;
  }

  /** @param now monotonic milliseconds */
  room(now: number): Room {
    if (this.isSuspended || this.isLeaving) return { count: 0 };
    const free = this.open.dispatchPolicy.maxConcurrency - this.#inFlight;
    const circuit = this.#circuit.admits(this.#inFlight, now);
    const rate = this.#rate?.admits(now) ?? { count: Number.POSITIVE_INFINITY };
    const count = Math.min(free, circuit.count, rate.count);
    if (count > 0) return { count };
    const inMs = Math.max(circuit.inMs ?? 0, rate.inMs ?? 0);
    return free > 0 && inMs > 0 ? { count: 0, inMs } : { count: 0 };
  }

  begin(now: number): void {
    this.#inFlight++;
    this.#rate?.start(now);
  }

  end(): void {
    this.#inFlight--;
  }

  /** Takes note of how an attempt ended. */
  record(failure: FailureKind | undefined, now: number): "opened" | "closed" | undefined {
    return this.#circuit.record(failure, now);
  }

  /** Counts refusals that a person has to mend. @returns whether the channel is to be suspended */
  recordPause(paused: boolean): boolean {
    this.#refusalsInARow = paused ? this.#refusalsInARow + 1 : 0;
    const { suspendAfter } = this.open.dispatchPolicy;
    return suspendAfter > 0 && this.#refusalsInARow >= suspendAfter;
  }
}
