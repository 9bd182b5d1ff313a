/**
 * An observer that cannot break what it observes: as with DOM events, its own error is reported, loudly, as an uncaught
 * exception, and what it was told of goes on.
 */
export function guardObserver<Args extends readonly unknown[]>(
  observer: (...args: Args) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      observer(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
