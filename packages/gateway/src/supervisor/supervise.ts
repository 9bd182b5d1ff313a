import {
  type Clock,
  createRetryPolicy,
  decide,
  isListenerError,
  type Random,
  sleepUnlessAborted,
  startTimer,
} from "@jackfield/core";

/** Something that receives for as long as it works. */
export interface Listener {
  readonly id: string;
  /** Resolves or rejects when it has ended; the signal asks it to. */
  start(signal: AbortSignal): Promise<void>;
}

/** How a listener is doing. */
export interface ListenerState {
  readonly id: string;
  readonly state: "up" | "waiting" | "parked" | "stopped";
  /** Why it is not up. */
  readonly reason?: string;
  /** How often it was started again. */
  readonly restarts: number;
}

export type SupervisorEvent =
  | {
      readonly type: "listener_failed";
      readonly listener: string;
      readonly error: unknown;
      /** The wait before it is started again, in milliseconds. */
      readonly waitMs: number;
    }
  | { readonly type: "listener_parked"; readonly listener: string; readonly error: unknown }
  /** It did not end when it was asked to, and was left behind. */
  | { readonly type: "listener_stuck"; readonly listener: string };

export interface SuperviseOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** How long a listener may take to end, in milliseconds. */
  readonly drainTimeoutMs: number;
  readonly onEvent: (event: SupervisorEvent) => void;
}

export interface Supervised {
  state(): ListenerState;
  /** Has a parked listener try again. */
  retry(): void;
  /** Resolves when it has ended for good, or was left behind. */
  readonly done: Promise<void>;
}

/** How long a listener has to be up before its failures are forgotten, in milliseconds. */
const healthyAfterMs = 60_000;

/** The waits between starts: they grow to a minute, and never end. */
const backoff = createRetryPolicy({
  maxRetries: 1_000_000,
  retryBaseDelayMs: 1000,
  retryMaxDelayMs: 60_000,
});

/**
 * Keeps a listener going.
 *
 * It is `up` from its start. When it ends, in whatever way, it is `waiting`, and started again after a backoff that grows with each failure;
 * only having been up for a minute makes the next failure a first one again. Where it says that no restart would help
 * (`ListenerError`), it is `parked` until `retry`. The signal ends it from any state, and then it is `stopped`.
 */
export function supervise(listener: Listener, options: SuperviseOptions): Supervised {
  const { clock, random, signal, onEvent } = options;
  const { id } = listener;
  let state: ListenerState = { id, state: "up", restarts: 0 };
  let unpark: (() => void) | undefined;

  const run = async () => {
    let failures = 0;
    for (let restarts = 0; !signal.aborted; restarts++) {
      state = { id, state: "up", restarts };
      const since = clock.monotonic();
      const error = await endOf(listener, options);
      if (signal.aborted) break;
      if (clock.monotonic() - since >= healthyAfterMs) failures = 0;
      const reason = error instanceof Error ? error.message : String(error);
      if (isListenerError(error)) {
        state = { id, state: "parked", reason, restarts };
        onEvent({ type: "listener_parked", listener: id, error });
        await parked();
        failures = 0;
        continue;
      }
      failures++;
      const decision = decide(backoff, { kind: "unknown", ambiguous: false }, failures, random);
      const waitMs = decision.action === "retry" ? decision.delayMs : 0;
      state = { id, state: "waiting", reason, restarts };
      onEvent({ type: "listener_failed", listener: id, error, waitMs });
      await sleepUnlessAborted(clock, waitMs, signal);
    }
    state = { id, state: "stopped", restarts: state.restarts };
  };

  const parked = () =>
    new Promise<void>((resolve) => {
      unpark = () => {
        unpark = undefined;
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => unpark?.();
      signal.addEventListener("abort", leave, { once: true });
    });

  return { state: () => state, retry: () => unpark?.(), done: run() };
}

/** Why a listener has ended; one that does not end when it is asked to is left behind after a while. */
async function endOf(listener: Listener, options: SuperviseOptions): Promise<unknown> {
  const { clock, signal, drainTimeoutMs, onEvent } = options;
  const ended = (async () => {
    try {
      await listener.start(signal);
      return new Error(`${listener.id} ended by itself`);
    } catch (error) {
      return error;
    }
  })();
  const stuck = Promise.withResolvers<void>();
  let stopTimer: () => void = () => undefined;
  const wait = () => {
    stopTimer = startTimer(clock, drainTimeoutMs, () => {
      onEvent({ type: "listener_stuck", listener: listener.id });
      stuck.resolve();
    });
  };
  if (signal.aborted) wait();
  else signal.addEventListener("abort", wait, { once: true });
  try {
    return await Promise.race([ended, stuck.promise]);
  } finally {
    signal.removeEventListener("abort", wait);
    stopTimer();
  }
}
