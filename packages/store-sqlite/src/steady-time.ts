import type { Clock } from "@jackfield/core";

/**
 * The store's own time: whole milliseconds since the epoch that go on evenly. It takes the wall clock's word once, when it is made; what
 * happens to the machine's date after that makes no wait longer or shorter.
 */
export function createSteadyTime(clock: Clock): () => number {
  const offset = clock.now() - clock.monotonic();
  return () => Math.floor(offset + clock.monotonic());
}
