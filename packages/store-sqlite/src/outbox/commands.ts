import type { DatabaseSync } from "node:sqlite";
import {
  type CommandRequest,
  type CommandResult,
  canHappen,
  type DeliveryEvent,
  type DeliveryState,
} from "@jackfield/core";
import { after, mayHappen, stateFromNumber, stateNumber } from "../states.ts";
import type { SteadyTime } from "../steady-time.ts";
import type { ChannelNumbers } from "./channel-numbers.ts";
import { conditionOf } from "./queries.ts";

/** What a person can do to deliveries. */
export type Command = Extract<DeliveryEvent, "resume" | "redeliver" | "force_redeliver" | "cancel">;

/** Applies commands. To be run inside of a transaction, each call changing at most `limit` deliveries, oldest first. */
export function createCommands(
  database: DatabaseSync,
  channels: ChannelNumbers,
  time: SteadyTime,
  unblock: (orderingKey: string) => void,
) {
  const findHead = database.prepare(
    "SELECT 1 FROM deliveries WHERE ordering_key = ? AND blocked = 0 AND state < 10 AND seq <> ?",
  );
  const again = database.prepare(`
    UPDATE deliveries
    SET state = ${stateNumber("queued")}, due_at = ?, blocked = ?, budget_from = attempts, updated_at = ?, reason = ?,
        expires_at = NULL, failure_kind = NULL, receipt = NULL
    WHERE seq = ?`);
  const resume = database.prepare(`
    UPDATE deliveries
    SET state = ${after("resume")}, due_at = ?, budget_from = attempts, updated_at = ?, reason = ?
    WHERE seq = ?`);
  const cancel = database.prepare(`
    UPDATE deliveries
    SET state = ${after("cancel")}, due_at = NULL, blocked = 0, updated_at = ?, reason = ?
    WHERE seq = ?`);

  const findState = database.prepare("SELECT state FROM deliveries WHERE id = ?");

  return function run(command: Command, { filter, limit, after: from }: CommandRequest): CommandResult {
    const { sql, values } = conditionOf(filter, channels);
    const rows = database
      .prepare(
        `SELECT seq, state, ordering_key FROM deliveries
         WHERE ${sql} AND ${mayHappen(command)} AND seq > ? ORDER BY seq LIMIT ?`,
      )
      .all(...values, from === undefined ? 0 : Number(from), limit + 1);
    const chosen = rows.slice(0, limit);
    const skipped = from === undefined ? skippedOf(command, filter.ids ?? []) : [];
    for (const row of chosen) {
      const orderingKey = typeof row.ordering_key === "string" ? row.ordering_key : null;
      apply(command, Number(row.seq), stateFromNumber(row.state), orderingKey);
    }
    const last = chosen.at(-1)?.seq;
    return {
      changed: chosen.length,
      skipped,
      ...(rows.length > limit && last !== undefined ? { next: String(last) } : {}),
    };
  };

  function apply(command: Command, seq: number, state: DeliveryState, orderingKey: string | null): void {
    const at = time.now();
    if (command === "resume") {
      resume.run(at, at, "resumed by a person", seq);
    } else if (command === "cancel") {
      cancel.run(at, "cancelled by a person", seq);
      // The one before may have been cancelled in this very call, and this one been at the head since.
      if (orderingKey !== null && findHead.get(orderingKey, seq) === undefined) unblock(orderingKey);
    } else {
      // Another one of its thread may be on its way; then this one is the next.
      const waits = orderingKey !== null && findHead.get(orderingKey, seq) !== undefined;
      again.run(waits ? null : at, waits ? 1 : 0, at, `redelivered by a person, after it was ${state}`, seq);
    }
  }

  /** Named deliveries get an answer each; those that a filter merely did not match do not. */
  function skippedOf(command: Command, ids: readonly string[]): { id: string; reason: string }[] {
    return ids.flatMap((id) => {
      const row = findState.get(id);
      if (!row) return [{ id, reason: "there is no such delivery" }];
      const state = stateFromNumber(row.state);
      return canHappen(command, state) ? [] : [{ id, reason: `it is ${state}` }];
    });
  }
}
