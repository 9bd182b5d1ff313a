import { isDeepStrictEqual } from "node:util";
import {
  type Clock,
  type InboundMessage,
  type InboundRecord,
  type InboundState,
  type Inbox,
  type NewInbound,
  type Received,
  type Settled,
  type StoredTurn,
  type TurnClaim,
  type TurnClaimRequest,
  type TurnClaimResult,
  type TurnSettlement,
  threadKey,
  threadOf,
} from "@jackfield/core";
import type { MemoryOutbox } from "./memory-outbox.ts";

/** One inbound message in memory. */
export interface InboundRow {
  readonly seq: number;
  readonly message: InboundMessage;
  /** `channel/name`. */
  readonly thread: string;
  policy: NewInbound["policy"];
  readonly acceptedAt: number;
  state: InboundState;
  updatedAt: number;
  dueAt: number | undefined;
  leaseUntil: number | undefined;
  /** When the present turn began: milliseconds since the epoch. */
  startedAt: number;
  token: number;
  turns: StoredTurn[];
  /** The number of turns at the last fresh budget. */
  budgetFrom: number;
  reason: string | undefined;
  turnOf: InboundRow | undefined;
  /** Whether the turn that was told of a dropped message has been handled. */
  isTold: boolean;
  preview: string | undefined;
}

/** How much longer than its quiet time a thread that is never quiet is waited for. */
const longestDebounce = 10;

/** The inbox in memory, as plainly as it can be said: every question looks at every row. */
export class MemoryInbox implements Inbox {
  /** In the order of acceptance. */
  readonly rows: InboundRow[] = [];
  /** By thread, the message that has its turn; the others wait until it has ended. */
  readonly #heads = new Map<string, InboundRow>();
  readonly #outbox: MemoryOutbox;
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  #accepted = 0;

  constructor(clock: Clock, outbox: MemoryOutbox) {
    const offset = clock.now() - clock.monotonic();
    this.#now = () => Math.floor(offset + clock.monotonic());
    this.#outbox = outbox;
    outbox.onAcquire(() => this.#lapseAll());
  }

  async accept(batch: readonly NewInbound[]): Promise<readonly Received[]> {
    const results = batch.map((inbound) => this.#accept(inbound));
    this.#wake();
    return results;
  }

  #accept({ message, refusal, policy }: NewInbound): Received {
    let copy: InboundMessage;
    try {
      copy = JSON.parse(JSON.stringify(message));
    } catch (error) {
      return { outcome: "unstorable", problem: `the message could not be stored: ${error}` };
    }
    const thread = threadKey(copy.channel, threadOf(copy));
    const { remoteId } = copy;
    const same = this.rows.find(
      (row) => remoteId !== undefined && row.thread === thread && row.message.remoteId === remoteId,
    );
    if (same)
      return this.#repeat(same, { message: copy, policy, ...(refusal === undefined ? {} : { refusal }) });
    if (remoteId?.startsWith("msg_") && this.#outbox.has(remoteId)) return { outcome: "own" };
    const retryAfterMs = this.#rateOf(thread, policy);
    if (retryAfterMs !== undefined) return { outcome: "rate_limited", retryAfterMs };
    const at = this.#now();
    const isBusy = this.#heads.has(thread);
    const row: InboundRow = {
      seq: ++this.#accepted,
      message: copy,
      thread,
      policy,
      acceptedAt: at,
      state:
        refusal !== undefined ? "refused" : policy.concurrency === "drop" && isBusy ? "dropped" : "waiting",
      updatedAt: at,
      dueAt: undefined,
      leaseUntil: undefined,
      startedAt: 0,
      token: 0,
      turns: [],
      budgetFrom: 0,
      reason: refusal,
      turnOf: undefined,
      isTold: false,
      preview: undefined,
    };
    this.rows.push(row);
    if (row.state === "waiting") this.#queue(row);
    return { outcome: "accepted", id: copy.id, state: row.state };
  }

  #repeat(row: InboundRow, { message, policy, refusal }: NewInbound): Received {
    const { id } = row.message;
    if (!isDeepStrictEqual(contentOf(row.message), contentOf(message))) return { outcome: "conflict", id };
    if (row.state !== "refused" || refusal !== undefined)
      return { outcome: "duplicate", id, state: row.state };
    // Its sender may speak by now.
    row.policy = policy;
    this.#move(row, "waiting");
    row.reason = undefined;
    this.#queue(row);
    return { outcome: "accepted", id, state: "waiting" };
  }

  /** In how many milliseconds the thread may go on; undefined where it may now. */
  #rateOf(thread: string, { threadRateLimit, threadRateWindowMs }: NewInbound["policy"]): number | undefined {
    if (threadRateLimit === 0) return undefined;
    const from = this.#now() - threadRateWindowMs;
    const recent = this.rows.filter(
      (row) => row.thread === thread && row.state !== "refused" && row.acceptedAt > from,
    );
    const first = recent.at(-threadRateLimit);
    return first && recent.length >= threadRateLimit ? first.acceptedAt - from : undefined;
  }

  /** Gives a waiting message its time, unless another one of its thread goes first; a thread that debounces is waited for. */
  #queue(row: InboundRow): void {
    const { concurrency, debounceMs } = row.policy;
    const head = concurrency === "parallel" ? row : (this.#heads.get(row.thread) ?? row);
    if (concurrency !== "parallel") this.#heads.set(row.thread, head);
    if (head === row) row.dueAt = this.#now();
    if (concurrency !== "debounce" || head.state !== "waiting") return;
    const since = head === row ? this.#now() : head.acceptedAt;
    head.dueAt = Math.min(this.#now() + debounceMs, since + longestDebounce * debounceMs);
  }

  async claim({ channels, limit, leaseMs }: TurnClaimRequest): Promise<TurnClaimResult> {
    const now = this.#now();
    const mine = this.rows.filter(({ message }) => channels.includes(message.channel));
    const by = (timeOf: (row: InboundRow) => number | undefined) =>
      mine
        .map((row) => ({ row, time: timeOf(row) ?? Number.POSITIVE_INFINITY }))
        .sort((a, b) => a.time - b.time);
    const ready = [...by(({ leaseUntil }) => leaseUntil), ...by(({ dueAt }) => dueAt)].filter(
      ({ time }) => time <= now,
    );
    const claims = ready.slice(0, Math.max(0, limit)).map(({ row }) => this.#claim(row, now + leaseMs));
    const next = Math.min(...mine.map(({ dueAt }) => dueAt ?? Number.POSITIVE_INFINITY));
    const isShort = claims.length < limit && next < Number.POSITIVE_INFINITY;
    return { claims, ...(isShort ? { nextDueInMs: Math.max(0, next - now) } : {}) };
  }

  #claim(row: InboundRow, leaseUntil: number): TurnClaim {
    if (row.state === "running") {
      const failure = { kind: "unknown" as const, message: "the process ended in this turn" };
      row.turns.push({ number: row.turns.length + 1, at: row.startedAt, failure });
    }
    row.state = "running";
    row.dueAt = undefined;
    row.leaseUntil = leaseUntil;
    row.startedAt = this.#now();
    row.token++;
    const others = this.rows.filter((other) => other !== row && other.thread === row.thread);
    if (row.policy.concurrency === "debounce") {
      for (const other of others) {
        if (other.state !== "waiting" || other.policy.concurrency === "parallel") continue;
        this.#move(other, "merged");
        other.turnOf = row;
      }
    }
    const untold = others.filter((other) => other.state === "dropped" && !other.isTold);
    for (const other of untold) other.turnOf = row;
    const { preview } = row;
    return {
      id: row.message.id,
      token: row.token,
      message: row.message,
      merged: others
        .filter((other) => other.state === "merged" && other.turnOf === row)
        .map(({ message }) => message),
      dropped: untold.map(({ message }) => message),
      turnsMade: row.turns.length,
      budgetUsed: row.turns.length - row.budgetFrom,
      ...(preview === undefined ? {} : { preview }),
    };
  }

  async renew(
    claims: readonly Pick<TurnClaim, "id" | "token">[],
    leaseMs: number,
  ): Promise<readonly boolean[]> {
    return claims.map((claim) => {
      const row = this.#claimed(claim);
      if (row) row.leaseUntil = this.#now() + leaseMs;
      return row !== undefined;
    });
  }

  async settle(batch: readonly TurnSettlement[]): Promise<readonly Settled[]> {
    const results: Settled[] = [];
    for (const settlement of batch) results.push(this.#settle(settlement));
    this.#wake();
    return results;
  }

  #settle(settlement: TurnSettlement): Settled {
    const row = this.#claimed(settlement);
    if (!row) return { outcome: "fenced" };
    if (settlement.event === "release") {
      this.#move(row, row.turns.length === row.budgetFrom ? "waiting" : "retrying");
      row.dueAt = this.#now();
      return { outcome: "recorded" };
    }
    if (settlement.event === "handle") {
      const problem = this.#outbox.acceptAll(settlement.answers);
      if (problem !== undefined) return { outcome: "unstorable", problem };
    }
    row.turns.push(settlement.turn);
    row.reason = "reason" in settlement ? settlement.reason : settlement.turn.failure?.message;
    if (settlement.event === "retry") {
      this.#move(row, "retrying");
      row.dueAt = this.#now() + settlement.delayMs;
    } else if (settlement.event === "pause") {
      this.#move(row, "paused");
    } else {
      this.#end(row, settlement.event === "handle" ? "handled" : "dead");
    }
    return { outcome: "recorded" };
  }

  /** Ends a message's turns, and lets the next one of its thread go. */
  #end(row: InboundRow, state: "handled" | "dead"): void {
    this.#move(row, state);
    if (state === "handled") {
      for (const other of this.rows)
        if (other.turnOf === row && other.state === "dropped") other.isTold = true;
    }
    if (this.#heads.get(row.thread) !== row) return;
    this.#heads.delete(row.thread);
    const next = this.rows.find(
      (other) =>
        other.thread === row.thread && other.state === "waiting" && other.policy.concurrency !== "parallel",
    );
    if (!next) return;
    this.#heads.set(row.thread, next);
    const { concurrency, debounceMs } = next.policy;
    next.dueAt = Math.max(this.#now(), concurrency === "debounce" ? next.acceptedAt + debounceMs : 0);
  }

  #move(row: InboundRow, state: InboundState): void {
    row.state = state;
    row.dueAt = undefined;
    row.leaseUntil = undefined;
    row.updatedAt = this.#now();
  }

  #claimed({ id, token }: Pick<TurnClaim, "id" | "token">): InboundRow | undefined {
    const row = this.#find(id);
    return row?.state === "running" && row.token === token ? row : undefined;
  }

  async keepPreview(claim: Pick<TurnClaim, "id" | "token">, remoteId: string): Promise<void> {
    const row = this.#claimed(claim);
    if (row) row.preview = remoteId;
  }

  onWork(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Whoever had these claims has died. */
  #lapseAll(): void {
    for (const row of this.rows) {
      if (row.state === "running") row.leaseUntil = Math.min(row.leaseUntil ?? 0, this.#now());
    }
  }

  async get(id: string): Promise<InboundRecord | undefined> {
    const row = this.#find(id);
    if (!row) return undefined;
    const { message, state, updatedAt, dueAt, reason, turnOf, turns } = row;
    return {
      message,
      state,
      updatedAt,
      turns: [...turns],
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(reason === undefined ? {} : { reason }),
      ...(turnOf === undefined ? {} : { turnOf: turnOf.message.id }),
    };
  }

  async resume(ids: readonly string[]) {
    const skipped: { id: string; reason: string }[] = [];
    let changed = 0;
    for (const id of ids) {
      const row = this.#find(id);
      if (!row) {
        skipped.push({ id, reason: "there is no such message" });
      } else if (row.state !== "paused" && row.state !== "dead") {
        skipped.push({ id, reason: `it is ${row.state}` });
      } else {
        this.#move(row, "waiting");
        row.budgetFrom = row.turns.length;
        row.reason = "resumed by a person";
        const head = this.#heads.get(row.thread) ?? row;
        if (row.policy.concurrency !== "parallel") this.#heads.set(row.thread, head);
        // One that was dead has let the next one go, which has its turn first.
        if (row.policy.concurrency === "parallel" || head === row) row.dueAt = this.#now();
        changed++;
      }
    }
    this.#wake();
    return { changed, skipped };
  }

  async counts() {
    const groups = Map.groupBy(this.rows, ({ state }) => state);
    return [...groups].map(([state, rows]) => ({ state, count: rows.length }));
  }

  #find(id: string): InboundRow | undefined {
    return this.rows.find(({ message }) => message.id === id);
  }

  prune(endedBeforeMs: number): number {
    const before = this.#now() - endedBeforeMs;
    const ended = ["handled", "merged", "dropped", "refused"];
    // What was merged into a message belongs to its turn for as long as that may be run again.
    const isNeeded = ({ state, turnOf }: InboundRow) =>
      state === "merged" && turnOf !== undefined && turnOf.state !== "handled" && this.rows.includes(turnOf);
    const kept = this.rows.filter(
      (row) => !ended.includes(row.state) || row.updatedAt >= before || isNeeded(row),
    );
    const deleted = this.rows.length - kept.length;
    this.rows.splice(0, this.rows.length, ...kept);
    return deleted;
  }
}

/** What a `remoteId` stands for. */
function contentOf({
  id: _id,
  channel: _channel,
  receivedAt: _receivedAt,
  ...content
}: InboundMessage): object {
  return content;
}
