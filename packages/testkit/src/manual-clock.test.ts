import { getEventListeners } from "node:events";
import {
  createDispatchPolicy,
  createRetryPolicy,
  createThreadPolicy,
  DeliveryError,
  send,
} from "@jackfield/core";
import { expect, test } from "vitest";
import { createManualClock } from "./manual-clock.ts";

test("time stands still until it is told otherwise", async () => {
  const clock = createManualClock({ now: 1_000 });
  expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
  await clock.advance(250);
  expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
});

test("a sleep ends when its time has come, and not a millisecond before", async () => {
  const clock = createManualClock();
  let awake = false;
  const sleeping = clock.sleep(100).then(() => {
    awake = true;
  });
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  expect(awake).toBe(true);
  await sleeping;
});

test("sleeps end in the order of their ends, each at its own time", async () => {
  const clock = createManualClock({ now: 0 });
  const woken: [string, number][] = [];
  const nap = async (name: string, ms: number) => {
    await clock.sleep(ms);
    woken.push([name, clock.now()]);
  };
  const naps = [nap("late", 30), nap("early", 10), nap("first of two", 20), nap("second of two", 20)];
  await clock.advance(100);
  await Promise.all(naps);
  expect(woken).toEqual([
    ["early", 10],
    ["first of two", 20],
    ["second of two", 20],
    ["late", 30],
  ]);
  expect(clock.now()).toBe(100);
});

test("what a sleeper does next has run before the next one wakes, its own further sleeps included", async () => {
  const clock = createManualClock({ now: 0 });
  const woken: number[] = [];
  async function ticker(every: number) {
    for (let tick = 0; tick < 3; tick++) {
      await clock.sleep(every);
      woken.push(clock.now());
    }
  }
  const tickers = [ticker(10), ticker(15)];
  await clock.advance(45);
  await Promise.all(tickers);
  expect(woken).toEqual([10, 15, 20, 30, 30, 45]);
});

test("code that reaches its sleep by way of many promises is in time for the call that follows", async () => {
  const clock = createManualClock();
  async function deep(levels: number): Promise<void> {
    if (levels > 0) return deep(levels - 1);
    await clock.sleep(10);
  }
  const sleeping = Promise.resolve().then(() => deep(50));
  await clock.advance(10);
  await sleeping;
  expect(clock.pending).toBe(0);
});

test("an abort ends a sleep with its reason, at once and without time", async () => {
  const clock = createManualClock();
  const controller = new AbortController();
  const reason = new Error("shutting down");
  const sleeping = clock.sleep(10, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
  expect(clock.monotonic()).toBe(0);
});

test("a sleep under an aborted signal never begins", async () => {
  const clock = createManualClock();
  const reason = new Error("shut down");
  await expect(clock.sleep(10, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
});

test("a sleep that is over leaves nothing on its signal", async () => {
  const clock = createManualClock();
  const { signal } = new AbortController();
  const sleeping = clock.sleep(10, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  await clock.advance(10);
  await sleeping;
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test.each([0, -1, Number.NaN])("a sleep of %d ms is over at once", async (ms) => {
  const clock = createManualClock();
  await clock.sleep(ms);
  expect(clock.pending).toBe(0);
});

test("a jump moves the wall time and no sleep", async () => {
  const clock = createManualClock({ now: 1_000 });
  const sleeping = clock.sleep(100);
  clock.jump(-500);
  expect([clock.now(), clock.monotonic(), clock.nextWakeMs]).toEqual([500, 0, 100]);
  clock.jump(1_000_000);
  await clock.advance(99);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  await sleeping;
  expect(clock.now()).toBe(1_000_600);
});

test("it can be asked how many sleep and when the next wakes", async () => {
  const clock = createManualClock();
  expect([clock.pending, clock.nextWakeMs]).toEqual([0, undefined]);
  const sleeps = [clock.sleep(300), clock.sleep(100)];
  expect([clock.pending, clock.nextWakeMs]).toEqual([2, 100]);
  await clock.advance(40);
  expect([clock.pending, clock.nextWakeMs]).toEqual([2, 60]);
  await clock.advance(60);
  expect([clock.pending, clock.nextWakeMs]).toEqual([1, 200]);
  await clock.advance(200);
  await Promise.all(sleeps);
});

test("two calls at once let their sum pass", async () => {
  const clock = createManualClock();
  const sleeping = clock.sleep(30);
  await Promise.all([clock.advance(10), clock.advance(20)]);
  await sleeping;
  expect(clock.monotonic()).toBe(30);
});

test.each([-1, Number.NaN])("time does not pass by %d ms", async (ms) => {
  await expect(createManualClock().advance(ms)).rejects.toThrow(RangeError);
});

test("it drives the retries of send", async () => {
  const clock = createManualClock({ now: 0 });
  const calls: number[] = [];
  const open = {
    dispatchPolicy: createDispatchPolicy(),
    threadPolicy: createThreadPolicy(),
    retryPolicy: createRetryPolicy({ retryJitter: 0 }),
    channel: {
      id: "pager.ops",
      capabilities: { carries: [], members: [] },
      async deliver() {
        calls.push(clock.now());
        if (calls.length < 3) throw new DeliveryError("down", { kind: "network", ambiguous: false });
        return {};
      },
    },
  };
  const sending = send(open, "hello", { clock });
  await clock.advance(1_500);
  await sending;
  expect(calls).toEqual([0, 500, 1_500]);
});
