import { isDeepStrictEqual } from "node:util";
import {
  type ChannelRecord,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type Clock,
  type CommandRequest,
  type CommandResult,
  canHappen,
  type DeliveryEvent,
  type DeliveryFilter,
  type Enqueued,
  isEnd,
  type NewDelivery,
  type OutboundMessage,
  type Outbox,
  type Settlement,
  stateAfter,
  threadKey,
} from "@jackfield/core";
import { claimOf, deliveryOf, matches, type Row, summaryOf } from "./row.ts";

/**
 * The outbox in memory, as plainly as it can be said: every question looks at every row. What a store must do is decided
 * here where the port leaves it open; the others are compared with it.
 */
export class MemoryOutbox implements Outbox {
  /** In the order of acceptance. */
  readonly #rows: Row[] = [];
  /** By ordering key, the one that may go; the others with that key wait until it has ended. */
  readonly #heads = new Map<string, Row>();
  readonly #channels = new Map<string, ChannelRecord>();
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  readonly #acquireListeners: (() => void)[] = [];
  #accepted = 0;
  #isDispatched = false;

  constructor(clock: Clock) {
    const offset = clock.now() - clock.monotonic();
    this.#now = () => Math.floor(offset + clock.monotonic());
  }

  async enqueue(batch: readonly NewDelivery[]): Promise<readonly Enqueued[]> {
    const results = batch.map((delivery) => this.#accept(delivery));
    this.#wake();
    return results;
  }

  /** Accepts all of them, or none. @returns why none was */
  acceptAll(batch: readonly NewDelivery[]): string | undefined {
    const before = [...this.#rows];
    const heads = [...this.#heads];
    for (const result of batch.map((delivery) => this.#accept(delivery))) {
      if (result.outcome === "accepted" || result.outcome === "duplicate") continue;
      this.#rows.splice(0, this.#rows.length, ...before);
      this.#heads.clear();
      for (const [key, row] of heads) this.#heads.set(key, row);
      return result.outcome === "refused"
        ? result.problem
        : `its idempotency key stands for other content already, in ${result.id}`;
    }
    this.#wake();
    return undefined;
  }

  /** Whether a delivery of that id is kept. */
  has(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  /** Calls back when a process gets the right to dispatch. */
  onAcquire(listener: () => void): void {
    this.#acquireListeners.push(listener);
  }

  /** In the order of acceptance. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  #accept({ channel, message, orderingKey, expiresInMs, ...context }: NewDelivery): Enqueued {
    let copy: OutboundMessage;
    try {
      copy = JSON.parse(JSON.stringify(message));
    } catch (error) {
      return { outcome: "refused", problem: `the message could not be stored: ${error}` };
    }
    const { id, idempotencyKey } = copy;
    const hasOwnKey = idempotencyKey !== id;
    const same = this.#rows.find(
      (row) => hasOwnKey && row.channel === channel && row.message.idempotencyKey === idempotencyKey,
    );
    if (same) {
      const isSame = isDeepStrictEqual(contentOf(same.message), contentOf(copy));
      return { outcome: isSame ? "duplicate" : "conflict", id: same.id };
    }
    const twin = this.#find(id);
    if (twin) {
      const isSame = twin.channel === channel && isDeepStrictEqual(twin.message, copy);
      return { outcome: isSame ? "duplicate" : "conflict", id };
    }
    const at = this.#now();
    const row: Row = {
      seq: ++this.#accepted,
      id,
      channel,
      message: copy,
      orderingKey,
      thread: threadIdOf(channel, context.thread ?? copy.threadId),
      inReplyTo: context.inReplyTo,
      createdAt: at,
      updatedAt: at,
      state: "queued",
      dueAt: undefined,
      leaseUntil: undefined,
      token: 0,
      attempts: [],
      budgetFrom: 0,
      maybeArrived: false,
      expiresAt: expiresInMs === undefined ? undefined : at + expiresInMs,
      failureKind: undefined,
      reason: undefined,
      receipt: undefined,
    };
    this.#rows.push(row);
    this.#letGo(row);
    return { outcome: "accepted", id };
  }

  /** Makes a delivery due, unless another one with its ordering key goes first. */
  #letGo(row: Row): void {
    const { orderingKey } = row;
    const head = orderingKey === undefined ? row : (this.#heads.get(orderingKey) ?? row);
    if (orderingKey !== undefined) this.#heads.set(orderingKey, head);
    row.dueAt = head === row ? this.#now() : undefined;
  }

  /** Ends a delivery, and lets the next one with its ordering key go. */
  #end(row: Row, state: Row["state"]): void {
    this.#move(row, state);
    row.dueAt = undefined;
    const { orderingKey } = row;
    if (orderingKey === undefined || this.#heads.get(orderingKey) !== row) return;
    this.#heads.delete(orderingKey);
    const next = this.#rows.find((other) => other.orderingKey === orderingKey && !isEnd(other.state));
    if (next) this.#letGo(next);
  }

  #move(row: Row, state: Row["state"]): void {
    row.state = state;
    row.leaseUntil = undefined;
    row.updatedAt = this.#now();
  }

  async claim({ limits, leaseMs }: ClaimRequest): Promise<ClaimResult> {
    const claims: Claim[] = [];
    const expired: { id: string; channel: string }[] = [];
    const nextDueInMs = new Map<string, number>();
    const now = this.#now();
    for (const [channel, limit] of limits) {
      if (this.#channels.get(channel)?.suspendedAt !== undefined) continue;
      let wanted = limit;
      for (let due = this.#due(channel, wanted); due.length > 0; due = this.#due(channel, wanted)) {
        for (const row of due) {
          if (row.expiresAt !== undefined && row.expiresAt <= now) {
            row.token++;
            row.reason = "its time had run out before it could be sent";
            this.#end(row, "expired");
            expired.push({ id: row.id, channel });
          } else {
            row.maybeArrived ||= row.state === "sending";
            row.state = stateAfter("claim");
            row.dueAt = undefined;
            row.leaseUntil = now + leaseMs;
            row.token++;
            claims.push(claimOf(row));
            wanted--;
          }
        }
      }
      const times = this.#rows.flatMap((row) => (row.channel === channel && row.dueAt) || []);
      if (wanted > 0 && times.length > 0) nextDueInMs.set(channel, Math.max(0, Math.min(...times) - now));
    }
    return { claims, expired, nextDueInMs };
  }

  /** What can be claimed: first what somebody had and did not finish, then what has been due for the longest time. */
  #due(channel: string, limit: number): Row[] {
    const by = (timeOf: (row: Row) => number | undefined) =>
      this.#rows
        .map((row) => ({ row, time: timeOf(row) ?? Number.POSITIVE_INFINITY }))
        .filter(({ row, time }) => row.channel === channel && time <= this.#now())
        .sort((a, b) => a.time - b.time)
        .map(({ row }) => row);
    return [...by(({ leaseUntil }) => leaseUntil), ...by(({ dueAt }) => dueAt)].slice(0, Math.max(0, limit));
  }

  async renew(claims: readonly Pick<Claim, "id" | "token">[], leaseMs: number): Promise<readonly boolean[]> {
    return claims.map((claim) => {
      const row = this.#claimed(claim);
      if (row) row.leaseUntil = this.#now() + leaseMs;
      return row !== undefined;
    });
  }

  async settle(batch: readonly Settlement[]): Promise<readonly boolean[]> {
    return batch.map((settlement) => {
      const row = this.#claimed(settlement);
      if (row) this.#settle(row, settlement);
      return row !== undefined;
    });
  }

  #settle(row: Row, settlement: Settlement): void {
    if (settlement.event === "release") {
      this.#move(row, row.attempts.length === row.budgetFrom ? "queued" : "retrying");
      row.dueAt = this.#now();
      row.maybeArrived ||= settlement.maybeArrived;
      return;
    }
    const { event, attempt } = settlement;
    row.attempts.push(attempt);
    row.failureKind = event === "deliver" ? undefined : attempt.failure?.kind;
    row.reason = "reason" in settlement ? settlement.reason : attempt.failure?.message;
    row.maybeArrived ||= event === "deliver" || attempt.failure?.ambiguous === true;
    if (event === "deliver") row.receipt = settlement.receipt;
    const state = stateAfter(event);
    if (isEnd(state)) {
      this.#end(row, state);
      return;
    }
    this.#move(row, state);
    row.dueAt =
      event === "retry"
        ? Math.min(this.#now() + settlement.delayMs, row.expiresAt ?? Number.POSITIVE_INFINITY)
        : row.expiresAt;
  }

  #claimed({ id, token }: Pick<Claim, "id" | "token">): Row | undefined {
    const row = this.#find(id);
    return row?.state === "sending" && row.token === token ? row : undefined;
  }

  onWork(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }

  async acquireDispatch() {
    if (this.#isDispatched) return undefined;
    this.#isDispatched = true;
    for (const listener of this.#acquireListeners) listener();
    for (const row of this.#rows) {
      if (row.state === "sending") row.leaseUntil = Math.min(row.leaseUntil ?? 0, this.#now());
    }
    return {
      release: async () => {
        this.#isDispatched = false;
      },
    };
  }

  async boundWaits(longestMs: ReadonlyMap<string, number>): Promise<void> {
    for (const row of this.#rows) {
      const longest = longestMs.get(row.channel);
      if (row.state !== "retrying" || longest === undefined || row.dueAt === undefined) continue;
      row.dueAt = Math.min(row.dueAt, this.#now() + longest);
    }
  }

  async get(id: string) {
    const row = this.#find(id);
    return row && deliveryOf(row);
  }

  async list(filter: DeliveryFilter, { limit, after }: { readonly limit: number; readonly after?: string }) {
    const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after);
    const found = this.#rows.filter((row) => row.seq < before && matches(row, filter)).reverse();
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      deliveries: page.map(summaryOf),
      ...(found.length > limit && last ? { next: String(last.seq) } : {}),
    };
  }

  async counts() {
    const groups = Map.groupBy(this.#rows, ({ channel, state }) => `${channel} ${state}`);
    return [...groups.values()].flatMap(([first, ...others]) =>
      first ? [{ channel: first.channel, state: first.state, count: others.length + 1 }] : [],
    );
  }

  resume(request: CommandRequest): Promise<CommandResult> {
    return this.#command("resume", request, (row) => {
      this.#move(row, stateAfter("resume"));
      row.budgetFrom = row.attempts.length;
      row.reason = "resumed by a person";
      row.dueAt = this.#now();
    });
  }

  redeliver({ force, ...request }: CommandRequest & { readonly force?: boolean }): Promise<CommandResult> {
    const event = force ? "force_redeliver" : "redeliver";
    return this.#command(event, request, (row) => {
      row.reason = `redelivered by a person, after it was ${row.state}`;
      this.#move(row, stateAfter(event));
      row.budgetFrom = row.attempts.length;
      row.expiresAt = undefined;
      row.failureKind = undefined;
      row.receipt = undefined;
      this.#letGo(row);
    });
  }

  cancel(request: CommandRequest): Promise<CommandResult> {
    return this.#command("cancel", request, (row) => {
      row.reason = "cancelled by a person";
      this.#end(row, stateAfter("cancel"));
    });
  }

  async #command(
    event: DeliveryEvent,
    { filter, limit, after = "0" }: CommandRequest,
    apply: (row: Row) => void,
  ): Promise<CommandResult> {
    const left = after === "0" ? (filter.ids ?? []) : [];
    const skipped = left.flatMap((id) => {
      const row = this.#find(id);
      if (!row) return [{ id, reason: "there is no such delivery" }];
      return canHappen(event, row.state) ? [] : [{ id, reason: `it is ${row.state}` }];
    });
    const found = this.#rows.filter(
      (row) => row.seq > Number(after) && matches(row, filter) && canHappen(event, row.state),
    );
    const chosen = found.slice(0, limit);
    for (const row of chosen) apply(row);
    this.#wake();
    const last = chosen.at(-1);
    return {
      changed: chosen.length,
      skipped,
      ...(found.length > limit && last ? { next: String(last.seq) } : {}),
    };
  }

  async channels() {
    return [...this.#channels.values()];
  }

  async suspend(channel: string, reason: string): Promise<void> {
    this.#channels.set(channel, { ...this.#channelOf(channel), suspendedAt: this.#now(), reason });
  }

  async unsuspend(channel: string): Promise<void> {
    const { suspendedAt: _at, reason: _reason, ...others } = this.#channelOf(channel);
    this.#channels.set(channel, others);
    this.#wake();
  }

  async setConfigDigest(channel: string, configDigest: string): Promise<void> {
    this.#channels.set(channel, { ...this.#channelOf(channel), configDigest });
  }

  #channelOf(channel: string): ChannelRecord {
    return this.#channels.get(channel) ?? { channel };
  }

  #find(id: string): Row | undefined {
    return this.#rows.find((row) => row.id === id);
  }

  /** How much is kept, as JSON. */
  get bytes(): number {
    return Buffer.byteLength(JSON.stringify(this.#rows));
  }

  prune(deliveredBeforeMs: number): number {
    const before = this.#now() - deliveredBeforeMs;
    const kept = this.#rows.filter(({ state, updatedAt }) => state !== "delivered" || updatedAt >= before);
    const deleted = this.#rows.length - kept.length;
    this.#rows.splice(0, this.#rows.length, ...kept);
    return deleted;
  }
}

function threadIdOf(channel: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : threadKey(channel, name);
}

/** What an idempotency key stands for. */
function contentOf({ id: _id, createdAt: _createdAt, ...content }: OutboundMessage): object {
  return content;
}
