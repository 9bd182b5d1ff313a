import type { DatabaseSync } from "node:sqlite";
import type { Enqueued, NewDelivery } from "@jackfield/core";
import { isAboutTheValue } from "../database.ts";
import { stateNumber } from "../states.ts";
import type { SteadyTime } from "../steady-time.ts";
import type { ThreadNumbers } from "../threads/thread-numbers.ts";
import type { ChannelNumbers } from "./channel-numbers.ts";
import { contentDigest } from "./content-digest.ts";

/** Decides over a delivery that is about to be stored: whether it is claimed in the moment it is accepted, and until when. */
export type ClaimAtBirth = (delivery: NewDelivery) => number | undefined;

/** A delivery that was stored as one that is claimed already. */
export interface Born {
  readonly delivery: NewDelivery;
  readonly seq: number;
}

const queued = stateNumber("queued");
const sending = stateNumber("sending");

/** Stores new deliveries. To be run inside of a transaction; one that cannot be stored leaves its neighbours alone. */
export function createEnqueue(
  database: DatabaseSync,
  channels: ChannelNumbers,
  threads: ThreadNumbers,
  time: SteadyTime,
) {
  const insert = database.prepare(`
    INSERT INTO deliveries
      (id, channel, state, due_at, lease_until, token, ordering_key, blocked, thread_id, idempotency_key, digest,
       created_at, updated_at, expires_at, message, thread, in_reply_to)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`);
  const findKey = database.prepare(
    "SELECT id, digest FROM deliveries WHERE channel = ? AND idempotency_key = ?",
  );
  const findId = database.prepare("SELECT id, channel, message FROM deliveries WHERE id = ?");
  const findHead = database.prepare(
    "SELECT 1 FROM deliveries WHERE ordering_key = ? AND ordering_key IS NOT NULL AND blocked = 0 AND state < 10",
  );

  return function enqueue(
    delivery: NewDelivery,
    claimAtBirth: ClaimAtBirth,
  ): { result: Enqueued; born?: Born } {
    const { channel, message, orderingKey = null, expiresInMs, inReplyTo = null } = delivery;
    const { id, threadId = null, idempotencyKey } = message;
    const number = channels.numberOf(channel);
    const thread = delivery.thread ?? threadId;
    const ownKey = idempotencyKey === id ? null : idempotencyKey;
    const at = time.now();
    const blocked = orderingKey !== null && findHead.get(orderingKey) !== undefined;
    const leaseUntil = blocked ? undefined : claimAtBirth(delivery);
    const claimed = leaseUntil !== undefined;
    let text: string;
    let digest: string | null;
    try {
      text = JSON.stringify(message);
      digest = ownKey === null ? null : contentDigest(message);
      const { changes, lastInsertRowid } = insert.run(
        id,
        number,
        claimed ? sending : queued,
        claimed || blocked ? null : at,
        leaseUntil ?? null,
        claimed ? 1 : 0,
        orderingKey,
        blocked ? 1 : 0,
        threadId,
        ownKey,
        digest,
        at,
        at,
        expiresInMs === undefined ? null : time.in(expiresInMs),
        text,
        thread === null ? null : threads.touch(number, thread, at),
        inReplyTo,
      );
      if (changes === 1) {
        const seq = Number(lastInsertRowid);
        return { result: { outcome: "accepted", id }, ...(claimed ? { born: { delivery, seq } } : {}) };
      }
    } catch (error) {
      // A statement that fails takes nothing back but itself.
      if (!isAboutTheValue(error)) throw error;
      return { result: { outcome: "refused", problem: `the message could not be stored: ${error.message}` } };
    }
    const byKey = ownKey === null ? undefined : findKey.get(number, ownKey);
    if (byKey)
      return {
        result: { outcome: byKey.digest === digest ? "duplicate" : "conflict", id: String(byKey.id) },
      };
    const byId = findId.get(id);
    if (!byId)
      throw new TypeError(`the delivery ${id} was not stored, and nothing that is stored is in its way`);
    const isSame = byId.channel === number && byId.message === text;
    return { result: { outcome: isSame ? "duplicate" : "conflict", id } };
  };
}
