import { setImmediate as nextTurn } from "node:timers/promises";
import { ListenerError } from "@jackfield/core";
import { createManualClock } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { type SupervisorEvent, supervise } from "./supervise.ts";

type End = PromiseWithResolvers<void>;

/** A listener whose starts are kept, each to be ended by the test. */
function createWorld() {
  const clock = createManualClock();
  const stopping = new AbortController();
  const starts: End[] = [];
  const events: SupervisorEvent[] = [];
  const supervised = supervise(
    {
      id: "ear",
      start: () => {
        const end = Promise.withResolvers<void>();
        starts.push(end);
        return end.promise;
      },
    },
    {
      clock,
      random: () => 0.5,
      signal: stopping.signal,
      drainTimeoutMs: 1000,
      onEvent: (event) => events.push(event),
    },
  );
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await nextTurn();
  };
  return {
    ...{ clock, stopping, starts, events, supervised, settle },
    async fail(error: unknown = new Error("broken")) {
      starts.at(-1)?.reject(error);
      await settle();
    },
    async pass(ms: number) {
      await clock.advance(ms);
      await settle();
    },
  };
}

test("a listener is up from its start", () => {
  const world = createWorld();
  expect(world.supervised.state()).toEqual({ id: "ear", state: "up", restarts: 0 });
});

test("one that fails is started again, with waits that double up to a minute", async () => {
  const world = createWorld();
  for (let failure = 0; failure < 9; failure++) {
    await world.fail();
    expect(world.supervised.state()).toMatchObject({ state: "waiting", reason: "broken" });
    const event = world.events.at(-1);
    await world.pass(event?.type === "listener_failed" ? event.waitMs : 0);
  }
  const waits = world.events.map((event) => (event.type === "listener_failed" ? event.waitMs : undefined));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(world.starts).toHaveLength(10);
});

test("one that ends by itself is started again as well, and that is no health", async () => {
  const world = createWorld();
  world.starts[0]?.resolve();
  await world.settle();
  await world.pass(1000);
  world.starts[1]?.resolve();
  await world.settle();
  expect(world.events).toMatchObject([{ waitMs: 1000 }, { waitMs: 2000 }]);
});

test("having been up for a minute makes the next failure a first one", async () => {
  const world = createWorld();
  await world.fail();
  await world.pass(1000);
  await world.pass(59_999);
  await world.fail();
  await world.pass(2000);
  await world.pass(60_000);
  await world.fail();
  expect(world.events).toMatchObject([{ waitMs: 1000 }, { waitMs: 2000 }, { waitMs: 1000 }]);
});

test("one that cannot heal is parked, said once, and tried again when asked", async () => {
  const world = createWorld();
  await world.fail(new ListenerError("the port is taken"));
  await world.pass(3_600_000);
  expect(world.events).toMatchObject([{ type: "listener_parked" }]);
  expect(world.supervised.state()).toMatchObject({ state: "parked", reason: "the port is taken" });
  world.supervised.retry();
  await world.settle();
  expect(world.supervised.state()).toMatchObject({ state: "up", restarts: 1 });
});

test.each(["up", "waiting", "parked"])("the signal ends one that is %s", async (state) => {
  const world = createWorld();
  if (state === "waiting") await world.fail();
  if (state === "parked") await world.fail(new ListenerError("no"));
  expect(world.supervised.state().state).toBe(state);
  world.stopping.abort();
  if (state === "up") world.starts[0]?.resolve();
  await world.settle();
  await world.supervised.done;
  expect(world.supervised.state().state).toBe("stopped");
});

test("one that does not end is left behind after the drain", async () => {
  const world = createWorld();
  world.stopping.abort();
  await world.pass(999);
  expect(world.supervised.state().state).toBe("up");
  await world.pass(1);
  await world.supervised.done;
  expect(world.events).toEqual([{ type: "listener_stuck", listener: "ear" }]);
});

test("one that throws before it has begun has failed", async () => {
  const clock = createManualClock();
  const events: SupervisorEvent[] = [];
  const stopping = new AbortController();
  const start = () => {
    throw new Error("at once");
  };
  const options = {
    clock,
    random: () => 0.5,
    drainTimeoutMs: 1,
    onEvent: (event: SupervisorEvent) => void events.push(event),
  };
  const { done } = supervise({ id: "ear", start }, { ...options, signal: stopping.signal });
  await nextTurn();
  expect(events).toMatchObject([{ type: "listener_failed", waitMs: 1000 }]);
  stopping.abort();
  await done;
});
