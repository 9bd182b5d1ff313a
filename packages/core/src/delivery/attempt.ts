import { assertFits } from "../channel/capabilities.ts";
import type { Attempt, Receipt } from "../channel/channel.ts";
import type { OutboundMessage } from "../channel/message.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import type { Clock } from "../clock.ts";
import { type DeliveryError, toDeliveryError } from "../failure/delivery-error.ts";

/** One try of a delivery, as it is kept and shown. */
export interface AttemptRecord {
  /** 1 for the first attempt. */
  readonly number: number;
  /** When it began: milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** The status of the answer, if there was one. */
  readonly status?: number;
  /** Why it did not deliver. */
  readonly failure?: DeliveryError;
  /** The wait before the next attempt, if there is to be one. */
  readonly waitMs?: number;
}

/** How an attempt ended. */
export type AttemptOutcome =
  | { readonly record: AttemptRecord; readonly receipt: Receipt }
  | { readonly record: AttemptRecord; readonly failure: DeliveryError };

/**
 * Makes one attempt and describes it: what `send()` and the dispatcher have in common.
 *
 * @throws the signal's reason when that is aborted; anything else that goes wrong is a failure of the attempt
 */
export async function makeAttempt(
  { channel }: OpenChannel,
  message: OutboundMessage,
  attempt: Attempt,
  clock: Clock,
): Promise<AttemptOutcome> {
  const { number } = attempt;
  const at = clock.now();
  const started = clock.monotonic();
  try {
    assertFits(message, channel.capabilities, channel.id);
    const { replaces } = message;
    const receipt = storable(
      await (replaces !== undefined && channel.edit
        ? channel.edit(replaces, message, attempt)
        : channel.deliver(message, attempt)),
    );
    const record = { number, at, durationMs: clock.monotonic() - started, ...statusOf(receipt) };
    return { record, receipt };
  } catch (error) {
    attempt.signal?.throwIfAborted();
    const failure = toDeliveryError(error);
    const record = { number, at, durationMs: clock.monotonic() - started, ...statusOf(failure), failure };
    return { record, failure };
  }
}

function statusOf({ status }: { readonly status?: number }): { readonly status?: number } {
  return Number.isInteger(status) && status !== undefined ? { status } : {};
}

/**
 * A receipt as far as it can be kept. Channels are other people's code, in JavaScript too: what is no part of a receipt
 * must not keep the outcome of a delivery from being recorded.
 */
function storable(receipt: unknown): Receipt {
  if (typeof receipt !== "object" || receipt === null) return {};
  const { remoteId, status, duplicate, response }: { [Key in keyof Receipt]?: unknown } = receipt;
  return {
    ...(typeof remoteId === "string" ? { remoteId } : {}),
    ...(typeof status === "number" && Number.isInteger(status) ? { status } : {}),
    ...(typeof duplicate === "boolean" ? { duplicate } : {}),
    ...(typeof response === "string" ? { response } : {}),
  };
}
