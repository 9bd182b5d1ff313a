import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { InboundMessage, TurnClaim, TurnClaimRequest, TurnClaimResult } from "@jackfield/core";
import type { SteadyTime } from "../steady-time.ts";
import { inboundStateNumber } from "./inbound-states.ts";

type Row = Record<string, SQLOutputValue>;

const [waiting, running, merged, dropped, dead] = [
  inboundStateNumber("waiting"),
  inboundStateNumber("running"),
  inboundStateNumber("merged"),
  inboundStateNumber("dropped"),
  inboundStateNumber("dead"),
];

/** The turn that a crash left behind. */
const interrupted = JSON.stringify({ kind: "unknown", message: "the process ended in this turn" });

const inChannels = "channel IN (SELECT number FROM channels WHERE id IN (SELECT value FROM json_each(?)))";

/** Claims messages whose turn has come. To be run inside of a transaction. */
export function createClaimTurns(
  database: DatabaseSync,
  time: SteadyTime,
  unblock: (thread: number) => void,
) {
  const lapsed = database.prepare(
    `SELECT * FROM inbound WHERE lease_until <= ? AND ${inChannels} ORDER BY lease_until, seq LIMIT ?`,
  );
  const due = database.prepare(
    `SELECT * FROM inbound WHERE due_at <= ? AND ${inChannels} ORDER BY due_at, seq LIMIT ?`,
  );
  const nextDue = database.prepare(
    `SELECT min(due_at) AS at FROM inbound WHERE due_at IS NOT NULL AND ${inChannels}`,
  );
  const take = database.prepare(`
    UPDATE inbound
    SET state = ${running}, due_at = NULL, lease_until = ?, started_at = ?, token = token + 1, turns = ?
    WHERE seq = ?`);
  const recordInterrupted = database.prepare(
    "INSERT INTO turns (seq, number, at, failure) VALUES (?, ?, ?, ?)",
  );
  const merge = database.prepare(`
    UPDATE inbound SET state = ${merged}, blocked = 0, turn_of = ?, updated_at = ?
    WHERE thread = ? AND blocked = 1 AND state = ${waiting}`);
  const mergedInto = database.prepare(
    `SELECT message FROM inbound WHERE turn_of = ? AND state = ${merged} ORDER BY seq`,
  );
  const untold = database.prepare(
    `SELECT message FROM inbound WHERE thread = ? AND state = ${dropped} AND told = 0 ORDER BY seq`,
  );
  const tell = database.prepare(
    `UPDATE inbound SET turn_of = ? WHERE thread = ? AND state = ${dropped} AND told = 0`,
  );
  const bury = database.prepare(
    `UPDATE inbound SET state = ${dead}, due_at = NULL, lease_until = NULL, token = token + 1, updated_at = ?, reason = ?
     WHERE seq = ?`,
  );

  return function claim({ channels, limit, leaseMs }: TurnClaimRequest): TurnClaimResult {
    const at = time.now();
    const names = JSON.stringify(channels);
    const wanted = Math.max(0, limit);
    const rows = lapsed.all(at, names, wanted);
    if (rows.length < wanted) rows.push(...due.all(at, names, wanted - rows.length));
    const claims = rows.flatMap((row) => claimOf(row, at, time.in(leaseMs)) ?? []);
    const next = rows.length < limit ? nextDue.get(names)?.at : undefined;
    return { claims, ...(typeof next === "number" ? { nextDueInMs: time.until(next) } : {}) };
  };

  function claimOf(row: Row, at: number, leaseUntil: number): TurnClaim | undefined {
    const seq = Number(row.seq);
    const thread = Number(row.thread);
    const message = readMessage(row.message);
    if (!message) {
      bury.run(at, "its record is damaged: the message in it cannot be read", seq);
      if (row.ordered === 1) unblock(thread);
      return undefined;
    }
    const wasRunning = row.state === running;
    const turnsMade = Number(row.turns) + (wasRunning ? 1 : 0);
    if (wasRunning) recordInterrupted.run(seq, turnsMade, Number(row.started_at), interrupted);
    take.run(leaseUntil, at, turnsMade, seq);
    if (row.debounce_ms !== null) merge.run(seq, at, thread);
    const droppedRows = untold.all(thread);
    if (droppedRows.length > 0) tell.run(seq, thread);
    return {
      id: message.id,
      token: Number(row.token) + 1,
      message,
      merged: mergedInto.all(seq).flatMap(messageIn),
      dropped: droppedRows.flatMap(messageIn),
      turnsMade,
      budgetUsed: turnsMade - Number(row.budget_from),
      ...(row.preview === null ? {} : { preview: String(row.preview) }),
    };
  }
}

function messageIn(row: Row): InboundMessage[] {
  const message = readMessage(row.message);
  return message ? [message] : [];
}

/** One damaged record must not hold up its neighbours; undefined for it. */
export function readMessage(text: SQLOutputValue | undefined): InboundMessage | undefined {
  try {
    const message: unknown = JSON.parse(String(text));
    return typeof message === "object" && message !== null ? (message as InboundMessage) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
