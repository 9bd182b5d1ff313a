import {
  type ListenerState,
  type Supervised,
  type SuperviseOptions,
  supervise,
} from "./supervisor/supervise.ts";

interface RunningListener {
  readonly supervised: Supervised;
  readonly stopping: AbortController;
}

/** Everything that receives, each under supervision: the HTTP server, and channels with a connection of their own. */
export class Listeners {
  readonly #options: Omit<SuperviseOptions, "signal">;
  readonly #running = new Map<string, RunningListener>();
  #isStopped = false;

  constructor(options: Omit<SuperviseOptions, "signal">) {
    this.#options = options;
  }

  start(id: string, start: (signal: AbortSignal) => Promise<void>): void {
    if (this.#isStopped) return;
    const stopping = new AbortController();
    const supervised = supervise({ id, start }, { ...this.#options, signal: stopping.signal });
    this.#running.set(id, { supervised, stopping });
  }

  async stop(id: string): Promise<void> {
    const listener = this.#running.get(id);
    if (!listener) return;
    listener.stopping.abort();
    await listener.supervised.done;
    this.#running.delete(id);
  }

  /** Ends all of them; none can be started after it. */
  async stopAll(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#running.keys()].map((id) => this.stop(id)));
  }

  /** Has those that are parked try again. */
  retry(): void {
    for (const { supervised } of this.#running.values()) supervised.retry();
  }

  states(): readonly ListenerState[] {
    return [...this.#running.values()].map(({ supervised }) => supervised.state());
  }
}
