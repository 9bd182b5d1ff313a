import type { StatementSync } from "node:sqlite";
import type {
  Enqueued,
  InboundRecord,
  Inbox,
  NewDelivery,
  NewInbound,
  Received,
  Settled,
  TurnClaim,
  TurnClaimRequest,
  TurnClaimResult,
  TurnSettlement,
} from "@jackfield/core";
import { withStoreErrors } from "./database.ts";
import { ranks } from "./group-commit.ts";
import { createAccept } from "./inbox/accept.ts";
import { createClaimTurns } from "./inbox/claim-turns.ts";
import { inboundStateFrom, inboundStateNumber } from "./inbox/inbound-states.ts";
import { InboxQueries } from "./inbox/inbox-queries.ts";
import { createSettleTurns, createUnblockThread } from "./inbox/settle-turns.ts";
import type { StoreParts } from "./store-parts.ts";

/** What the inbox shares with the rest of the store. */
export interface InboxParts extends StoreParts {
  /** Enqueues an answer, inside of a transaction. */
  readonly enqueue: (delivery: NewDelivery) => Enqueued;
}

/** The inbox in SQLite. */
export class SqliteInbox implements Inbox {
  readonly #parts: InboxParts;
  readonly #queries: InboxQueries;
  readonly #accept: ReturnType<typeof createAccept>;
  readonly #claim: ReturnType<typeof createClaimTurns>;
  readonly #settle: ReturnType<typeof createSettleTurns>;
  readonly #renewal: StatementSync;
  readonly #preview: StatementSync;
  readonly #dueNow: StatementSync;
  readonly #place: StatementSync;
  readonly #hasHead: StatementSync;
  readonly #resume: StatementSync;
  /** How many writes of other processes have been looked at. */
  #adoptedWrites = 0;

  constructor(parts: InboxParts) {
    this.#parts = parts;
    const { database, channels, threads, time } = parts;
    const running = inboundStateNumber("running");
    const waiting = inboundStateNumber("waiting");
    const unblock = createUnblockThread(database, time);
    this.#queries = new InboxQueries(database);
    this.#accept = createAccept(database, channels, threads, time);
    this.#claim = createClaimTurns(database, time, unblock);
    this.#settle = createSettleTurns(database, channels, time, unblock, parts.enqueue);
    const ours = `WHERE id = ? AND token = ? AND state = ${running}`;
    this.#renewal = database.prepare(`UPDATE inbound SET lease_until = ? ${ours}`);
    this.#preview = database.prepare(`UPDATE inbound SET preview = ? ${ours}`);
    this.#dueNow = database.prepare(
      `UPDATE inbound SET due_at = ? WHERE due_at > ? AND state = ${waiting} AND debounce_ms IS NULL`,
    );
    this.#place = database.prepare("SELECT seq, thread, state, ordered FROM inbound WHERE id = ?");
    this.#hasHead = database.prepare(
      "SELECT 1 FROM inbound WHERE thread = ? AND ordered = 1 AND blocked = 0 AND state < 10 AND seq <> ?",
    );
    this.#resume = database.prepare(`
      UPDATE inbound
      SET state = ${waiting}, due_at = ?, blocked = ?, budget_from = turns, updated_at = ?, reason = ?
      WHERE seq = ?`);
  }

  async accept(batch: readonly NewInbound[]): Promise<readonly Received[]> {
    const { commit, signal } = this.#parts;
    // Before the transaction: a runner that is woken now has its claim in the same one.
    signal.wake();
    const results = await commit.add(ranks.enqueue, () => batch.map((inbound) => this.#accept(inbound)));
    signal.ring();
    return results;
  }

  claim(request: TurnClaimRequest): Promise<TurnClaimResult> {
    const { commit, signal, time } = this.#parts;
    return commit.add(ranks.claim, () => {
      if (signal.writesOfOthers !== this.#adoptedWrites) {
        // A process that was started after the machine's date was set forward writes times that have not come here yet.
        const at = time.now();
        this.#dueNow.run(at, at);
        this.#adoptedWrites = signal.writesOfOthers;
      }
      return this.#claim(request);
    });
  }

  renew(claims: readonly Pick<TurnClaim, "id" | "token">[], leaseMs: number): Promise<readonly boolean[]> {
    const { commit, time } = this.#parts;
    return commit.add(ranks.settle, () => {
      const until = time.in(leaseMs);
      return claims.map(({ id, token }) => this.#renewal.run(until, id, token).changes === 1);
    });
  }

  async settle(batch: readonly TurnSettlement[]): Promise<readonly Settled[]> {
    const { commit, signal } = this.#parts;
    // The dispatcher's claim of the answers belongs to the same transaction.
    signal.wake();
    const settled = await commit.add(ranks.settle, () => batch.map((settlement) => this.#settle(settlement)));
    signal.ring();
    return settled;
  }

  async keepPreview({ id, token }: Pick<TurnClaim, "id" | "token">, remoteId: string): Promise<void> {
    await this.#parts.commit.add(ranks.settle, () => this.#preview.run(remoteId, id, token));
  }

  onWork(listener: () => void): () => void {
    return this.#parts.signal.listen(listener);
  }

  async get(id: string): Promise<InboundRecord | undefined> {
    return withStoreErrors(this.#parts.path, () => this.#queries.get(id));
  }

  async resume(ids: readonly string[]) {
    const { commit, signal } = this.#parts;
    const result = await commit.add(ranks.command, () => {
      const reasons = ids.map((id) => ({ id, reason: this.#resumeOne(id) }));
      const skipped = reasons.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ id, reason }]));
      return { changed: ids.length - skipped.length, skipped };
    });
    signal.wake();
    signal.ring();
    return result;
  }

  /** @returns why it was left alone */
  #resumeOne(id: string): string | undefined {
    const row = this.#place.get(id);
    if (!row) return "there is no such message";
    const state = inboundStateFrom(row.state);
    if (state !== "paused" && state !== "dead") return `it is ${state}`;
    const seq = Number(row.seq);
    // One that was dead has let the next one go, which has its turn first.
    const waits = row.ordered === 1 && this.#hasHead.get(Number(row.thread), seq) !== undefined;
    const at = this.#parts.time.now();
    this.#resume.run(waits ? null : at, waits ? 1 : 0, at, "resumed by a person", seq);
    return undefined;
  }

  async counts() {
    return withStoreErrors(this.#parts.path, () => this.#queries.counts());
  }
}
