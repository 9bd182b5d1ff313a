import { setImmediate as nextTurn } from "node:timers/promises";
import { createManualClock, createMemoryStore } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { withDispatchRight } from "./dispatch-right.ts";

const clock = createManualClock();

async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}

test("says that another process dispatches, where it is not to stand by", async () => {
  const { outbox } = createMemoryStore({ clock });
  await outbox.acquireDispatch();
  expect(await withDispatchRight(outbox, { clock, standby: false }, async () => "done")).toBe("elsewhere");
});

test("stands by until the other process lets go", async () => {
  const { outbox } = createMemoryStore({ clock });
  const right = await outbox.acquireDispatch();
  let isDone = false;
  const work = withDispatchRight(outbox, { clock, standby: true }, async () => {
    isDone = true;
    return "done";
  });
  await pass(2000);
  expect(isDone).toBe(false);
  await right?.release();
  await pass(500);
  expect(await work).toBe("done");
});

test("stops to stand by when its signal is aborted", async () => {
  const { outbox } = createMemoryStore({ clock });
  await outbox.acquireDispatch();
  const stopping = new AbortController();
  const work = withDispatchRight(
    outbox,
    { clock, standby: true, signal: stopping.signal },
    async () => "done",
  );
  await pass(100);
  stopping.abort();
  expect(await work).toBe("stopped");
});

test("gives the right back, also where the work fails", async () => {
  const { outbox } = createMemoryStore({ clock });
  const failing = withDispatchRight(outbox, { clock, standby: true }, async () => {
    throw new Error("it broke");
  });
  await expect(failing).rejects.toThrow("it broke");
  expect(await outbox.acquireDispatch()).toBeDefined();
});
