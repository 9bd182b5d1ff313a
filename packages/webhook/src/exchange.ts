import { type Attempt, DeliveryError, type Receipt, responseFailure } from "@jackfield/core";
import type { Dispatcher } from "undici";
import type { Deadlines, Expiring } from "./deadlines.ts";
import type { Excerpt } from "./excerpt.ts";
import { type Advice, connectFailure, exchangeFailure } from "./transport-failure.ts";

/** What every exchange of a channel has in common. */
export interface ExchangeRules {
  /** Names the request in messages: method and origin, never path or query. */
  readonly request: string;
  readonly advice: Advice;
  readonly deadlines: Deadlines;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly duplicateStatuses: readonly number[];
  readonly excerpt: Excerpt;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Enough of a body to make an excerpt of; the rest is counted and dropped. */
const keptBytes = 2048;

/** Why undici is told to stop: nobody waits for the rest of the exchange. */
const over = new Error("the exchange is over");

/**
 * One request and its answer, as a handler of undici's `dispatch`.
 *
 * It goes from waiting (for a connection) through started (bytes may have left) and answered (the status is known) to settled.
 * It settles once: by the end of the answer, by the cut at `maxResponseBytes`, by the deadline, by the attempt's signal or by
 * an error of the transport, whichever is first; what undici reports after that is of no consequence. An exchange that is
 * settled while it waits refuses to be started, so that nothing is sent, and its connection goes to the next one.
 */
export class Exchange implements Dispatcher.DispatchHandler, Expiring {
  readonly #rules: ExchangeRules;
  readonly #attempt: Attempt;
  readonly #resolve: (receipt: Receipt) => void;
  readonly #reject: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #retryAfter: string | string[] | undefined;
  #encoded = false;
  #kept: Buffer[] | undefined;
  #received = 0;
  #ended = false;

  constructor(
    rules: ExchangeRules,
    attempt: Attempt,
    resolve: (receipt: Receipt) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#rules = rules;
    this.#attempt = attempt;
    this.#resolve = resolve;
    this.#reject = reject;
    rules.deadlines.start(this);
    attempt.signal?.addEventListener("abort", this.#abort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Not abort(), which would destroy the connection: undici takes what is thrown here for the request's own failure.
    if (this.#settled) throw over;
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#retryAfter = headers["retry-after"];
    this.#encoded = headers["content-encoding"] !== undefined;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#received < keptBytes) {
      // A copy: the chunk is a window on all that came with it, and would keep that alive.
      const piece = Buffer.from(chunk.subarray(0, keptBytes - this.#received));
      if (this.#kept) this.#kept.push(piece);
      else this.#kept = [piece];
    }
    this.#received += chunk.length;
    if (this.#received <= this.#rules.maxResponseBytes && !this.#settled) return;
    if (!this.#settled) this.#answer();
    controller.abort(over);
  }

  onResponseEnd(): void {
    this.#ended = true;
    if (!this.#settled) this.#answer();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#settled) return;
    const { request, advice } = this.#rules;
    // The status has said what happened, even if the rest of the answer was lost; only a 2xx was to be heard to its end.
    if (this.#status >= 300) this.#answer();
    else this.#fail((this.#controller ? exchangeFailure : connectFailure)(request, error, advice));
  }

  expire(): void {
    const { request, timeoutMs } = this.#rules;
    if (this.#status >= 300) this.#answer();
    else {
      const missing = this.#status
        ? "the end of the answer"
        : this.#controller
          ? "an answer"
          : "a connection";
      this.#fail(
        new DeliveryError(`${request} timed out: ${missing} did not come within timeoutMs = ${timeoutMs}`, {
          kind: "timeout",
          ambiguous: this.#controller !== undefined,
        }),
      );
    }
    this.#controller?.abort(over);
  }

  readonly #abort = (): void => {
    this.#fail(this.#attempt.signal?.reason);
    this.#controller?.abort(over);
  };

  #answer(): void {
    const { duplicateStatuses, excerpt, request, now } = this.#rules;
    const status = this.#status;
    // A compressed body is not opened for the sake of an excerpt.
    const isWhole = this.#ended && this.#received <= keptBytes;
    const text = this.#kept && !this.#encoded ? excerpt(Buffer.concat(this.#kept), isWhole) : "";
    const response = text ? { response: text } : {};
    if (status < 300) {
      this.#succeed({ status, ...response });
    } else if (this.#attempt.maybeArrived && duplicateStatuses.includes(status)) {
      this.#succeed({ status, duplicate: true, ...response });
    } else {
      this.#fail(responseFailure(request, { status, retryAfter: this.#retryAfter, excerpt: text }, now()));
    }
  }

  #succeed(receipt: Receipt): void {
    this.#settle();
    this.#resolve(receipt);
  }

  #fail(reason: unknown): void {
    this.#settle();
    this.#reject(reason);
  }

  #settle(): void {
    this.#settled = true;
    this.#rules.deadlines.clear(this);
    this.#attempt.signal?.removeEventListener("abort", this.#abort);
  }
}
