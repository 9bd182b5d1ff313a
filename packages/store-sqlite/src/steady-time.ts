import type { Clock } from "@jackfield/core";

/** The store's own time: milliseconds since the epoch that go on evenly. In the file it is kept in whole ones. */
export interface SteadyTime {
  /** The moment that has come: never later than now, so that nothing is due too early. */
  now(): number;
  /** The first whole millisecond that is not before `ms` milliseconds from now, so that no wait is shorter than it was asked for. */
  in(ms: number): number;
  /** How many milliseconds it is until a moment, at least 0. */
  until(moment: number): number;
}

/**
 * Takes the wall clock's word once; what happens to the machine's date after that makes no wait longer or shorter.
 */
export function createSteadyTime(clock: Clock): SteadyTime {
  const offset = clock.now() - clock.monotonic();
  const exact = () => offset + clock.monotonic();
  return {
    now: () => Math.floor(exact()),
    in: (ms) => Math.ceil(exact() + ms),
    until: (moment) => Math.max(0, moment - exact()),
  };
}
