import { WakeFile } from "./wake-file.ts";

/** How those who work off the store learn that there may be work: from this process at once, from another one by the wake file. */
export class WorkSignal {
  readonly #listeners = new Set<() => void>();
  readonly #wakeFile: WakeFile | undefined;
  #stopListening: (() => void) | undefined;
  /** Another process wrote since this was last set to false. */
  othersWrote = false;
  /** The right to dispatch is here, so that nobody else has to be told of what is written here. */
  isDispatching = false;

  constructor(path: string) {
    this.#wakeFile = path === ":memory:" ? undefined : new WakeFile(path);
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#stopListening ??= this.#wakeFile?.listen(() => {
      this.othersWrote = true;
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
