/** A signal that SIGINT and SIGTERM abort, once; a second one ends the process as usual. */
export function interruptSignal(): AbortSignal & Disposable {
  const controller = new AbortController();
  const interrupt = () => {
    dispose();
    controller.abort();
  };
  const dispose = () => void process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return Object.assign(controller.signal, { [Symbol.dispose]: dispose });
}
