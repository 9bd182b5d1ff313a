import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Claim, ClaimRequest, OutboundMessage } from "@jackfield/core";
import { after, stateNumber } from "../states.ts";
import type { SteadyTime } from "../steady-time.ts";
import type { ChannelNumbers } from "./channel-numbers.ts";

type Row = Record<string, SQLOutputValue>;

/** What a claim found. */
export interface Claimed {
  readonly claims: { readonly claim: Claim; readonly seq: number }[];
  readonly expired: { readonly id: string; readonly channel: string }[];
  readonly nextDueInMs: Map<string, number>;
}

const columns =
  "seq, id, channel, state, token, attempts, budget_from, maybe_arrived, ordering_key, expires_at, message";

/** How many deliveries may end in one transaction instead of being claimed. */
const mostEndedAtOnce = 500;

/** Claims what is due. To be run inside of a transaction. */
export function createClaim(
  database: DatabaseSync,
  channels: ChannelNumbers,
  time: SteadyTime,
  unblock: (orderingKey: string) => void,
) {
  const isSuspended = database.prepare(
    "SELECT 1 FROM channels WHERE number = ? AND suspended_at IS NOT NULL",
  );
  const due = database.prepare(
    `SELECT ${columns} FROM deliveries WHERE channel = ? AND due_at <= ? ORDER BY due_at, seq LIMIT ?`,
  );
  const lapsed = database.prepare(
    `SELECT ${columns} FROM deliveries WHERE channel = ? AND lease_until <= ? ORDER BY lease_until, seq LIMIT ?`,
  );
  const nextDue = database.prepare(
    "SELECT min(due_at) AS at FROM deliveries WHERE channel = ? AND due_at IS NOT NULL",
  );
  // One statement for all of them; what was claimed before, and was not settled, may have arrived.
  const take = database.prepare(`
    UPDATE deliveries
    SET maybe_arrived = max(maybe_arrived, state = ${stateNumber("sending")}),
        state = ${after("claim")}, due_at = NULL, lease_until = ?, token = token + 1
    WHERE seq IN (SELECT value FROM json_each(?))`);
  const end = database.prepare(`
    UPDATE deliveries
    SET state = ?, due_at = NULL, lease_until = NULL, token = token + 1, updated_at = ?, reason = ?
    WHERE seq = ?`);

  return function claim({ limits, leaseMs }: ClaimRequest, taken: ReadonlyMap<string, number>): Claimed {
    const found: Claimed = { claims: [], expired: [], nextDueInMs: new Map() };
    for (const [channel, limit] of limits) {
      const number = channels.find(channel);
      const wanted = limit - (taken.get(channel) ?? 0);
      if (number === undefined || wanted <= 0 || isSuspended.get(number)) continue;
      if (claimFrom(found, channel, number, wanted, leaseMs) === wanted) continue;
      const next = nextDue.get(number)?.at;
      if (typeof next === "number") found.nextDueInMs.set(channel, time.until(next));
    }
    return found;
  };

  /** @returns how many were claimed */
  function claimFrom(
    found: Claimed,
    channel: string,
    number: number,
    wanted: number,
    leaseMs: number,
  ): number {
    let claimed = 0;
    let ended: number;
    let endedInAll = 0;
    do {
      ended = 0;
      // Time goes on while things end, and a successor is due from then on.
      const at = time.now();
      const leaseUntil = time.in(leaseMs);
      const missing = wanted - claimed;
      const taken: number[] = [];
      const rows = lapsed.all(number, at, missing);
      if (rows.length < missing) rows.push(...due.all(number, at, missing - rows.length));
      for (const row of rows) {
        const claim = claimIn(row, channel, at);
        if (claim === "expired" || claim === "damaged") {
          endInstead(row, claim, at);
          if (claim === "expired") found.expired.push({ id: String(row.id), channel });
          ended++;
        } else {
          taken.push(Number(row.seq));
          found.claims.push({ claim, seq: Number(row.seq) });
        }
      }
      if (taken.length > 0) take.run(leaseUntil, JSON.stringify(taken));
      claimed += taken.length;
      // What ended left its place, and perhaps its successor, to another look.
      endedInAll += ended;
      // No more at once than others can wait for: the next one is due now, and the dispatcher asks again.
    } while (ended > 0 && claimed < wanted && endedInAll < mostEndedAtOnce);
    return claimed;
  }

  function endInstead(row: Row, why: "expired" | "damaged", at: number): void {
    end.run(why === "expired" ? after("expire") : stateNumber("dead"), at, reasons[why], Number(row.seq));
    if (typeof row.ordering_key === "string") unblock(row.ordering_key);
  }
}

const reasons = {
  expired: "its time had run out before it could be sent",
  damaged: "its record is damaged: the message in it cannot be read",
} as const;

/** One damaged record must not hold up its neighbours; undefined for it. */
function readMessage(text: SQLOutputValue | undefined): OutboundMessage | undefined {
  try {
    const message: unknown = JSON.parse(String(text));
    return typeof message === "object" && message !== null ? (message as OutboundMessage) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What a row that is due comes to. */
function claimIn(row: Row, channel: string, at: number): Claim | "expired" | "damaged" {
  if (row.expires_at !== null && Number(row.expires_at) <= at) return "expired";
  const message = readMessage(row.message);
  if (message === undefined) return "damaged";
  const { ordering_key: orderingKey } = row;
  return {
    id: String(row.id),
    channel,
    message,
    token: Number(row.token) + 1,
    attemptsMade: Number(row.attempts),
    budgetUsed: Number(row.attempts) - Number(row.budget_from),
    maybeArrived: row.maybe_arrived === 1 || row.state === stateNumber("sending"),
    ...(typeof orderingKey === "string" ? { orderingKey } : {}),
  };
}
