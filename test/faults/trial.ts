import { setTimeout as sleep } from "node:timers/promises";
import { type Child, type ChildOptions, startEnqueuing, startJackfield } from "./child.ts";
import { channelId, createFaultDeployment, type FaultDeployment } from "./deployment.ts";
import type { KillAt } from "./kill-points.ts";
import { deliveriesIn, inFlightIn } from "./stored.ts";
import { formatTag } from "./tag.ts";
import { createUnreliableReceiver, type Trouble, type UnreliableReceiver } from "./unreliable-receiver.ts";
import { type Acceptance, judge, type Verdict } from "./verdict.ts";

const maxRetries = 4;
const channelFields = [
  `maxRetries = ${maxRetries}`,
  "retryBaseDelayMs = 20",
  "retryMaxDelayMs = 200",
  "maxConcurrency = 16",
];

/** Numbers of messages of one process are this far from those of the next. */
const numbersAProcess = 100_000;
/** How long the last process may take to finish everything, in milliseconds. */
const finishTimeoutMs = 120_000;

/** What a trial's processes do. `run-until-idle` may end by itself; `enqueue` is a program of the library. */
export type Role = "enqueue" | "run" | "run-until-idle" | "send";

export interface TrialOptions extends Trouble {
  /** Told at once; the report has them all. */
  readonly onProblem: (problem: string) => void;
}

export interface StartOptions {
  readonly killAt?: KillAt | undefined;
  /** How many messages an enqueuing process accepts. */
  readonly count?: number;
  /** The thread of what `send` sends. */
  readonly thread?: string;
}

export interface TrialReport extends Verdict {
  readonly accepted: number;
  readonly requests: number;
  /** Processes that ended by SIGKILL, by where it struck them: a chosen point, or `random`. */
  readonly kills: Readonly<Record<string, number>>;
  /** Processes that were to dispatch what an earlier one had left. */
  readonly restarts: number;
  /** Deliveries that were in flight at a kill, all in all. */
  readonly interrupted: number;
  /** From the start of a process to its request for a delivery that the killed one before it had in flight, in milliseconds. */
  readonly recoveriesMs: readonly number[];
}

/**
 * One store, one receiver, and the processes that come and go; writes down everything that is to be judged. Of the processes
 * that dispatch one follows the other, and between them the harness looks at the store: so it knows what each had in flight.
 */
export class Trial implements AsyncDisposable {
  readonly #receiver: UnreliableReceiver;
  readonly #deployment: FaultDeployment;
  readonly #onProblem: (problem: string) => void;
  readonly #accepted: Acceptance[] = [];
  /** What the message of a `jackfield send` says, by the number of its process. */
  readonly #sent = new Map<number, string>();
  readonly #inFlight = new Map<number, ReadonlySet<string>>();
  readonly #kills: Record<string, number> = {};
  readonly #recoveriesMs: number[] = [];
  readonly #problems: string[] = [];
  #lives = 0;
  #dispatchers = 0;
  /** What the killed dispatcher had in flight, and the next one has to see to. */
  #leftInFlight: ReadonlySet<string> = new Set();

  private constructor(receiver: UnreliableReceiver, onProblem: (problem: string) => void) {
    this.#receiver = receiver;
    this.#deployment = createFaultDeployment(receiver.url, channelFields);
    this.#onProblem = onProblem;
  }

  static async begin({ onProblem, ...trouble }: TrialOptions): Promise<Trial> {
    return new Trial(await createUnreliableReceiver(trouble), onProblem);
  }

  start(role: Role, { killAt, count = 0, thread }: StartOptions = {}): Child {
    const life = ++this.#lives;
    const options: ChildOptions = { deployment: this.#deployment, life, ...(killAt ? { killAt } : {}) };
    switch (role) {
      case "enqueue":
        return startEnqueuing({ count, firstNumber: life * numbersAProcess }, options);
      case "run":
        return startJackfield(["run"], options);
      case "run-until-idle":
        return startJackfield(["run", "--until-idle"], options);
      case "send": {
        const content = formatTag({ thread, number: life * numbersAProcess });
        this.#sent.set(life, content);
        const flags = thread === undefined ? [] : ["--thread", thread];
        return startJackfield(["send", channelId, content, ...flags], options);
      }
    }
  }

  /** Resolves when a process has begun to do what it is there for, or has ended, or takes very long. */
  async atWork(child: Child): Promise<void> {
    const seen = this.#receiver.arrivals.length;
    const isAtWork = () => child.out.length > 0 || this.#receiver.arrivals.length > seen;
    const ended = child.ended.then(() => true);
    const giveUpAt = performance.now() + 1500;
    while (!isAtWork() && performance.now() < giveUpAt) {
      if (await Promise.race([ended, sleep(10, false)])) return;
    }
  }

  /** Waits for the end of a process and writes down what it reported as accepted. @returns whether it was killed */
  async buried(child: Child, where = "random"): Promise<boolean> {
    const { code, signal } = await child.ended;
    if (signal === "SIGKILL") this.#kills[where] = (this.#kills[where] ?? 0) + 1;
    else if (code !== 0 && !hasDeadLetter(child)) {
      this.#report(`process ${child.life} ended with ${signal ?? code}: ${child.err.join(" | ")}`);
    }
    for (const line of child.out) {
      const [id = "", content = this.#sent.get(child.life) ?? ""] = line.split(" ");
      this.#accepted.push({ id, content });
    }
    return signal === "SIGKILL";
  }

  /** As `buried`, for a process that dispatched, while no other is left. @returns how many deliveries it had in flight */
  async buriedDispatcher(child: Child, where?: string): Promise<{ killed: boolean; inFlight: number }> {
    this.#dispatchers++;
    const killed = await this.buried(child, where);
    this.#noteRecoveries(child);
    const inFlight = await inFlightIn(this.#deployment.storeFile);
    this.#inFlight.set(child.life, inFlight);
    this.#leftInFlight = inFlight;
    return { killed, inFlight: inFlight.size };
  }

  /** Lets a last process finish everything, unharmed, and judges. */
  async finish(): Promise<TrialReport> {
    await using child = this.start("run-until-idle");
    const timer = new AbortController();
    const { signal } = timer;
    const overdue = sleep(finishTimeoutMs, true, { signal }).catch(() => false);
    if (await Promise.race([child.ended.then(() => false), overdue])) {
      this.#report(`the last process did not come to an end within ${finishTimeoutMs / 1000} s`);
      child.signal("SIGKILL");
    }
    timer.abort();
    await this.buriedDispatcher(child);
    const verdict = judge({
      accepted: this.#accepted,
      arrivals: this.#receiver.arrivals,
      inFlight: this.#inFlight,
      deliveries: await deliveriesIn(this.#deployment.storeFile),
      budget: maxRetries + 1,
    });
    return {
      ...verdict,
      problems: [...this.#problems, ...verdict.problems],
      accepted: this.#accepted.length,
      requests: this.#receiver.arrivals.length,
      kills: this.#kills,
      restarts: this.#dispatchers - 1,
      interrupted: [...this.#inFlight.values()].reduce((sum, { size }) => sum + size, 0),
      recoveriesMs: this.#recoveriesMs,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deployment[Symbol.dispose]();
    await this.#receiver[Symbol.asyncDispose]();
  }

  #report(problem: string): void {
    this.#problems.push(problem);
    this.#onProblem(problem);
  }

  #noteRecoveries({ life, startedAt }: Child): void {
    const seen = new Set<string>();
    for (const { id, at, life: sender } of this.#receiver.arrivals) {
      if (sender !== life || seen.has(id)) continue;
      seen.add(id);
      if (this.#leftInFlight.has(id)) this.#recoveriesMs.push(at - startedAt);
    }
  }
}

/** `jackfield send` ends with 1 where its message became a dead letter at once, which is as it should be. */
function hasDeadLetter({ out, err }: Child): boolean {
  return out.length === 1 && err.some((line) => line.includes("deliveries redeliver"));
}
