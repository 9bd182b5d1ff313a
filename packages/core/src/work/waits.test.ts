import { setImmediate as nextTurn } from "node:timers/promises";
import { createManualClock } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { orAborted, sleepUnlessAborted, startTimer } from "./waits.ts";

test("an abort ends a sleep, and is no error", async () => {
  const stopping = new AbortController();
  const slept = sleepUnlessAborted(createManualClock(), 1000, stopping.signal);
  stopping.abort();
  await expect(slept).resolves.toBeUndefined();
});

test("what goes wrong with a sleep that nobody has ended is an error", async () => {
  const broken = { ...createManualClock(), sleep: () => Promise.reject(new Error("no timer")) };
  await expect(sleepUnlessAborted(broken, 1, undefined)).rejects.toThrow("no timer");
});

test("a timer does its work when its time has come, and not before", async () => {
  const clock = createManualClock();
  let times = 0;
  startTimer(clock, 1000, () => times++);
  await clock.advance(999);
  await nextTurn();
  expect(times).toBe(0);
  await clock.advance(1);
  await nextTurn();
  expect(times).toBe(1);
});

test("a timer that was stopped does nothing", async () => {
  const clock = createManualClock();
  let times = 0;
  const stop = startTimer(clock, 1000, () => times++);
  stop();
  await clock.advance(2000);
  await nextTurn();
  expect(times).toBe(0);
});

test("work is waited for until the signal is aborted, and not begun after it", async () => {
  const stopping = new AbortController();
  expect(await orAborted(stopping.signal, async () => "done")).toBe("done");
  const endless = orAborted(stopping.signal, () => new Promise(() => undefined));
  stopping.abort(new Error("enough"));
  await expect(endless).rejects.toThrow("enough");
  let began = false;
  const late = orAborted(stopping.signal, async () => {
    began = true;
  });
  await expect(late).rejects.toThrow("enough");
  expect(began).toBe(false);
});
