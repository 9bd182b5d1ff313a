import type { OpenChannel } from "../channel/open-channel.ts";
import { type Clock, type Random, systemClock } from "../clock.ts";
import { JackfieldError } from "../error.ts";
import { type Decision, decide } from "../retry/decide.ts";
import { longestWaitMs } from "../retry/longest-wait.ts";
import { Leases } from "../work/leases.ts";
import { againMs, Pulse } from "../work/pulse.ts";
import { type AttemptOutcome, type AttemptRecord, makeAttempt } from "./attempt.ts";
import { Lane } from "./lane.ts";
import { guardObserver } from "./observer.ts";
import type { Claim, Outbox, Settlement, StoredAttempt } from "./outbox.ts";

/** What the dispatcher tells whoever watches it. */
export type DispatchEvent =
  | {
      readonly type: "attempt";
      readonly id: string;
      readonly channel: string;
      /** The conversation that it belongs to, in the platform's words. */
      readonly threadId?: string;
      readonly attempt: AttemptRecord;
      /** What follows; undefined where it was delivered. */
      readonly decision: Decision | undefined;
    }
  | { readonly type: "expired"; readonly id: string; readonly channel: string }
  /** The lease had lapsed and somebody else has the delivery now; what was done counts for nothing. */
  | { readonly type: "fenced"; readonly id: string; readonly channel: string }
  | { readonly type: "circuit"; readonly channel: string; readonly state: "opened" | "closed" }
  | { readonly type: "suspended"; readonly channel: string; readonly reason: string }
  /** The store did not take or give something; it is asked again. */
  | { readonly type: "store_trouble"; readonly error: unknown };

export interface DispatcherOptions {
  readonly outbox: Outbox;
  readonly channels: readonly OpenChannel[];
  readonly clock?: Clock;
  readonly random?: Random;
  /** How long a claim is ours without being renewed, in milliseconds. Default: 30000. */
  readonly leaseMs?: number;
  /** How long a shutdown waits for attempts that are under way, in milliseconds. Default: 10000. */
  readonly drainTimeoutMs?: number;
  /** Told of everything that happens. What it throws is reported as an uncaught exception and does not touch a delivery. */
  readonly onEvent?: (event: DispatchEvent) => void;
}

export interface RunOptions {
  /** Ends the run: nothing more is claimed, what is under way may finish within `drainTimeoutMs`, the rest is given back. */
  readonly signal?: AbortSignal;
  /**
   * Ends the run by itself. `idle`: when nothing is left to do, that is under way, due, or waiting for a known time. `caught-up`: when
   * nothing is under way or due now; what waits for its time stays stored.
   */
  readonly until?: "idle" | "caught-up";
}

/** Why a run ended. */
export type RunEnd = "stopped" | "idle" | "caught-up";

/**
 * The durable driver of {@link decide}: claims deliveries that are due, makes one attempt of each, and records what follows.
 *
 * It is woken by the store (there may be new work), by the end of an attempt (a place is free, and there is something to record)
 * and by one timer (the next due time, the end of a rate limit's window, a circuit's probe, the renewal of leases). When nothing
 * is due it does nothing at all. Each wake leads to one turn: the settlements of the attempts that ended go to the store
 * together with the request for as many deliveries as the lanes have room for, so that a store which groups its writes makes
 * one transaction of both, however many attempts ended in that tick.
 *
 * A store in trouble stops the claiming and nothing else: what was done is kept in memory and offered again until the store
 * takes it, or until a shutdown has waited long enough. Then the lease lapses, and the next run sends a duplicate that the
 * receiver can tell by its id.
 */
export class Dispatcher {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #drainTimeoutMs: number;
  readonly #onEvent: (event: DispatchEvent) => void;
  readonly #lanes: Map<string, Lane>;
  /** Lanes that are to go once nothing of them is under way, and who waits for it. */
  readonly #leaving = new Map<Lane, PromiseWithResolvers<void>>();
  /** What is under way or not yet recorded. */
  readonly #claims: Leases<Claim>;
  readonly #pulse: Pulse;
  #ended: { readonly claim: Claim; readonly settlement: Settlement }[] = [];
  readonly #over = Promise.withResolvers<RunEnd>();
  #until: RunOptions["until"];
  /** Lanes whose suspension the store has not taken yet. */
  readonly #suspending = new Set<Lane>();
  #isRunning = false;
  #stopping = false;
  #claiming = false;

  constructor(options: DispatcherOptions) {
    this.#outbox = options.outbox;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#claims = new Leases(options.leaseMs ?? 30_000);
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 10_000;
    this.#onEvent = options.onEvent ? guardObserver(options.onEvent) : () => undefined;
    this.#pulse = new Pulse({
      clock: this.#clock,
      onTurn: () => this.#turn(),
      onTrouble: (error) => this.#onEvent({ type: "store_trouble", error }),
    });
    this.#lanes = new Map(options.channels.map((open) => [open.channel.id, new Lane(open)]));
  }

  /**
   * Dispatches until the signal is aborted or, with `until`, until there is nothing more to do. Can be called once, and only while this
   * process has the right to dispatch; see `withDispatchRight`.
   */
  async run({ signal, until }: RunOptions = {}): Promise<RunEnd> {
    this.#until = until;
    const stop = () => void this.#stop();
    let stopListening: () => void = () => undefined;
    signal?.addEventListener("abort", stop, { once: true });
    this.#pulse.stayAlive();
    try {
      await this.#boundWaits([...this.#lanes.values()]);
      // Not before: what is accepted from now on wakes a dispatcher that may claim it.
      stopListening = this.#outbox.onWork(() => void this.#lookForWork());
      await this.#pulse.ask(() => this.#readSuspensions());
      this.#isRunning = true;
      await this.#lookForWork();
      if (signal?.aborted) stop();
      return await this.#over.promise;
    } finally {
      // The store may be closed from now on, and nobody asks it for anything any more.
      this.#pulse.end();
      signal?.removeEventListener("abort", stop);
      stopListening();
      for (const { resolve } of this.#leaving.values()) resolve();
    }
  }

  /**
   * Takes a channel in, also while running.
   *
   * @throws TypeError where one of that id is there: remove that one first
   */
  async addChannel(open: OpenChannel): Promise<void> {
    const { id } = open.channel;
    if (this.#lanes.has(id)) throw new TypeError(`the dispatcher has a channel "${id}" already`);
    const lane = new Lane(open);
    if (this.#isRunning) {
      await this.#pulse.ask(() => this.#boundWaits([lane]));
      this.#lanes.set(id, lane);
      await this.#pulse.ask(() => this.#readSuspensions());
      this.#pulse.wake();
    } else {
      this.#lanes.set(id, lane);
    }
  }

  /**
   * Lets a channel go: nothing more of it is claimed, what is under way may finish within `drainTimeoutMs`, the rest is given back. Resolves
   * when nothing of it is under way or unrecorded; it can be closed then.
   */
  async removeChannel(id: string): Promise<void> {
    const lane = this.#lanes.get(id);
    if (!lane) return;
    if (!this.#isRunning || this.#pulse.isOver) {
      this.#lanes.delete(id);
      return;
    }
    const gone = this.#leaving.get(lane) ?? Promise.withResolvers<void>();
    lane.isLeaving = true;
    this.#leaving.set(lane, gone);
    this.#letGo();
    void this.#pulse.sleep(this.#drainTimeoutMs).then(() => {
      lane.cutOff.abort(new JackfieldError("CHANNEL_REMOVED", `${id} was removed`));
    });
    await gone.promise;
  }

  /** Lets go what is to leave and has nothing under way. */
  #letGo(): void {
    if (this.#claiming) return;
    for (const [lane, { resolve }] of this.#leaving) {
      if (this.#claims.some(({ channel }) => channel === lane.id)) continue;
      this.#leaving.delete(lane);
      this.#lanes.delete(lane.id);
      resolve();
    }
  }

  async #boundWaits(lanes: readonly Lane[]): Promise<void> {
    await this.#outbox.boundWaits(
      new Map(lanes.map(({ id, open }) => [id, longestWaitMs(open.retryPolicy)] as const)),
    );
  }

  /** Anything may have changed in the store: new deliveries, or a person's command. */
  async #lookForWork(): Promise<void> {
    if ([...this.#lanes.values()].some((lane) => lane.isSuspended)) {
      await this.#pulse.ask(() => this.#readSuspensions());
    }
    for (const lane of this.#lanes.values()) lane.mayHaveWork = true;
    this.#pulse.wake();
  }

  async #readSuspensions(): Promise<void> {
    for (const { channel, suspendedAt } of await this.#outbox.channels()) {
      const lane = this.#lanes.get(channel);
      if (lane && !this.#suspending.has(lane)) lane.isSuspended = suspendedAt !== undefined;
    }
  }

  #turn(): void {
    const now = this.#clock.monotonic();
    if (this.#ended.length > 0) void this.#settleEnded();
    this.#renewLeases(now);
    if (!this.#stopping && !this.#claiming) void this.#claim(now);
    this.#letGo();
    this.#endIfOver(now);
  }

  async #settleEnded(): Promise<void> {
    const batch = this.#ended;
    this.#ended = [];
    const taken = await this.#pulse.ask(() => this.#outbox.settle(batch.map(({ settlement }) => settlement)));
    if (taken === undefined) {
      this.#ended.unshift(...batch);
      return;
    }
    for (const [index, { claim, settlement }] of batch.entries()) {
      this.#claims.delete(claim);
      const lane = this.#laneOf(claim.channel);
      if (settlement.event === "release") lane.mayHaveWork = true;
      // Its successor may be of another channel.
      if (claim.orderingKey !== undefined) for (const other of this.#lanes.values()) other.mayHaveWork = true;
      if (settlement.event === "retry") this.#expectDue(lane, settlement.delayMs);
      if (!taken[index]) this.#onEvent({ type: "fenced", id: claim.id, channel: claim.channel });
    }
    this.#pulse.wake();
  }

  async #claim(now: number): Promise<void> {
    const limits = new Map<string, number>();
    for (const lane of this.#lanes.values()) {
      if (lane.dueAt <= now) {
        lane.mayHaveWork = true;
        lane.dueAt = Number.POSITIVE_INFINITY;
      }
      if (!lane.mayHaveWork) continue;
      const { count, inMs } = lane.room(now);
      if (count > 0) limits.set(lane.id, count);
      if (inMs !== undefined) this.#pulse.wakeIn(inMs);
    }
    if (limits.size === 0) return;
    this.#claiming = true;
    // What wakes a lane while the store looks is not to be forgotten.
    for (const id of limits.keys()) this.#laneOf(id).mayHaveWork = false;
    const result = await this.#pulse.ask(() => this.#outbox.claim({ limits, leaseMs: this.#claims.leaseMs }));
    this.#claiming = false;
    if (result === undefined) {
      for (const id of limits.keys()) this.#laneOf(id).mayHaveWork = true;
      return;
    }
    this.#begin(result.claims, limits);
    for (const { id, channel } of result.expired) this.#onEvent({ type: "expired", id, channel });
    for (const id of limits.keys()) {
      const inMs = result.nextDueInMs.get(id);
      if (inMs !== undefined) this.#expectDue(this.#laneOf(id), inMs);
    }
    this.#pulse.wake();
  }

  #begin(claims: readonly Claim[], limits: ReadonlyMap<string, number>): void {
    const now = this.#clock.monotonic();
    const taken = new Map<string, number>();
    for (const claim of claims) {
      const lane = this.#laneOf(claim.channel);
      taken.set(lane.id, (taken.get(lane.id) ?? 0) + 1);
      this.#claims.add(claim, now);
      if (this.#stopping) {
        this.#ended.push({ claim, settlement: releaseOf(claim, claim.maybeArrived) });
      } else {
        lane.begin(now);
        void this.#attempt(lane, claim);
      }
    }
    // A lane that got all it asked for may have more.
    for (const [id, limit] of limits) if (taken.get(id) === limit) this.#laneOf(id).mayHaveWork = true;
    this.#pulse.wakeIn(this.#claims.renewInMs);
  }

  async #attempt(lane: Lane, claim: Claim): Promise<void> {
    const { message, maybeArrived } = claim;
    const number = claim.attemptsMade + 1;
    let settlement: Settlement;
    try {
      const attempt = { number, maybeArrived, signal: lane.cutOff.signal };
      const outcome = await makeAttempt(lane.open, message, attempt, this.#clock);
      settlement = this.#judge(lane, claim, outcome);
    } catch (error) {
      // makeAttempt rejects only when it was cut off; whether the message arrived by then, nobody knows.
      if (!lane.cutOff.signal.aborted) throw error;
      settlement = releaseOf(claim, true);
    }
    lane.end();
    this.#ended.push({ claim, settlement });
    this.#pulse.wake();
  }

  /** What follows from an attempt: for the delivery, and for its whole channel. */
  #judge(lane: Lane, claim: Claim, outcome: AttemptOutcome): Settlement {
    const { id, token, channel } = claim;
    const failure = "failure" in outcome ? outcome.failure : undefined;
    const decision = failure && decide(lane.open.retryPolicy, failure, claim.budgetUsed + 1, this.#random);
    const record =
      decision?.action === "retry" ? { ...outcome.record, waitMs: decision.delayMs } : outcome.record;
    const { threadId } = claim.message;
    const thread = threadId === undefined ? {} : { threadId };
    this.#onEvent({ type: "attempt", id, channel, ...thread, attempt: record, decision });
    const change = lane.record(failure?.kind, this.#clock.monotonic());
    if (change) this.#onEvent({ type: "circuit", channel, state: change });
    if (lane.recordPause(decision?.action === "pause") && !lane.isSuspended) {
      void this.#suspend(lane, failure?.message ?? "");
    }
    const attempt = storedAttempt(record);
    if ("receipt" in outcome) return { id, token, event: "deliver", attempt, receipt: outcome.receipt };
    const reason = outcome.failure.message;
    if (decision?.action === "retry")
      return { id, token, event: "retry", attempt, delayMs: decision.delayMs };
    return { id, token, event: decision?.action === "pause" ? "pause" : "give_up", attempt, reason };
  }

  async #suspend(lane: Lane, reason: string): Promise<void> {
    lane.isSuspended = true;
    this.#suspending.add(lane);
    this.#onEvent({ type: "suspended", channel: lane.id, reason });
    const isRecorded = async () => {
      await this.#outbox.suspend(lane.id, reason);
      return true;
    };
    // Until the store has it no person can see it, and no other process keeps it.
    while (!this.#pulse.isOver && !(await this.#pulse.ask(isRecorded))) await this.#pulse.sleep(againMs);
    this.#suspending.delete(lane);
  }

  #renewLeases(now: number): void {
    const due = this.#claims.takeDue(now);
    if (due.length === 0) return;
    this.#pulse.wakeIn(this.#claims.renewInMs);
    // A claim that is not ours any more is told by its settlement.
    void this.#pulse.ask(() => this.#outbox.renew(due, this.#claims.leaseMs));
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#pulse.wake();
    await this.#pulse.sleep(this.#drainTimeoutMs);
    const reason = new JackfieldError("SHUTTING_DOWN", "the process shuts down");
    for (const lane of this.#lanes.values()) lane.cutOff.abort(reason);
    // What was cut off is given back; a store that does not even take that is left, and the leases lapse.
    await this.#pulse.sleep(againMs * 2);
    this.#end("stopped");
  }

  #end(end: RunEnd): void {
    this.#over.resolve(end);
  }

  #endIfOver(now: number): void {
    if (this.#claims.size > 0 || this.#claiming) return;
    if (this.#stopping) this.#end("stopped");
    if (this.#until === undefined) return;
    const lanes = [...this.#lanes.values()].filter((lane) => !lane.isSuspended);
    const hasMore =
      this.#until === "idle"
        ? lanes.some((lane) => lane.mayHaveWork || lane.dueAt < Number.POSITIVE_INFINITY)
        : lanes.some((lane) => lane.mayHaveWork && lane.room(now).count > 0);
    if (!hasMore) this.#end(this.#until);
  }

  #expectDue(lane: Lane, inMs: number): void {
    lane.dueAt = Math.min(lane.dueAt, this.#clock.monotonic() + inMs);
    this.#pulse.wakeIn(inMs);
  }

  #laneOf(id: string): Lane {
    const lane = this.#lanes.get(id);
    if (!lane) throw new TypeError(`the store answered with the channel "${id}", which it was not asked for`);
    return lane;
  }
}

function releaseOf({ id, token }: Claim, maybeArrived: boolean): Settlement {
  return { id, token, event: "release", maybeArrived };
}

function storedAttempt({ failure, ...record }: AttemptRecord): StoredAttempt {
  if (!failure) return record;
  const { kind, message, retryAfterMs, ambiguous } = failure;
  return {
    ...record,
    failure: { kind, message, ambiguous, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  };
}
