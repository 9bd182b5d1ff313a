import type { DatabaseSync } from "node:sqlite";
import type { Enqueued, NewDelivery, Settled, StoredTurn, TurnSettlement } from "@jackfield/core";
import type { ChannelNumbers } from "../outbox/channel-numbers.ts";
import type { SteadyTime } from "../steady-time.ts";
import { inboundStateNumber } from "./inbound-states.ts";

const running = inboundStateNumber("running");
const dropped = inboundStateNumber("dropped");

/** Lets the next message of a thread have its turn. To be run when one of them has ended. */
export function createUnblockThread(database: DatabaseSync, time: SteadyTime) {
  const unblock = database.prepare(`
    UPDATE inbound
    SET blocked = 0, due_at = CASE WHEN debounce_ms IS NULL THEN ? ELSE max(?, received_at + debounce_ms) END
    WHERE seq = (SELECT seq FROM inbound WHERE thread = ? AND blocked = 1 ORDER BY seq LIMIT 1)`);
  return (thread: number) => {
    const at = time.now();
    unblock.run(at, at, thread);
  };
}

/** Records what became of turns. To be run inside of a transaction. */
export function createSettleTurns(
  database: DatabaseSync,
  channels: ChannelNumbers,
  time: SteadyTime,
  unblock: (thread: number) => void,
  enqueue: (delivery: NewDelivery) => Enqueued,
) {
  const find = database.prepare(
    `SELECT seq, thread, ordered, turns, budget_from FROM inbound WHERE id = ? AND token = ? AND state = ${running}`,
  );
  const move = database.prepare(`
    UPDATE inbound SET state = ?, due_at = ?, lease_until = NULL, turns = ?, updated_at = ?, reason = ? WHERE seq = ?`);
  const release = database.prepare(
    "UPDATE inbound SET state = ?, due_at = ?, lease_until = NULL, updated_at = ? WHERE seq = ?",
  );
  const insertTurn = database.prepare(
    "INSERT INTO turns (seq, number, at, duration_ms, failure, wait_ms) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const told = database.prepare(
    `UPDATE inbound SET told = 1 WHERE thread = ? AND state = ${dropped} AND told = 0 AND turn_of = ?`,
  );

  return function settle(settlement: TurnSettlement): Settled {
    const row = find.get(settlement.id, settlement.token);
    if (!row) return { outcome: "fenced" };
    const [seq, thread, turns] = [Number(row.seq), Number(row.thread), Number(row.turns)];
    const at = time.now();
    if (settlement.event === "release") {
      const state = turns === Number(row.budget_from) ? "waiting" : "retrying";
      release.run(inboundStateNumber(state), at, at, seq);
      return { outcome: "recorded" };
    }
    if (settlement.event === "handle") {
      const problem = enqueueAll(settlement.answers);
      if (problem !== undefined) return { outcome: "unstorable", problem };
      told.run(thread, seq);
    }
    const { event, turn } = settlement;
    const dueAt = event === "retry" ? time.in(settlement.delayMs) : null;
    const reason = "reason" in settlement ? settlement.reason : (turn.failure?.message ?? null);
    move.run(inboundStateNumber(after[event]), dueAt, turns + 1, at, reason, seq);
    recordTurn(seq, turn);
    if (row.ordered === 1 && (event === "handle" || event === "give_up")) unblock(thread);
    return { outcome: "recorded" };
  };

  /** All of them, or none. @returns why none was */
  function enqueueAll(answers: readonly NewDelivery[]): string | undefined {
    if (answers.length === 0) return undefined;
    database.exec("SAVEPOINT answers");
    for (const answer of answers) {
      const result = enqueue(answer);
      if (result.outcome === "accepted" || result.outcome === "duplicate") continue;
      database.exec("ROLLBACK TO answers; RELEASE answers");
      // An answer may have been the first to name its channel, and that is undone as well.
      channels.forget();
      return result.outcome === "refused"
        ? result.problem
        : `its idempotency key stands for other content already, in ${result.id}`;
    }
    database.exec("RELEASE answers");
    return undefined;
  }

  function recordTurn(seq: number, { number, at, durationMs, failure, waitMs }: StoredTurn): void {
    insertTurn.run(
      seq,
      number,
      at,
      durationMs ?? null,
      failure ? JSON.stringify(failure) : null,
      waitMs ?? null,
    );
  }
}

const after = { handle: "handled", retry: "retrying", pause: "paused", give_up: "dead" } as const;
