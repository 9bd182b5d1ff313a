import type { ReceivedRequest } from "./exchange.ts";

/** The requests of a receiver in order of arrival, and those who wait for the next one. */
export interface RequestLog {
  readonly requests: readonly ReceivedRequest[];
  add(request: ReceivedRequest): void;
  /** The oldest request that no earlier call has taken; waits for it when there is none. */
  next(options?: { readonly signal?: AbortSignal }): Promise<ReceivedRequest>;
  /** Rejects every wait, present and future. */
  close(): void;
}

interface Waiter {
  resolve(request: ReceivedRequest): void;
  reject(reason: unknown): void;
}

export function createRequestLog(): RequestLog {
  const requests: ReceivedRequest[] = [];
  const untaken: ReceivedRequest[] = [];
  const waiters = new Set<Waiter>();
  let closed = false;

  return {
    requests,
    add(request) {
      requests.push(request);
      const [first] = waiters;
      if (first) first.resolve(request);
      else untaken.push(request);
    },
    async next({ signal } = {}) {
      signal?.throwIfAborted();
      const waiting = untaken.shift();
      if (waiting) return waiting;
      if (closed) throw closedError(requests.length);

      const { promise, resolve, reject } = Promise.withResolvers<ReceivedRequest>();
      // Out of the line at once, and not when the promise is read: a settled waiter must not swallow a request.
      const leave = () => {
        waiters.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        resolve(request) {
          leave();
          resolve(request);
        },
        reject(reason) {
          leave();
          reject(reason);
        },
      };
      const abort = () => waiter.reject(signal?.reason);
      signal?.addEventListener("abort", abort);
      waiters.add(waiter);
      return promise;
    },
    close() {
      closed = true;
      for (const waiter of waiters) waiter.reject(closedError(requests.length));
    },
  };
}

function closedError(count: number): Error {
  return new Error(
    `No further request will come: the receiver is closed after ${count} of them, all taken. Await nextRequest() before close(), or read receiver.requests.`,
  );
}
