import { inspect } from "node:util";
import { isJackfieldError, JackfieldError } from "../error.ts";

/** Why an attempt did not deliver. */
export const failureKinds = [
  "auth_required",
  "rate_limited",
  "server_error",
  "timeout",
  "network",
  "rejected",
  "blocked",
  "unknown",
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** What {@link DeliveryError} and the record of an attempt say about a failure. */
export interface Failure {
  readonly kind: FailureKind;
  /** The status of the answer, where the protocol has HTTP's statuses. */
  readonly status?: number;
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The message may have arrived and taken effect all the same. */
  readonly ambiguous: boolean;
}

/** The one error with which a channel says that an attempt did not deliver. */
export class DeliveryError extends JackfieldError implements Failure {
  override readonly name = "DeliveryError";
  readonly kind: FailureKind;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly ambiguous: boolean;

  constructor(message: string, failure: Failure & { cause?: unknown }) {
    super(
      `DELIVERY_${failure.kind.toUpperCase()}`,
      message,
      failure.cause === undefined ? undefined : { cause: failure.cause },
    );
    this.kind = failure.kind;
    if (failure.status !== undefined) this.status = failure.status;
    if (failure.retryAfterMs !== undefined) this.retryAfterMs = failure.retryAfterMs;
    this.ambiguous = failure.ambiguous;
  }
}

/** Whether a value is a DeliveryError, whichever copy of the package made it. */
export function isDeliveryError(value: unknown): value is DeliveryError {
  return isJackfieldError(value) && "kind" in value && failureKinds.some((kind) => kind === value.kind);
}

/**
 * What a channel threw, as a DeliveryError. Anything that is none counts as `unknown` and ambiguous: nobody knows how far
 * the attempt came.
 */
export function toDeliveryError(thrown: unknown): DeliveryError {
  if (isDeliveryError(thrown)) return thrown;
  const message =
    thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : inspect(thrown);
  return new DeliveryError(message || "the channel failed without a message", {
    kind: "unknown",
    ambiguous: true,
    cause: thrown,
  });
}
