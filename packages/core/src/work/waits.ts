import type { Clock } from "../clock.ts";

/** Waits; the abort of the signal is the end of the wait, and no error. */
export async function sleepUnlessAborted(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** Does something after a while, unless the function that is returned is called before. */
export function startTimer(clock: Clock, ms: number, onOver: () => void): () => void {
  const stopped = new AbortController();
  void sleepUnlessAborted(clock, ms, stopped.signal).then(() => {
    if (!stopped.signal.aborted) onOver();
  });
  return () => stopped.abort();
}

/** Ends the waiting for something, though not the thing itself, when the signal is aborted. @throws the signal's reason */
export async function orAborted<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
