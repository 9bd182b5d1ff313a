import { JackfieldError } from "../error.ts";
import { StoreError } from "../store/store.ts";
import type { NewDelivery, Outbox } from "./outbox.ts";

/** An accepted message: on disk, and on its way. */
export interface Accepted {
  readonly id: string;
  /** The idempotency key was known already, with the same content: `id` is that delivery, and nothing new was accepted. */
  readonly duplicate: boolean;
}

/**
 * Stores a delivery. Resolves once it is on disk.
 *
 * @throws JackfieldError `IDEMPOTENCY_CONFLICT`; StoreError where it cannot be kept. In each case nothing was accepted.
 */
export async function accept(outbox: Outbox, delivery: NewDelivery): Promise<Accepted> {
  const [enqueued] = await outbox.enqueue([delivery]);
  if (!enqueued) throw new TypeError("the store gave no answer for the message");
  if (enqueued.outcome === "refused") throw new StoreError("STORE_REFUSED", enqueued.problem);
  if (enqueued.outcome === "conflict") {
    throw new JackfieldError(
      "IDEMPOTENCY_CONFLICT",
      `the idempotency key "${delivery.message.idempotencyKey}" stands for other content already, in ${enqueued.id}: use another key for another message`,
    );
  }
  return { id: enqueued.id, duplicate: enqueued.outcome === "duplicate" };
}
