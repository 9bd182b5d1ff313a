import type { Receipt } from "../channel/channel.ts";
import { createMessage, type MessageDraft, type OutboundMessage } from "../channel/message.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import { type Clock, type Random, systemClock } from "../clock.ts";
import { JackfieldError } from "../error.ts";
import type { DeliveryError } from "../failure/delivery-error.ts";
import { type Decision, decide } from "../retry/decide.ts";
import { type AttemptRecord, makeAttempt } from "./attempt.ts";
import { guardObserver } from "./observer.ts";

/** A message that was delivered, and what it took. */
export interface SendResult {
  readonly message: OutboundMessage;
  readonly receipt: Receipt;
  readonly attempts: readonly AttemptRecord[];
}

export interface SendOptions {
  /** Ends the wait or the request that is under way; nothing more is sent and `send` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each attempt. What it throws is reported as an uncaught exception and does not touch the delivery. */
  readonly onAttempt?: (attempt: AttemptRecord, decision: Decision | undefined) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A message that could not be delivered: every attempt, and the last failure as `cause`. */
export class SendError extends JackfieldError {
  override readonly name = "SendError";
  override readonly cause: DeliveryError;
  readonly sent: OutboundMessage;
  readonly attempts: readonly AttemptRecord[];
  /** `pause`: a person has to do something before it can work. */
  readonly decision: Exclude<Decision, { action: "retry" }>;

  constructor(
    channelId: string,
    message: OutboundMessage,
    attempts: readonly AttemptRecord[],
    decision: SendError["decision"],
    cause: DeliveryError,
  ) {
    const made = attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`;
    super("SEND_FAILED", `${channelId}: not delivered after ${made}: ${cause.message}`, { cause });
    this.cause = cause;
    this.sent = message;
    this.attempts = attempts;
    this.decision = decision;
  }
}

/**
 * Sends a message now and keeps nothing: the retry loop lives in memory and ends with the process.
 *
 * @throws SendError when the channel's retry policy gives up, or when a person has to act first
 */
export async function send(
  open: OpenChannel,
  draft: MessageDraft | string,
  options: SendOptions = {},
): Promise<SendResult> {
  const { signal, clock = systemClock, random = Math.random } = options;
  const onAttempt = options.onAttempt && guardObserver(options.onAttempt);
  signal?.throwIfAborted();
  const message = createMessage(draft, clock.now());
  const attempts: AttemptRecord[] = [];
  let maybeArrived = false;
  for (let number = 1; ; number++) {
    const attempt = signal ? { number, maybeArrived, signal } : { number, maybeArrived };
    const outcome = await makeAttempt(open, message, attempt, clock);
    if ("receipt" in outcome) {
      attempts.push(outcome.record);
      onAttempt?.(outcome.record, undefined);
      return { message, receipt: outcome.receipt, attempts };
    }
    const decision = decide(open.retryPolicy, outcome.failure, number, random);
    const record =
      decision.action === "retry" ? { ...outcome.record, waitMs: decision.delayMs } : outcome.record;
    attempts.push(record);
    onAttempt?.(record, decision);
    if (decision.action !== "retry")
      throw new SendError(open.channel.id, message, attempts, decision, outcome.failure);
    maybeArrived ||= outcome.failure.ambiguous;
    await clock.sleep(decision.delayMs, signal);
  }
}
