import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Claim, ClaimRequest, OutboundMessage } from "@jackfield/core";
import { after, stateNumber } from "../states.ts";
import type { ChannelNumbers } from "./channel-numbers.ts";

type Row = Record<string, SQLOutputValue>;

/** What a claim found. */
export interface Claimed {
  readonly claims: { readonly claim: Claim; readonly seq: number }[];
  /** What ended instead of being claimed: its time had run out, or its record is damaged. */
  readonly ended: {
    readonly id: string;
    readonly channel: string;
    readonly orderingKey: string | null;
    readonly expired: boolean;
  }[];
  readonly nextDueInMs: Map<string, number>;
}

const columns =
  "seq, id, channel, state, token, attempts, budget_from, maybe_arrived, ordering_key, expires_at, message";

/** Claims what is due. To be run inside of a transaction. */
export function createClaim(database: DatabaseSync, channels: ChannelNumbers, now: () => number) {
  const due = database.prepare(
    `SELECT ${columns} FROM deliveries WHERE channel = ? AND due_at <= ? ORDER BY due_at, seq LIMIT ?`,
  );
  const lapsed = database.prepare(
    `SELECT ${columns} FROM deliveries WHERE lease_until <= ? AND channel = ? ORDER BY lease_until, seq LIMIT ?`,
  );
  const nextDue = database.prepare(
    "SELECT min(due_at) AS at FROM deliveries WHERE channel = ? AND due_at > ?",
  );
  const nextLapse = database.prepare(
    "SELECT min(lease_until) AS at FROM deliveries WHERE lease_until > ? AND channel = ? AND token > 0",
  );
  const take = database.prepare(`
    UPDATE deliveries
    SET state = ${stateNumber("sending")}, due_at = NULL, lease_until = ?, token = token + 1, maybe_arrived = ?
    WHERE seq = ?`);
  const expire = database.prepare(`
    UPDATE deliveries
    SET state = ${after("expire")}, due_at = NULL, lease_until = NULL, token = token + 1, updated_at = ?, reason = ?
    WHERE seq = ?`);

  const bury = database.prepare(`
    UPDATE deliveries
    SET state = ${stateNumber("dead")}, due_at = NULL, lease_until = NULL, token = token + 1, updated_at = ?, reason = ?
    WHERE seq = ?`);

  return function claim({ limits, leaseMs }: ClaimRequest, taken: ReadonlyMap<string, number>): Claimed {
    const at = now();
    const found: Claimed = { claims: [], ended: [], nextDueInMs: new Map() };
    for (const [channel, limit] of limits) {
      const number = channels.find(channel);
      let wanted = limit - (taken.get(channel) ?? 0);
      if (number === undefined || wanted <= 0) continue;
      const rows = [...lapsed.all(at, number, wanted), ...due.all(number, at, wanted)].slice(0, wanted);
      for (const row of rows) {
        if (row.expires_at !== null && Number(row.expires_at) <= at) {
          expire.run(at, "its time had run out before it could be sent", Number(row.seq));
          found.ended.push({
            id: String(row.id),
            channel,
            orderingKey: textOrNull(row.ordering_key),
            expired: true,
          });
          continue;
        }
        const maybeArrived = row.maybe_arrived === 1 || row.state === stateNumber("sending");
        const claim = claimOf(row, channel, maybeArrived);
        if (claim === undefined) {
          bury.run(at, "its record is damaged: the message in it cannot be read", Number(row.seq));
          found.ended.push({
            id: String(row.id),
            channel,
            orderingKey: textOrNull(row.ordering_key),
            expired: false,
          });
          continue;
        }
        take.run(at + leaseMs, maybeArrived ? 1 : 0, Number(row.seq));
        found.claims.push({ claim, seq: Number(row.seq) });
        wanted--;
      }
      if (wanted > 0) noteNextDue(found, channel, number, at);
    }
    return found;
  };

  function noteNextDue({ nextDueInMs }: Claimed, channel: string, number: number, at: number): void {
    const times = [nextDue.get(number, at)?.at, nextLapse.get(at, number)?.at].filter(
      (time) => typeof time === "number",
    );
    if (times.length > 0) nextDueInMs.set(channel, Math.max(1, Math.min(...times) - at));
  }
}

/** One damaged record must not hold up its neighbours; undefined for it. */
function readMessage(text: SQLOutputValue | undefined): OutboundMessage | undefined {
  try {
    return JSON.parse(String(text)) as OutboundMessage;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function claimOf(row: Row, channel: string, maybeArrived: boolean): Claim | undefined {
  const message = readMessage(row.message);
  if (message === undefined) return undefined;
  const orderingKey = textOrNull(row.ordering_key);
  return {
    id: String(row.id),
    channel,
    message,
    token: Number(row.token) + 1,
    attemptsMade: Number(row.attempts),
    budgetUsed: Number(row.attempts) - Number(row.budget_from),
    maybeArrived,
    ...(orderingKey === null ? {} : { orderingKey }),
  };
}

function textOrNull(value: SQLOutputValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
