import type { DatabaseSync } from "node:sqlite";
import type { Settlement, StoredAttempt } from "@jackfield/core";
import { after, stateNumber } from "../states.ts";
import type { SteadyTime } from "../steady-time.ts";

type Failed = Extract<Settlement, { readonly event: "retry" | "pause" | "give_up" }>;

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
  // The usual end has a statement of its own, which touches no index that it need not.
  const delivered = database.prepare(`
    UPDATE deliveries
    SET state = ${after("deliver")}, lease_until = NULL, attempts = attempts + 1, maybe_arrived = 1, updated_at = ?,
        failure_kind = NULL, reason = ?, receipt = ?
    ${fenced}`);
  const end = database.prepare(`
    UPDATE deliveries
    SET state = ?, due_at = ?, lease_until = NULL, attempts = attempts + 1, maybe_arrived = ?, updated_at = ?,
        failure_kind = ?, reason = ?
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
    const { changes } =
      event === "deliver"
        ? delivered.run(at, attempt.failure?.message ?? null, JSON.stringify(settlement.receipt), seq, token)
        : fail(settlement, seq, at);
    if (changes !== 1) return false;
    recordAttempt(seq, attempt);
    if (orderingKey !== null && (event === "deliver" || event === "give_up")) unblock(orderingKey);
    return true;
  };

  function fail(settlement: Failed, seq: number, at: number) {
    const { event, attempt, token } = settlement;
    const before = readArrived.get(seq);
    const reason = "reason" in settlement ? settlement.reason : (attempt.failure?.message ?? null);
    const maybeArrived = before?.maybe_arrived === 1 || attempt.failure?.ambiguous === true ? 1 : 0;
    const due = dueAfter(settlement, time, before?.expires_at);
    return end.run(after(event), due, maybeArrived, at, attempt.failure?.kind ?? null, reason, seq, token);
  }

  function recordAttempt(
    seq: number,
    { number, at, durationMs, status, failure, waitMs }: StoredAttempt,
  ): void {
    const text = failure ? JSON.stringify(failure) : null;
    insertAttempt.run(seq, number, at, durationMs, status ?? null, text, waitMs ?? null);
  }
}

/** When a delivery is looked at next: for its retry, or because its time runs out. */
function dueAfter(settlement: Failed, time: SteadyTime, expiresAt: unknown): number | null {
  const limit = typeof expiresAt === "number" ? expiresAt : null;
  if (settlement.event === "retry")
    return Math.min(time.in(settlement.delayMs), limit ?? Number.MAX_SAFE_INTEGER);
  return settlement.event === "pause" ? limit : null;
}
