import type { DatabaseSync } from "node:sqlite";
import type { Settlement, StoredAttempt } from "@jackfield/core";
import { after, stateNumber } from "../states.ts";
import type { SteadyTime } from "../steady-time.ts";

/** Lets the next delivery with an ordering key go. To be run when one of them has ended. */
export function createUnblock(database: DatabaseSync, time: SteadyTime) {
  const unblock = database.prepare(`
    UPDATE deliveries SET blocked = 0, due_at = ?
    WHERE seq = (SELECT seq FROM deliveries WHERE ordering_key = ? AND blocked = 1 ORDER BY seq LIMIT 1)`);
  return (orderingKey: string) => void unblock.run(time.now(), orderingKey);
}

/** Records what became of claims. To be run inside of a transaction. */
export function createSettle(
  database: DatabaseSync,
  time: SteadyTime,
  unblock: (orderingKey: string) => void,
) {
  const insertAttempt = database.prepare(
    "INSERT INTO attempts (seq, number, at, duration_ms, status, failure, wait_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const fenced = `WHERE seq = ? AND token = ? AND state = ${stateNumber("sending")}`;
  const end = database.prepare(`
    UPDATE deliveries
    SET state = ?, due_at = ?, lease_until = NULL, attempts = attempts + 1, maybe_arrived = ?, updated_at = ?,
        failure_kind = ?, reason = ?, receipt = ?
    ${fenced}`);
  const release = database.prepare(`
    UPDATE deliveries
    SET state = CASE attempts WHEN budget_from THEN ${after("release")} ELSE ${stateNumber("retrying")} END,
        due_at = ?, lease_until = NULL, maybe_arrived = max(maybe_arrived, ?), updated_at = ?
    ${fenced}`);
  const readArrived = database.prepare("SELECT maybe_arrived, expires_at FROM deliveries WHERE seq = ?");

  /** @returns whether the claim was still ours */
  return function settle(settlement: Settlement, seq: number, orderingKey: string | null): boolean {
    const { token, event } = settlement;
    const at = time.now();
    if (event === "release")
      return release.run(at, settlement.maybeArrived ? 1 : 0, at, seq, token).changes === 1;
    const { attempt } = settlement;
    const kind = attempt.failure?.kind ?? null;
    const receipt = event === "deliver" ? JSON.stringify(settlement.receipt) : null;
    const reason = "reason" in settlement ? settlement.reason : (attempt.failure?.message ?? null);
    // What was delivered did arrive; for the others it is enough that one attempt may have.
    const before = event === "deliver" ? undefined : readArrived.get(seq);
    const arrived = event === "deliver" || before?.maybe_arrived === 1 || attempt.failure?.ambiguous === true;
    const due = dueAfter(settlement, time, before?.expires_at);
    const { changes } = end.run(after(event), due, arrived ? 1 : 0, at, kind, reason, receipt, seq, token);
    if (changes !== 1) return false;
    recordAttempt(seq, attempt);
    if (orderingKey !== null && (event === "deliver" || event === "give_up")) unblock(orderingKey);
    return true;
  };

  function recordAttempt(
    seq: number,
    { number, at, durationMs, status, failure, waitMs }: StoredAttempt,
  ): void {
    const text = failure ? JSON.stringify(failure) : null;
    insertAttempt.run(seq, number, at, durationMs, status ?? null, text, waitMs ?? null);
  }
}

/** When a delivery is looked at next: for its retry, or because its time runs out. */
function dueAfter(settlement: Settlement, time: SteadyTime, expiresAt: unknown): number | null {
  const limit = typeof expiresAt === "number" ? expiresAt : null;
  if (settlement.event === "retry")
    return Math.min(time.in(settlement.delayMs), limit ?? Number.MAX_SAFE_INTEGER);
  return settlement.event === "pause" ? limit : null;
}
