import { type Behaviour, status } from "@jackfield/testkit";

/** Answers that wait until they are let through. */
export interface Gate {
  readonly behaviour: Behaviour;
  open(): void;
}

/** Holds every request back, and answers 200 to all of them once it is opened. */
export function createGate(): Gate {
  const opened = Promise.withResolvers<void>();
  return {
    behaviour: async (exchange) => {
      const gone = new Promise<void>((resolve) => {
        exchange.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await Promise.race([opened.promise, gone]);
      if (!exchange.signal.aborted) await status(200)(exchange);
    },
    open: opened.resolve,
  };
}
