import { setMaxListeners } from "node:events";
import type { OpenChannel } from "../channel/open-channel.ts";
import { type Clock, type Random, systemClock } from "../clock.ts";
import { JackfieldError } from "../error.ts";
import { type Decision, decide } from "../retry/decide.ts";
import { longestWaitMs } from "../retry/longest-wait.ts";
import { type AttemptOutcome, type AttemptRecord, makeAttempt } from "./attempt.ts";
import { Lane } from "./lane.ts";
import { guardObserver } from "./observer.ts";
import type { Claim, DispatchRight, Outbox, Settlement, StoredAttempt } from "./outbox.ts";

/** What the dispatcher tells whoever watches it. */
export type DispatchEvent =
  | {
      readonly type: "attempt";
      readonly id: string;
      readonly channel: string;
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
  /** Called once this process has the right to dispatch, before anything is claimed. */
  readonly onRight?: () => Promise<void>;
}

export interface RunOptions {
  /** Ends the run: nothing more is claimed, what is under way may finish within `drainTimeoutMs`, the rest is given back. */
  readonly signal?: AbortSignal;
  /**
   * Ends the run by itself. `idle`: when nothing is left to do, that is under way, due, or waiting for a known time. `caught-up`: when
   * nothing is under way or due now; what waits for its time stays stored.
   */
  readonly until?: "idle" | "caught-up";
  /** Waits for its turn where another process dispatches this store. Default: true. */
  readonly standby?: boolean;
}

/** Why a run ended; `elsewhere`: another process dispatches this store, and this one was not to stand by. */
export type RunEnd = "stopped" | "idle" | "caught-up" | "elsewhere";

/** The wait between two tries of a store that is in trouble, and between two looks of a process that stands by, in milliseconds. */
const againMs = 500;

/** The longest that Node's timers can take: nothing happens when it is over. */
const longestIntervalMs = 2 ** 31 - 1;

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
  readonly #leaseMs: number;
  readonly #drainTimeoutMs: number;
  readonly #onEvent: (event: DispatchEvent) => void;
  readonly #onRight: () => Promise<void>;
  readonly #lanes: ReadonlyMap<string, Lane>;
  /** What is under way or not yet recorded, the oldest lease first, with the moment (monotonic) from which it is renewed. */
  readonly #claims = new Map<Claim, number>();
  #ended: { readonly claim: Claim; readonly settlement: Settlement }[] = [];
  /** Ends the attempts that are under way when a shutdown has waited long enough. */
  readonly #cutOff = new AbortController();
  readonly #over = Promise.withResolvers<RunEnd>();
  #until: RunOptions["until"];
  /** Lanes whose suspension the store has not taken yet. */
  readonly #suspending = new Set<Lane>();
  #stopping = false;
  /** The run has ended: the store may be closed by now, and nobody asks it for anything any more. */
  #isOver = false;
  #turnIsDue = false;
  #claiming = false;
  #storeInTrouble = false;
  #wakeAt = Number.POSITIVE_INFINITY;
  #timer = new AbortController();

  constructor(options: DispatcherOptions) {
    this.#outbox = options.outbox;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#leaseMs = options.leaseMs ?? 30_000;
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 10_000;
    this.#onEvent = options.onEvent ? guardObserver(options.onEvent) : () => undefined;
    this.#onRight = options.onRight ?? (async () => undefined);
    this.#lanes = new Map(options.channels.map((open) => [open.channel.id, new Lane(open)]));
    // Every attempt listens to it.
    setMaxListeners(0, this.#cutOff.signal);
  }

  /** Dispatches until the signal is aborted or, with `until`, until there is nothing more to do. Can be called once. */
  async run({ signal, until, standby = true }: RunOptions = {}): Promise<RunEnd> {
    const right = await this.#acquire(signal, standby);
    if (right === undefined) return signal?.aborted ? "stopped" : "elsewhere";
    this.#until = until;
    const stop = () => void this.#stop();
    let stopListening: () => void = () => undefined;
    signal?.addEventListener("abort", stop, { once: true });
    // A promise alone does not keep a process alive, and an idle dispatcher waits for nothing but the store's word.
    const stayAlive = setInterval(() => undefined, longestIntervalMs);
    try {
      const longestWaits = [...this.#lanes].map(
        ([id, { open }]) => [id, longestWaitMs(open.retryPolicy)] as const,
      );
      await this.#outbox.boundWaits(new Map(longestWaits));
      await this.#onRight();
      // Not before: what is accepted from now on wakes a dispatcher that may claim it.
      stopListening = this.#outbox.onWork(() => void this.#lookForWork());
      await this.#lookForWork();
      if (signal?.aborted) stop();
      return await this.#over.promise;
    } finally {
      this.#isOver = true;
      clearInterval(stayAlive);
      signal?.removeEventListener("abort", stop);
      stopListening();
      this.#timer.abort();
      await right.release();
    }
  }

  async #acquire(signal: AbortSignal | undefined, standby: boolean): Promise<DispatchRight | undefined> {
    while (!signal?.aborted) {
      const right = await this.#outbox.acquireDispatch();
      if (right || !standby) return right;
      await this.#sleep(againMs, signal);
    }
    return undefined;
  }

  /** Anything may have changed in the store: new deliveries, or a person's command. */
  async #lookForWork(): Promise<void> {
    if (
      [...this.#lanes.values()].some((lane) => lane.isSuspended) ||
      this.#wakeAt === Number.POSITIVE_INFINITY
    ) {
      await this.#tryStore(() => this.#readSuspensions());
    }
    for (const lane of this.#lanes.values()) lane.mayHaveWork = true;
    this.#scheduleTurn();
  }

  async #readSuspensions(): Promise<void> {
    for (const { channel, suspendedAt } of await this.#outbox.channels()) {
      const lane = this.#lanes.get(channel);
      if (lane && !this.#suspending.has(lane)) lane.isSuspended = suspendedAt !== undefined;
    }
  }

  #scheduleTurn(): void {
    if (this.#turnIsDue || this.#isOver) return;
    this.#turnIsDue = true;
    // Not at once: whatever else ends in this tick belongs to the same turn.
    setImmediate(() => {
      this.#turnIsDue = false;
      this.#turn();
    });
  }

  #turn(): void {
    const now = this.#clock.monotonic();
    if (this.#storeInTrouble || this.#isOver) return;
    if (this.#ended.length > 0) void this.#settleEnded();
    this.#renewLeases(now);
    if (!this.#stopping && !this.#claiming) void this.#claim(now);
    this.#endIfOver(now);
  }

  async #settleEnded(): Promise<void> {
    const batch = this.#ended;
    this.#ended = [];
    const taken = await this.#tryStore(() => this.#outbox.settle(batch.map(({ settlement }) => settlement)));
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
    this.#scheduleTurn();
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
      if (inMs !== undefined) this.#wakeIn(inMs);
    }
    if (limits.size === 0) return;
    this.#claiming = true;
    // What wakes a lane while the store looks is not to be forgotten.
    for (const id of limits.keys()) this.#laneOf(id).mayHaveWork = false;
    const result = await this.#tryStore(() => this.#outbox.claim({ limits, leaseMs: this.#leaseMs }));
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
    this.#scheduleTurn();
  }

  #begin(claims: readonly Claim[], limits: ReadonlyMap<string, number>): void {
    const now = this.#clock.monotonic();
    const taken = new Map<string, number>();
    for (const claim of claims) {
      const lane = this.#laneOf(claim.channel);
      taken.set(lane.id, (taken.get(lane.id) ?? 0) + 1);
      this.#claims.set(claim, now + this.#leaseMs / 3);
      if (this.#stopping) {
        this.#ended.push({ claim, settlement: releaseOf(claim, claim.maybeArrived) });
      } else {
        lane.begin(now);
        void this.#attempt(lane, claim);
      }
    }
    // A lane that got all it asked for may have more.
    for (const [id, limit] of limits) if (taken.get(id) === limit) this.#laneOf(id).mayHaveWork = true;
    this.#wakeIn(this.#leaseMs / 3);
  }

  async #attempt(lane: Lane, claim: Claim): Promise<void> {
    const { message, maybeArrived } = claim;
    const number = claim.attemptsMade + 1;
    let settlement: Settlement;
    try {
      const attempt = { number, maybeArrived, signal: this.#cutOff.signal };
      const outcome = await makeAttempt(lane.open, message, attempt, this.#clock);
      settlement = this.#judge(lane, claim, outcome);
    } catch (error) {
      // makeAttempt rejects only when it was cut off; whether the message arrived by then, nobody knows.
      if (!this.#cutOff.signal.aborted) throw error;
      settlement = releaseOf(claim, true);
    }
    lane.end();
    this.#ended.push({ claim, settlement });
    this.#scheduleTurn();
  }

  /** What follows from an attempt: for the delivery, and for its whole channel. */
  #judge(lane: Lane, claim: Claim, outcome: AttemptOutcome): Settlement {
    const { id, token, channel } = claim;
    const failure = "failure" in outcome ? outcome.failure : undefined;
    const decision = failure && decide(lane.open.retryPolicy, failure, claim.budgetUsed + 1, this.#random);
    const record =
      decision?.action === "retry" ? { ...outcome.record, waitMs: decision.delayMs } : outcome.record;
    this.#onEvent({ type: "attempt", id, channel, attempt: record, decision });
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
    while (!this.#isOver && !(await this.#tryStore(isRecorded)))
      await this.#sleep(againMs, this.#timer.signal);
    this.#suspending.delete(lane);
  }

  #renewLeases(now: number): void {
    const due: Claim[] = [];
    for (const [claim, renewAt] of this.#claims) {
      if (renewAt > now) break;
      due.push(claim);
    }
    if (due.length === 0) return;
    for (const claim of due) {
      this.#claims.delete(claim);
      this.#claims.set(claim, now + this.#leaseMs / 3);
    }
    this.#wakeIn(this.#leaseMs / 3);
    // A claim that is not ours any more is told by its settlement.
    void this.#tryStore(() => this.#outbox.renew(due, this.#leaseMs));
  }

  /** Asks the store for something; undefined where it is in trouble, and then everything waits a little. */
  async #tryStore<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (this.#isOver) return undefined;
      this.#onEvent({ type: "store_trouble", error });
      if (!this.#storeInTrouble) {
        this.#storeInTrouble = true;
        void this.#sleep(againMs, this.#timer.signal).then(() => {
          this.#storeInTrouble = false;
          this.#scheduleTurn();
        });
      }
      return undefined;
    }
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#scheduleTurn();
    await this.#sleep(this.#drainTimeoutMs, this.#timer.signal);
    this.#cutOff.abort(new JackfieldError("SHUTTING_DOWN", "the process shuts down"));
    // What was cut off is given back; a store that does not even take that is left, and the leases lapse.
    await this.#sleep(againMs * 2, this.#timer.signal);
    this.#end("stopped");
  }

  #end(end: RunEnd): void {
    this.#isOver = true;
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
    this.#wakeIn(inMs);
  }

  /** Makes sure that there is a turn in so many milliseconds, or before. */
  #wakeIn(ms: number): void {
    const now = this.#clock.monotonic();
    if (this.#wakeAt > now && this.#wakeAt <= now + ms) return;
    this.#wakeAt = now + ms;
    void this.#sleep(ms, this.#timer.signal).then(() => this.#scheduleTurn());
  }

  async #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#clock.sleep(ms, signal);
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
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
