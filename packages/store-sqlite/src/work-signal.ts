import { WakeFile } from "./wake-file.ts";

/** How those who work off the store learn that there may be work: from this process at once, from another one by the wake file. */
export class WorkSignal {
  readonly #listeners = new Set<() => void>();
  readonly #wakeFile: WakeFile | undefined;
  #stopListening: (() => void) | undefined;
  #writesOfOthers = 0;
  /** The right to dispatch is here, so that nobody else has to be told of what is written here. */
  isDispatching = false;

  constructor(path: string) {
    this.#wakeFile = path === ":memory:" ? undefined : new WakeFile(path);
  }

  /** How often another process has rung. Each reader compares it with what it saw last, so that none of them hides a ring from another. */
  get writesOfOthers(): number {
    return this.#writesOfOthers;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#stopListening ??= this.#wakeFile?.listen(() => {
      this.#writesOfOthers++;
      this.wake();
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Wakes who listens in this process. */
  wake(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Wakes who listens in another process; to be called after the commit. */
  ring(): void {
    if (!this.isDispatching) this.#wakeFile?.ring();
  }

  /** Stops listening to other processes. */
  close(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}
