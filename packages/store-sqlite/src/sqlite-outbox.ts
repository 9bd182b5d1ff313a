import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  ChannelRecord,
  Claim,
  ClaimRequest,
  ClaimResult,
  CommandRequest,
  CommandResult,
  Delivery,
  DeliveryFilter,
  DeliveryPage,
  DispatchRight,
  Enqueued,
  NewDelivery,
  Outbox,
  Settlement,
} from "@jackfield/core";
import { withStoreErrors } from "./database.ts";
import { acquireDispatchRight } from "./dispatch-right.ts";
import { type GroupCommit, ranks } from "./group-commit.ts";
import type { ChannelNumbers } from "./outbox/channel-numbers.ts";
import { createClaim } from "./outbox/claim.ts";
import { type Command, createCommands } from "./outbox/commands.ts";
import { type Born, createEnqueue } from "./outbox/enqueue.ts";
import { Queries } from "./outbox/queries.ts";
import { createSettle, createUnblock } from "./outbox/settle.ts";
import { stateNumber } from "./states.ts";
import type { SteadyTime } from "./steady-time.ts";
import type { StoreParts } from "./store-parts.ts";
import type { WorkSignal } from "./work-signal.ts";

/** A claim that this process holds: where its row is, so that a settlement need not look for it. */
interface Held {
  readonly seq: number;
  readonly orderingKey: string | null;
}

/** A request to claim that is waiting for its transaction, and what it was given in it so far. */
interface PendingClaim {
  readonly request: ClaimRequest;
  readonly taken: Map<string, number>;
  readonly born: Born[];
  /** The channels on which something goes before what is new, or nothing does, as far as it was looked up. */
  readonly waits: Map<string, boolean>;
}

/**
 * The outbox in SQLite.
 *
 * A message that is accepted while the dispatcher asks for work, and that nothing else goes before, is stored as one that is
 * claimed already: it is written twice in its life, when it is accepted and when it is delivered, and never read.
 */
export class SqliteOutbox implements Outbox {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #commit: GroupCommit;
  readonly #channels: ChannelNumbers;
  readonly #time: SteadyTime;
  readonly queries: Queries;
  readonly #enqueue: ReturnType<typeof createEnqueue>;
  readonly #claim: ReturnType<typeof createClaim>;
  readonly #settle: ReturnType<typeof createSettle>;
  readonly #command: ReturnType<typeof createCommands>;
  readonly #unblock: (orderingKey: string) => void;
  /** Whether others go before what is new on a channel, or the channel is suspended. */
  readonly #mustWait: (channel: number) => boolean;
  readonly #renewal: StatementSync;
  readonly #place: StatementSync;
  readonly #dueNow: StatementSync;
  readonly #held = new Map<string, Held>();
  #pendingClaim: PendingClaim | undefined;
  readonly #signal: WorkSignal;
  /** How many writes of other processes have been looked at. */
  #adoptedWrites = 0;

  constructor({ database, path, commit, channels, threads, time, signal }: StoreParts) {
    this.#database = database;
    this.#path = path;
    this.#signal = signal;
    this.#commit = commit;
    this.#channels = channels;
    this.#time = time;
    this.queries = new Queries(database, channels);
    this.#unblock = createUnblock(database, time);
    this.#enqueue = createEnqueue(database, channels, threads, time);
    this.#claim = createClaim(database, channels, time, this.#unblock);
    this.#settle = createSettle(database, time, this.#unblock);
    this.#command = createCommands(database, channels, time, this.#unblock);
    const isBehind = database.prepare(`
      SELECT 1 WHERE EXISTS (SELECT 1 FROM deliveries WHERE channel = ? AND due_at <= ?)
        OR EXISTS (SELECT 1 FROM deliveries WHERE channel = ? AND lease_until <= ?)
        OR EXISTS (SELECT 1 FROM channels WHERE number = ? AND suspended_at IS NOT NULL)`);
    this.#mustWait = (channel) => {
      const at = time.now();
      return isBehind.get(channel, at, channel, at, channel) !== undefined;
    };
    this.#renewal = database.prepare(
      `UPDATE deliveries SET lease_until = ? WHERE id = ? AND token = ? AND state = ${stateNumber("sending")}`,
    );
    this.#place = database.prepare("SELECT seq, ordering_key FROM deliveries WHERE id = ?");
    this.#dueNow = database.prepare(
      `UPDATE deliveries SET due_at = ?
       WHERE channel IN (SELECT number FROM channels) AND due_at > ? AND state = ${stateNumber("queued")}`,
    );
  }

  async enqueue(batch: readonly NewDelivery[]): Promise<readonly Enqueued[]> {
    // Before the transaction: a dispatcher that is woken now has its claim in the same one.
    this.#signal.wake();
    const results = await this.#commit.add(ranks.enqueue, () => {
      const roomFor = this.#roomAtBirth();
      return batch.map((delivery) => {
        const { result, born } = this.#enqueue(delivery, roomFor);
        if (born && this.#pendingClaim) {
          this.#pendingClaim.born.push(born);
          this.#pendingClaim.taken.set(
            delivery.channel,
            (this.#pendingClaim.taken.get(delivery.channel) ?? 0) + 1,
          );
        }
        return result;
      });
    });
    this.#signal.ring();
    return results;
  }

  /** Enqueues one more inside of a transaction of somebody else's. */
  enqueueWithin(delivery: NewDelivery): Enqueued {
    return this.#enqueue(delivery, () => undefined).result;
  }

  /** Whether a new delivery can be claimed in the moment it is accepted: somebody asks, and nothing goes before it. */
  #roomAtBirth(): (delivery: NewDelivery) => number | undefined {
    const pending = this.#pendingClaim;
    if (!pending) return () => undefined;
    const { limits, leaseMs } = pending.request;
    const leaseUntil = this.#time.in(leaseMs);
    const { waits } = pending;
    return ({ channel, expiresInMs }) => {
      // It may have expired already, and what comes after it goes after it.
      if (expiresInMs !== undefined) waits.set(channel, true);
      if ((limits.get(channel) ?? 0) <= (pending.taken.get(channel) ?? 0)) return undefined;
      let mustWait = waits.get(channel);
      if (mustWait === undefined) {
        mustWait = this.#mustWait(this.#channels.numberOf(channel));
        waits.set(channel, mustWait);
      }
      return mustWait ? undefined : leaseUntil;
    };
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    const pending: PendingClaim = { request, taken: new Map(), born: [], waits: new Map() };
    this.#pendingClaim = pending;
    try {
      const found = await this.#commit.add(ranks.claim, () => {
        this.#pendingClaim = undefined;
        if (this.#signal.writesOfOthers !== this.#adoptedWrites) this.#adoptTimes();
        return this.#claim(request, pending.taken);
      });
      for (const { claim, seq } of found.claims) this.#hold(claim, seq);
      const born = pending.born.map((delivery) => claimOfBorn(delivery));
      for (const [index, claim] of born.entries()) this.#hold(claim, pending.born[index]?.seq ?? 0);
      return {
        claims: [...found.claims.map(({ claim }) => claim), ...born],
        expired: found.expired,
        nextDueInMs: found.nextDueInMs,
      };
    } finally {
      if (this.#pendingClaim === pending) this.#pendingClaim = undefined;
    }
  }

  /** A process that was started after the machine's date was set forward writes times that have not come here yet. */
  #adoptTimes(): void {
    const at = this.#time.now();
    this.#dueNow.run(at, at);
    this.#adoptedWrites = this.#signal.writesOfOthers;
  }

  #hold({ id, orderingKey }: Claim, seq: number): void {
    this.#held.set(id, { seq, orderingKey: orderingKey ?? null });
  }

  async settle(batch: readonly Settlement[]): Promise<readonly boolean[]> {
    const taken = await this.#commit.add(ranks.settle, () =>
      batch.map((settlement) => {
        const held = this.#heldOf(settlement.id);
        return held !== undefined && this.#settle(settlement, held.seq, held.orderingKey);
      }),
    );
    for (const { id } of batch) this.#held.delete(id);
    return taken;
  }

  /** A claim of this process is at hand; one of an earlier process is looked for. */
  #heldOf(id: string): Held | undefined {
    const held = this.#held.get(id);
    if (held) return held;
    const row = this.#place.get(id);
    return (
      row && {
        seq: Number(row.seq),
        orderingKey: row.ordering_key === null ? null : String(row.ordering_key),
      }
    );
  }

  renew(claims: readonly Pick<Claim, "id" | "token">[], leaseMs: number): Promise<readonly boolean[]> {
    return this.#commit.add(ranks.settle, () => {
      const until = this.#time.in(leaseMs);
      return claims.map(({ id, token }) => this.#renewal.run(until, id, token).changes === 1);
    });
  }

  onWork(listener: () => void): () => void {
    return this.#signal.listen(listener);
  }

  #wakeAll(): void {
    this.#signal.wake();
    this.#signal.ring();
  }

  async acquireDispatch(): Promise<DispatchRight | undefined> {
    const right = this.#acquireDispatch();
    if (!right) return undefined;
    try {
      // Whoever had these claims has died, or it would have the right.
      await this.#commit.add(ranks.settle, () => {
        const at = this.#time.now();
        for (const table of ["deliveries", "inbound"]) {
          this.#database.prepare(`UPDATE ${table} SET lease_until = ? WHERE lease_until > ?`).run(at, at);
        }
        // What was written before the machine's date was set back waits as long as it was to wait then.
        this.#database
          .prepare(
            "UPDATE inbound SET due_at = ? + max(0, due_at - updated_at) WHERE due_at > ? AND updated_at > ?",
          )
          .run(at, at, at);
      });
    } catch (error) {
      await right.release();
      throw error;
    }
    return right;
  }

  #acquireDispatch(): DispatchRight | undefined {
    if (this.#signal.isDispatching) return undefined;
    const lock =
      this.#path === ":memory:"
        ? { release: async () => undefined }
        : withStoreErrors(this.#path, () => acquireDispatchRight(this.#path));
    if (!lock) return undefined;
    this.#signal.isDispatching = true;
    return {
      release: async () => {
        this.#signal.isDispatching = false;
        await lock.release();
      },
    };
  }

  boundWaits(longestMs: ReadonlyMap<string, number>): Promise<void> {
    return this.#commit.add(ranks.command, () => {
      const bound = this.#database.prepare(
        `UPDATE deliveries SET due_at = ? WHERE channel = ? AND due_at > ? AND state = ${stateNumber("retrying")}`,
      );
      for (const [channel, ms] of longestMs) {
        const number = this.#channels.numberOf(channel);
        const latest = this.#time.in(ms);
        bound.run(latest, number, latest);
      }
      const at = this.#time.now();
      this.#dueNow.run(at, at);
    });
  }

  async get(id: string): Promise<Delivery | undefined> {
    return withStoreErrors(this.#path, () => this.queries.get(id));
  }

  async list(
    filter: DeliveryFilter,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<DeliveryPage> {
    return withStoreErrors(this.#path, () => this.queries.list(filter, page));
  }

  async counts() {
    return withStoreErrors(this.#path, () => this.queries.counts());
  }

  async channels(): Promise<readonly ChannelRecord[]> {
    return withStoreErrors(this.#path, () => this.queries.channels());
  }

  resume(request: CommandRequest): Promise<CommandResult> {
    return this.#run("resume", request);
  }

  redeliver({
    force = false,
    ...request
  }: CommandRequest & { readonly force?: boolean }): Promise<CommandResult> {
    return this.#run(force ? "force_redeliver" : "redeliver", request);
  }

  cancel(request: CommandRequest): Promise<CommandResult> {
    return this.#run("cancel", request);
  }

  async #run(command: Command, request: CommandRequest): Promise<CommandResult> {
    const result = await this.#commit.add(ranks.command, () => this.#command(command, request));
    this.#wakeAll();
    return result;
  }

  suspend(channel: string, reason: string): Promise<void> {
    return this.#updateChannel(channel, "suspended_at = ?, reason = ?", this.#time.now(), reason);
  }

  async unsuspend(channel: string): Promise<void> {
    await this.#updateChannel(channel, "suspended_at = NULL, reason = NULL");
    this.#wakeAll();
  }

  setConfigDigest(channel: string, digest: string): Promise<void> {
    return this.#updateChannel(channel, "config_digest = ?", digest);
  }

  #updateChannel(channel: string, assignments: string, ...values: (string | number)[]): Promise<void> {
    return this.#commit.add(ranks.command, () => {
      const number = this.#channels.numberOf(channel);
      this.#database.prepare(`UPDATE channels SET ${assignments} WHERE number = ?`).run(...values, number);
    });
  }
}

function claimOfBorn({ delivery }: Born): Claim {
  const { message, channel, orderingKey } = delivery;
  const first = { token: 1, attemptsMade: 0, budgetUsed: 0, maybeArrived: false };
  return {
    id: message.id,
    channel,
    message,
    ...first,
    ...(orderingKey === undefined ? {} : { orderingKey }),
  };
}
