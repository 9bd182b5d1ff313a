import type { Clock } from "../clock.ts";
import { againMs } from "../work/pulse.ts";
import { sleepUnlessAborted } from "../work/waits.ts";
import type { DispatchRight, Outbox } from "./outbox.ts";

export interface DispatchRightOptions {
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Waits for its turn where another process dispatches this store. */
  readonly standby: boolean;
}

/** Does its work while this process, and no other, dispatches the store. `elsewhere`: another one does. */
export async function withDispatchRight<Result>(
  outbox: Outbox,
  options: DispatchRightOptions,
  work: () => Promise<Result>,
): Promise<Result | "stopped" | "elsewhere"> {
  const right = await acquire(outbox, options);
  if (!right) return options.signal?.aborted ? "stopped" : "elsewhere";
  try {
    return await work();
  } finally {
    await right.release();
  }
}

async function acquire(
  outbox: Outbox,
  { clock, signal, standby }: DispatchRightOptions,
): Promise<DispatchRight | undefined> {
  while (!signal?.aborted) {
    const right = await outbox.acquireDispatch();
    if (right || !standby) return right;
    await sleepUnlessAborted(clock, againMs, signal);
  }
  return undefined;
}
