import type { Clock } from "@jackfield/core";
import type { AgentEvent } from "./agent-event.ts";

/** How many lines are passed on in a second. */
const linesPerSecond = 200;

/** Passes on what an agent writes to stderr, as much as a log bears; the rest is counted. */
export class StderrLimit {
  readonly #clock: Clock;
  readonly #onEvent: (event: AgentEvent) => void;
  #secondBegan = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #dropped = 0;

  constructor(clock: Clock, onEvent: (event: AgentEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  line(line: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#secondBegan >= 1000) {
      if (this.#dropped > 0) this.#onEvent({ type: "agent_stderr_dropped", lines: this.#dropped });
      this.#secondBegan = now;
      this.#lines = 0;
      this.#dropped = 0;
    }
    if (this.#lines < linesPerSecond) {
      this.#lines++;
      this.#onEvent({ type: "agent_stderr", line });
    } else {
      this.#dropped++;
    }
  }
}
