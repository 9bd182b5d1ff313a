import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Deadlines } from "./deadlines.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A target that notes when it expires. */
function target(ends: string[], name: string) {
  return { expire: () => void ends.push(`${name} at ${performance.now()}`) };
}

describe("a deadline", () => {
  test("expires after its length and not before, once", () => {
    const ends: string[] = [];
    const deadlines = new Deadlines(100);
    deadlines.start(target(ends, "a"));
    vi.advanceTimersByTime(99);
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ends).toEqual(["a at 100"]);
    vi.advanceTimersByTime(1000);
    expect(ends).toHaveLength(1);
  });

  test("expires at its own time among others", () => {
    const ends: string[] = [];
    const deadlines = new Deadlines(100);
    for (const name of ["a", "b", "c"]) {
      deadlines.start(target(ends, name));
      vi.advanceTimersByTime(30);
    }
    vi.advanceTimersByTime(1000);
    expect(ends).toEqual(["a at 100", "b at 130", "c at 160"]);
  });

  test("that is cleared does not expire, and leaves the others their times", () => {
    const ends: string[] = [];
    const deadlines = new Deadlines(100);
    const first = target(ends, "first");
    deadlines.start(first);
    vi.advanceTimersByTime(40);
    deadlines.start(target(ends, "second"));
    deadlines.clear(first);
    vi.advanceTimersByTime(1000);
    expect(ends).toEqual(["second at 140"]);
  });

  test("that is cleared by the end of another in the same moment does not expire", () => {
    const ends: string[] = [];
    const deadlines = new Deadlines(100);
    const second = target(ends, "second");
    deadlines.start({ expire: () => deadlines.clear(second) });
    deadlines.start(second);
    vi.advanceTimersByTime(1000);
    expect(ends).toEqual([]);
  });

  test("that is set at the end of another has its whole length", () => {
    const ends: string[] = [];
    const deadlines = new Deadlines(100);
    deadlines.start({ expire: () => deadlines.start(target(ends, "next")) });
    vi.advanceTimersByTime(199);
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ends).toEqual(["next at 200"]);
  });

  test("can be set long after all others are over", () => {
    const ends: string[] = [];
    const deadlines = new Deadlines(100);
    deadlines.start(target(ends, "early"));
    vi.advanceTimersByTime(5000);
    deadlines.start(target(ends, "late"));
    vi.advanceTimersByTime(1000);
    expect(ends).toEqual(["early at 100", "late at 5100"]);
  });
});

describe("any number of deadlines", () => {
  test("have one timer", () => {
    const deadlines = new Deadlines(100);
    for (let i = 0; i < 1000; i += 1) deadlines.start({ expire: () => undefined });
    expect(vi.getTimerCount()).toBe(1);
  });

  test("have none when all of them are over", () => {
    const deadlines = new Deadlines(100);
    for (let i = 0; i < 10; i += 1) {
      deadlines.start({ expire: () => undefined });
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(200);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("do not keep the process alive", () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    new Deadlines(100).start({ expire: () => undefined });
    expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false]);
  });
});
