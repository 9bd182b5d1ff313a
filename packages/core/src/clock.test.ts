import { getEventListeners } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "./clock.ts";

test("a sleep is never shorter than asked, to the fraction of a millisecond", async () => {
  const sleeps = Array.from({ length: 200 }, async (_, index) => {
    const ms = 1 + index / 10;
    const started = performance.now();
    await systemClock.sleep(ms);
    return performance.now() - started - ms;
  });
  expect(Math.min(...(await Promise.all(sleeps)))).toBeGreaterThanOrEqual(0);
});

test.each([0, -1])("a sleep of %i ms is over at once", async (ms) => {
  await expect(systemClock.sleep(ms)).resolves.toBeUndefined();
});

test("a sleep rejects with the reason of its signal, as soon as that is aborted", async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  const reason = new Error("shutting down");
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});

test.each([60_000, 0])("a sleep of %i ms under an aborted signal never begins", async (ms) => {
  const reason = new Error("shut down");
  await expect(systemClock.sleep(ms, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("a sleep beyond the longest timer of Node neither ends at once nor overflows it", async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => void warnings.push(name);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  const controller = new AbortController();
  const sleeping = systemClock.sleep(2 ** 31, controller.signal).then(() => "over");
  const first = await Promise.race([sleeping, systemClock.sleep(20).then(() => "still asleep")]);
  controller.abort();
  await expect(sleeping).rejects.toThrow(controller.signal.reason);
  expect(first).toBe("still asleep");
  expect(warnings).toEqual([]);
});

test("a sleep that is over leaves nothing on its signal", async () => {
  const { signal } = new AbortController();
  const sleeping = systemClock.sleep(1, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  await sleeping;
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("wall time and monotonic time are those of the machine", () => {
  const [wall, monotonic] = [Date.now(), performance.now()];
  expect(systemClock.now()).toBeGreaterThanOrEqual(wall);
  expect(systemClock.now()).toBeLessThan(wall + 1_000);
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(monotonic);
});
