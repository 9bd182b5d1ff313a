import { setMaxListeners } from "node:events";
import { type Clock, type Random, systemClock } from "../clock.ts";
import type { OpenChannels } from "../delivery/new-delivery.ts";
import { guardObserver } from "../delivery/observer.ts";
import { JackfieldError } from "../error.ts";
import { DeliveryError } from "../failure/delivery-error.ts";
import { threadOf } from "../inbox/inbound-message.ts";
import type { StoredTurn, TurnClaim, TurnSettlement } from "../inbox/inbox.ts";
import { type Decision, decide } from "../retry/decide.ts";
import type { Store } from "../store/store.ts";
import { threadKey } from "../threads/thread-key.ts";
import type { ConversationEvent, TimelineEntry } from "../threads/threads.ts";
import { Leases } from "../work/leases.ts";
import { againMs, Pulse } from "../work/pulse.ts";
import { startTimer } from "../work/waits.ts";
import type { AgentLog, OpenAgent } from "./agent.ts";
import type { TurnPolicy } from "./agent-policy.ts";
import { runTurn, type TurnOutcome, type TurnWorld } from "./turn.ts";

/** What an event is about. */
interface About {
  /** The inbound message's id. */
  readonly id: string;
  readonly channel: string;
  /** `channel/name`. */
  readonly thread: string;
}

/** What the runner tells whoever watches it. */
export type TurnEvent =
  | (About & { readonly type: "turn_began"; readonly number: number })
  | (About & {
      readonly type: "turn";
      readonly turn: StoredTurn;
      readonly outcome: "handled" | "retry" | "pause" | "give_up";
      /** The ids of the messages that it answered with. */
      readonly answers: readonly string[];
    })
  /** The lease had lapsed and somebody else has the message now; what was done counts for nothing. */
  | (About & { readonly type: "turn_fenced" })
  /** The process shuts down: the message is given back and has its turn later. */
  | (About & { readonly type: "turn_released" })
  | (About & {
      readonly type: "agent_log";
      readonly level: keyof AgentLog;
      readonly text: string;
      readonly fields: Readonly<Record<string, unknown>>;
    })
  /** Something went wrong beside the turn, which goes on: showing that an answer is being made. */
  | (About & { readonly type: "turn_aside"; readonly error: unknown })
  /** The store did not take or give something; it is asked again. */
  | { readonly type: "store_trouble"; readonly error: unknown };

export interface TurnRunnerOptions {
  readonly store: Pick<Store, "inbox" | "threads">;
  readonly agent: OpenAgent;
  readonly policy: TurnPolicy;
  /** The channels as they are at the moment: a reload changes them. */
  readonly channels: () => OpenChannels;
  readonly clock?: Clock;
  readonly random?: Random;
  /** How long a claim is ours without being renewed, in milliseconds. Default: 30000. */
  readonly leaseMs?: number;
  /** How long a shutdown waits for turns that are under way, in milliseconds. Default: 10000. */
  readonly drainTimeoutMs?: number;
  /** Told of everything that happens. What it throws is reported as an uncaught exception and touches no turn. */
  readonly onEvent?: (event: TurnEvent) => void;
  /** Told of what happens to conversations, once it is on disk. */
  readonly track?: (event: ConversationEvent) => void;
}

/**
 * Gives every inbound message its turn: claims those whose time has come, has the agent answer each, and settles: the acknowledgement and the
 * answers in one transaction of the store. A failed turn is run again as {@link decide} says, by the retry fields of `[agent]`.
 *
 * It is woken as the dispatcher is: by the store, by the end of a turn, and by one timer. To be run only while this process has the
 * right to dispatch the store. A turn in which the process dies is found by its lapsed lease and counts against the budget, so that
 * a message which ends the process cannot do so for ever.
 */
export class TurnRunner {
  readonly #options: TurnRunnerOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onEvent: (event: TurnEvent) => void;
  readonly #world: Omit<TurnWorld, "channels">;
  readonly #claims: Leases<TurnClaim>;
  readonly #pulse: Pulse;
  readonly #over = Promise.withResolvers<void>();
  /** Ends the turns that are under way when a shutdown has waited long enough. */
  readonly #cutOff = new AbortController();
  #ended: {
    readonly claim: TurnClaim;
    readonly settlement: TurnSettlement;
    readonly outcome?: TurnOutcome;
  }[] = [];
  #running = 0;
  /** The store may hold a message whose turn has come: set by a wake, cleared by a claim. */
  #mayHaveWork = true;
  /** When the store's next message is due, in monotonic milliseconds. */
  #dueAt = Number.POSITIVE_INFINITY;
  #claiming = false;
  #stopping = false;

  constructor(options: TurnRunnerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#onEvent = options.onEvent ? guardObserver(options.onEvent) : () => undefined;
    this.#claims = new Leases(options.leaseMs ?? 30_000);
    this.#pulse = new Pulse({
      clock: this.#clock,
      onTurn: () => this.#turn(),
      onTrouble: (error) => this.#onEvent({ type: "store_trouble", error }),
    });
    const { inbox, threads } = options.store;
    this.#world = {
      agent: options.agent.run,
      clock: this.#clock,
      history: (thread, limit) => lastEntries(threads, thread, limit),
      keepPreview: (claim, remoteId) => inbox.keepPreview(claim, remoteId),
      log: (claim) => this.#logOf(claim),
      onAside: (claim, error) => this.#onEvent({ type: "turn_aside", ...aboutOf(claim), error }),
    };
    // Every turn listens to it.
    setMaxListeners(0, this.#cutOff.signal);
  }

  /** Runs turns until the signal is aborted; then what is under way may finish within `drainTimeoutMs`, and the rest is given back. Can be called once. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => void this.#stop();
    signal.addEventListener("abort", stop, { once: true });
    this.#pulse.stayAlive();
    const stopListening = this.#options.store.inbox.onWork(() => this.lookForWork());
    try {
      this.lookForWork();
      if (signal.aborted) stop();
      await this.#over.promise;
    } finally {
      this.#pulse.end();
      signal.removeEventListener("abort", stop);
      stopListening();
    }
  }

  /** Something may have changed: in the store, or in the set of channels. */
  lookForWork(): void {
    this.#mayHaveWork = true;
    this.#pulse.wake();
  }

  #turn(): void {
    if (this.#ended.length > 0) void this.#settleEnded();
    this.#renewLeases();
    if (this.#dueAt <= this.#clock.monotonic()) {
      this.#mayHaveWork = true;
      this.#dueAt = Number.POSITIVE_INFINITY;
    }
    if (!this.#stopping && !this.#claiming && this.#mayHaveWork) void this.#claim();
    if (this.#stopping && this.#claims.size === 0 && !this.#claiming) this.#over.resolve();
  }

  async #claim(): Promise<void> {
    const limit = this.#options.policy.maxConcurrentTurns - this.#running;
    const channels = [...this.#options.channels().keys()];
    if (limit <= 0 || channels.length === 0) return;
    this.#claiming = true;
    this.#mayHaveWork = false;
    const request = { channels, limit, leaseMs: this.#claims.leaseMs };
    const result = await this.#pulse.ask(() => this.#options.store.inbox.claim(request));
    this.#claiming = false;
    if (!result) {
      this.#mayHaveWork = true;
      return;
    }
    const now = this.#clock.monotonic();
    for (const claim of result.claims) {
      this.#claims.add(claim, now);
      this.#running++;
      void this.#run(claim);
    }
    if (result.claims.length > 0) this.#pulse.wakeIn(this.#claims.renewInMs);
    // Who got all it asked for may find more.
    if (result.claims.length === limit) this.#mayHaveWork = true;
    if (result.nextDueInMs !== undefined) this.#lookIn(result.nextDueInMs);
    this.#pulse.wake();
  }

  async #run(claim: TurnClaim): Promise<void> {
    const outcome = this.#stopping ? undefined : await this.#turnOf(claim);
    const isCutOff = outcome && "failure" in outcome && this.#cutOff.signal.aborted;
    this.#running--;
    if (!outcome || isCutOff) {
      this.#ended.push({ claim, settlement: { id: claim.id, token: claim.token, event: "release" } });
    } else {
      this.#ended.push({ claim, settlement: this.#settlementOf(claim, outcome), outcome });
    }
    this.#mayHaveWork = true;
    this.#pulse.wake();
  }

  async #turnOf(claim: TurnClaim): Promise<TurnOutcome> {
    const number = claim.turnsMade + 1;
    if (claim.budgetUsed > this.#budget) return this.#spent(claim, number);
    this.#onEvent({ type: "turn_began", ...aboutOf(claim), number });
    const { turnTimeoutMs } = this.#options.policy;
    const timeOver = new AbortController();
    const stopTimer = startTimer(this.#clock, turnTimeoutMs, () =>
      timeOver.abort(
        new DeliveryError(`the turn took longer than turnTimeoutMs = ${turnTimeoutMs}`, {
          kind: "timeout",
          ambiguous: true,
        }),
      ),
    );
    try {
      const world = { ...this.#world, channels: this.#options.channels() };
      return await runTurn(world, claim, AbortSignal.any([timeOver.signal, this.#cutOff.signal]));
    } finally {
      stopTimer();
    }
  }

  get #budget(): number {
    const { retrySchedule, maxRetries } = this.#options.policy.retry;
    return retrySchedule?.length ?? maxRetries;
  }

  /** Every turn that it may have has ended with the process. */
  #spent(claim: TurnClaim, number: number): TurnOutcome {
    const failure = new DeliveryError(
      `not run again: the process ended in its turns, and ${claim.budgetUsed} of them is all that maxRetries allows`,
      { kind: "blocked", ambiguous: true },
    );
    const { kind, message } = failure;
    return { turn: { number, at: this.#clock.now(), durationMs: 0, failure: { kind, message } }, failure };
  }

  #settlementOf({ id, token, budgetUsed }: TurnClaim, outcome: TurnOutcome): TurnSettlement {
    if ("answers" in outcome)
      return { id, token, event: "handle", turn: outcome.turn, answers: outcome.answers };
    const { turn, failure } = outcome;
    const decision: Decision = decide(this.#options.policy.retry, failure, budgetUsed + 1, this.#random);
    if (decision.action === "retry") {
      const { delayMs } = decision;
      return { id, token, event: "retry", turn: { ...turn, waitMs: delayMs }, delayMs };
    }
    return { id, token, event: decision.action, turn, reason: failure.message };
  }

  async #settleEnded(): Promise<void> {
    const batch = this.#ended;
    this.#ended = [];
    const { inbox } = this.#options.store;
    const results = await this.#pulse.ask(() => inbox.settle(batch.map(({ settlement }) => settlement)));
    if (!results) {
      this.#ended.unshift(...batch);
      return;
    }
    for (const [index, { claim, settlement, outcome }] of batch.entries()) {
      const settled = results[index];
      if (settled?.outcome === "unstorable" && settlement.event === "handle") {
        // Another turn would most likely answer the same.
        const reason = `its answer could not be stored: ${settled.problem}`;
        const turn = { ...settlement.turn, failure: { kind: "blocked" as const, message: reason } };
        const { id, token } = claim;
        this.#ended.push({ claim, settlement: { id, token, event: "give_up", turn, reason } });
        continue;
      }
      this.#claims.delete(claim);
      if (settled?.outcome === "recorded") this.#tell(claim, settlement, outcome);
      else this.#onEvent({ type: "turn_fenced", ...aboutOf(claim) });
      if (settlement.event === "retry") this.#lookIn(settlement.delayMs);
    }
    // An end lets the next message of its thread go.
    this.lookForWork();
  }

  /** Tells what is on disk now. */
  #tell(claim: TurnClaim, settlement: TurnSettlement, outcome: TurnOutcome | undefined): void {
    const about = aboutOf(claim);
    if (settlement.event === "release") {
      this.#onEvent({ type: "turn_released", ...about });
      return;
    }
    const { event, turn } = settlement;
    const answers = event === "handle" ? settlement.answers.map(({ message }) => message.id) : [];
    this.#onEvent({ type: "turn", ...about, turn, outcome: event === "handle" ? "handled" : event, answers });
    if (event !== "handle") return;
    const at = this.#clock.now();
    const track = this.#options.track ? guardObserver(this.#options.track) : () => undefined;
    track({ type: "turn", thread: about.thread, at });
    if (outcome && "resolved" in outcome && outcome.resolved) {
      track({ type: "resolved", thread: about.thread, at, ...outcome.resolved });
    }
  }

  #lookIn(ms: number): void {
    this.#dueAt = Math.min(this.#dueAt, this.#clock.monotonic() + ms);
    this.#pulse.wakeIn(ms);
  }

  #renewLeases(): void {
    const due = this.#claims.takeDue(this.#clock.monotonic());
    if (due.length === 0) return;
    this.#pulse.wakeIn(this.#claims.renewInMs);
    // A claim that is not ours any more is told by its settlement.
    void this.#pulse.ask(() => this.#options.store.inbox.renew(due, this.#claims.leaseMs));
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#pulse.wake();
    await this.#pulse.sleep(this.#options.drainTimeoutMs ?? 10_000);
    this.#cutOff.abort(new JackfieldError("SHUTTING_DOWN", "the process shuts down"));
    // What was cut off is given back; a store that does not even take that is left, and the leases lapse.
    await this.#pulse.sleep(againMs * 2);
    this.#over.resolve();
  }

  #logOf(claim: TurnClaim): AgentLog {
    const line =
      (level: keyof AgentLog) =>
      (text: string, fields: Readonly<Record<string, unknown>> = {}) =>
        this.#onEvent({ type: "agent_log", ...aboutOf(claim), level, text, fields });
    return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  }
}

function aboutOf({ id, message }: TurnClaim): About {
  return { id, channel: message.channel, thread: threadKey(message.channel, threadOf(message)) };
}

/** How many entries of a timeline are read at once. */
const pageSize = 500;

async function lastEntries(
  threads: Store["threads"],
  thread: string,
  limit: number,
): Promise<readonly TimelineEntry[]> {
  let entries: readonly TimelineEntry[] = [];
  let after: string | undefined;
  do {
    const page = await threads.timeline(thread, {
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    entries = [...entries, ...page.entries].slice(-limit);
    after = page.next;
  } while (after !== undefined);
  return entries;
}
