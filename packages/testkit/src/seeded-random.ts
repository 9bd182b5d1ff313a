import type { Random } from "@jackfield/core";

/**
 * A source of uniform numbers in [0, 1) that gives the same numbers for the same seed: mulberry32, with 32 bits a number.
 *
 * @param seed any number; its lowest 32 bits count
 */
export function createSeededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
