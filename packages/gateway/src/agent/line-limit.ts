import { type Clock, startTimer } from "@jackfield/core";

export interface LineLimitOptions {
  readonly clock: Clock;
  readonly linesPerSecond: number;
  readonly onLine: (line: string) => void;
  /** Told once a second at most, and at the end, of how many lines there were besides. */
  readonly onDropped: (lines: number) => void;
}

/** Passes on what an agent writes, as much as a log bears; the rest is counted. */
export class LineLimit {
  readonly #options: LineLimitOptions;
  #stopTimer: () => void = () => undefined;
  #secondBegan = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #dropped = 0;

  constructor(options: LineLimitOptions) {
    this.#options = options;
  }

  line(line: string): void {
    const { clock, linesPerSecond, onLine } = this.#options;
    const now = clock.monotonic();
    if (now - this.#secondBegan >= 1000) {
      this.#tell();
      this.#secondBegan = now;
      this.#lines = 0;
    }
    if (this.#lines < linesPerSecond) {
      this.#lines++;
      onLine(line);
      return;
    }
    this.#dropped++;
    // No further line may come to tell it.
    if (this.#dropped === 1) {
      this.#stopTimer = startTimer(clock, this.#secondBegan + 1000 - now, () => this.#tell());
    }
  }

  /** Nothing more comes. */
  end(): void {
    this.#stopTimer();
    this.#tell();
  }

  #tell(): void {
    if (this.#dropped === 0) return;
    const lines = this.#dropped;
    this.#dropped = 0;
    this.#options.onDropped(lines);
  }
}
