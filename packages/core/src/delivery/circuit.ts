import type { FailureKind } from "../failure/delivery-error.ts";

/** Failures that are the endpoint's own: another message would fare no better. */
const endpointKinds: readonly FailureKind[] = ["server_error", "timeout", "network"];

export interface CircuitPolicy {
  /** How many of the endpoint's own failures in a row open the circuit; 0 never opens it. */
  readonly circuitFailures: number;
  /** How long it stays open before one attempt probes the endpoint, in milliseconds. */
  readonly circuitResetMs: number;
}

/**
 * The circuit breaker of one channel.
 *
 * Closed, everything passes. After `circuitFailures` failures in a row that are the endpoint's own it opens, and nothing passes:
 * what it holds back spends no attempt. After `circuitResetMs` it lets one attempt through as a probe; that closes it, or opens it
 * for as long again. Any answer of the endpoint that is not its own failure counts as a sign of life.
 */
export class Circuit {
  readonly #policy: CircuitPolicy;
  #failuresInARow = 0;
  /** Monotonic milliseconds; undefined while the circuit is closed. */
  #probeAt: number | undefined;

  constructor(policy: CircuitPolicy) {
    this.#policy = policy;
  }

  get isOpen(): boolean {
    return this.#probeAt !== undefined;
  }

  /** How many attempts may begin, given how many are under way; and if none, in how many milliseconds that may change. */
  admits(inFlight: number, now: number): { readonly count: number; readonly inMs?: number } {
    if (this.#probeAt === undefined) return { count: Number.POSITIVE_INFINITY };
    if (now < this.#probeAt) return { count: 0, inMs: this.#probeAt - now };
    return { count: inFlight === 0 ? 1 : 0 };
  }

  /** @returns whether this outcome opened or closed the circuit */
  record(failure: FailureKind | undefined, now: number): "opened" | "closed" | undefined {
    // Neither says anything about the endpoint: nothing was sent, or nobody knows what came of it.
    if (failure === "blocked" || failure === "unknown") return undefined;
    if (failure === undefined || !endpointKinds.includes(failure)) {
      const wasOpen = this.isOpen;
      this.#failuresInARow = 0;
      this.#probeAt = undefined;
      return wasOpen ? "closed" : undefined;
    }
    this.#failuresInARow++;
    const { circuitFailures, circuitResetMs } = this.#policy;
    if (circuitFailures === 0 || this.#failuresInARow < circuitFailures) return undefined;
    const wasOpen = this.isOpen;
    this.#probeAt = now + circuitResetMs;
    return wasOpen ? undefined : "opened";
  }
}
