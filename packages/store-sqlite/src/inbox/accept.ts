import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { type InboundMessage, type NewInbound, type Received, threadOf } from "@jackfield/core";
import { isAboutTheValue } from "../database.ts";
import type { ChannelNumbers } from "../outbox/channel-numbers.ts";
import { digestOf } from "../outbox/content-digest.ts";
import type { SteadyTime } from "../steady-time.ts";
import type { ThreadNumbers } from "../threads/thread-numbers.ts";
import { inboundStateFrom, inboundStateNumber } from "./inbound-states.ts";

const [waiting, dropped, refused] = [
  inboundStateNumber("waiting"),
  inboundStateNumber("dropped"),
  inboundStateNumber("refused"),
];

/** How much longer than its quiet time a thread that is never quiet is waited for. */
const longestDebounce = 10;

/** Stores new messages. To be run inside of a transaction; one that cannot be stored leaves its neighbours alone. */
export function createAccept(
  database: DatabaseSync,
  channels: ChannelNumbers,
  threads: ThreadNumbers,
  time: SteadyTime,
) {
  const findRemote = database.prepare(
    "SELECT seq, id, state, digest, debounce_ms, ordered FROM inbound WHERE thread = ? AND remote_id = ?",
  );
  const isDelivery = database.prepare("SELECT 1 FROM deliveries WHERE id = ?");
  const nthNewest = database.prepare(`
    SELECT received_at FROM inbound WHERE thread = ? AND received_at > ? AND state <> ${refused}
    ORDER BY received_at DESC LIMIT 1 OFFSET ?`);
  const findHead = database.prepare(
    "SELECT seq, state, received_at FROM inbound WHERE thread = ? AND ordered = 1 AND blocked = 0 AND state < 10",
  );
  const insert = database.prepare(`
    INSERT INTO inbound
      (id, channel, thread, remote_id, digest, state, due_at, ordered, blocked, debounce_ms, received_at, updated_at,
       reason, message)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const postpone = database.prepare("UPDATE inbound SET due_at = ? WHERE seq = ?");
  const admit = database.prepare(`
    UPDATE inbound SET state = ${waiting}, due_at = ?, ordered = ?, blocked = ?, debounce_ms = ?, updated_at = ?, reason = NULL
    WHERE seq = ?`);

  return function accept(inbound: NewInbound): Received {
    const { message, refusal } = inbound;
    const { remoteId } = message;
    const channel = channels.numberOf(message.channel);
    const name = threadOf(message);
    const thread = threads.find(channel, name);
    if (remoteId !== undefined && thread !== undefined) {
      const row = findRemote.get(thread, remoteId);
      if (row) return repeat(row, thread, inbound);
    }
    if (remoteId?.startsWith("msg_") && isDelivery.get(remoteId)) return { outcome: "own" };
    const retryAfterMs = thread === undefined ? undefined : rateOf(thread, inbound.policy);
    if (retryAfterMs !== undefined) return { outcome: "rate_limited", retryAfterMs };
    const head = thread === undefined ? undefined : findHead.get(thread);
    const state =
      refusal !== undefined ? refused : inbound.policy.concurrency === "drop" && head ? dropped : waiting;
    const at = time.now();
    try {
      const place = state === waiting ? placeOf(inbound, head, at) : unplaced;
      const text = JSON.stringify(message);
      const digest = remoteId === undefined ? null : contentDigest(message);
      insert.run(
        message.id,
        channel,
        threads.touch(channel, name, at),
        remoteId ?? null,
        digest,
        state,
        place.dueAt,
        place.ordered,
        place.blocked,
        place.debounceMs,
        at,
        at,
        refusal ?? null,
        text,
      );
    } catch (error) {
      // A statement that fails takes nothing back but itself.
      if (!isAboutTheValue(error)) throw error;
      return { outcome: "unstorable", problem: `the message could not be stored: ${error.message}` };
    }
    return { outcome: "accepted", id: message.id, state: inboundStateFrom(state) };
  };

  /** Where a message that waits stands in its thread; one that debounces gives what is before it another while. */
  function placeOf({ policy }: NewInbound, head: Row | undefined, at: number): Place {
    const { concurrency, debounceMs } = policy;
    if (concurrency === "parallel") return { dueAt: at, ordered: 0, blocked: 0, debounceMs: null };
    const merges = concurrency === "debounce";
    const quietAt = (since: number) => Math.min(time.in(debounceMs), since + longestDebounce * debounceMs);
    if (merges && head?.state === waiting) postpone.run(quietAt(Number(head.received_at)), Number(head.seq));
    return {
      dueAt: head ? null : merges ? quietAt(at) : at,
      ordered: 1,
      blocked: head ? 1 : 0,
      debounceMs: merges ? debounceMs : null,
    };
  }

  function repeat(row: Row, thread: number, inbound: NewInbound): Received {
    const id = String(row.id);
    if (row.digest !== contentDigest(inbound.message)) return { outcome: "conflict", id };
    if (row.state !== refused || inbound.refusal !== undefined) {
      return { outcome: "duplicate", id, state: inboundStateFrom(row.state) };
    }
    // Its sender may speak by now.
    const at = time.now();
    const place = placeOf(inbound, findHead.get(thread), at);
    admit.run(place.dueAt, place.ordered, place.blocked, place.debounceMs, at, Number(row.seq));
    return { outcome: "accepted", id, state: "waiting" };
  }

  /** In how many milliseconds a thread may go on; undefined where it may now. */
  function rateOf(
    thread: number,
    { threadRateLimit, threadRateWindowMs }: NewInbound["policy"],
  ): number | undefined {
    if (threadRateLimit === 0) return undefined;
    const from = time.now() - threadRateWindowMs;
    const row = nthNewest.get(thread, from, threadRateLimit - 1);
    return row && Number(row.received_at) - from;
  }
}

type Row = Record<string, SQLOutputValue>;

interface Place {
  readonly dueAt: number | null;
  readonly ordered: 0 | 1;
  readonly blocked: 0 | 1;
  readonly debounceMs: number | null;
}

const unplaced: Place = { dueAt: null, ordered: 0, blocked: 0, debounceMs: null };

/** What a remote id stands for: the content of the message, without what is new in each request. */
function contentDigest({ id: _id, channel: _channel, receivedAt: _at, ...content }: InboundMessage): string {
  return digestOf(content);
}
