import assert from "node:assert/strict";
import type { StoreRule } from "../rule.ts";
import { channel, type StoreBench } from "../store-bench.ts";

/** How often the store calls while something is done. */
async function callsDuring({ outbox }: StoreBench, act: () => Promise<unknown>): Promise<number> {
  let calls = 0;
  const stop = outbox.onWork(() => calls++);
  await act();
  stop();
  return calls;
}

/** Who is told of work, and who may do it. */
export const wakeRules: readonly StoreRule[] = [
  {
    name: "onWork() calls back when a message is accepted, until it is ended",
    async check(bench) {
      const calls = await callsDuring(bench, () => bench.accept());
      assert.ok(calls > 0, "it does not call back");
      let late = 0;
      bench.outbox.onWork(() => late++)();
      await bench.accept();
      assert.equal(late, 0, "it calls back after its end");
    },
  },
  {
    name: "a dispatcher that asks whenever it is called gets everything",
    async check({ outbox, draft, claim }) {
      const asked: Promise<{ readonly length: number }>[] = [];
      const stop = outbox.onWork(() => asked.push(claim(1000)));
      for (let i = 0; i < 20; i++) await outbox.enqueue([draft(), draft()]);
      stop();
      const taken = (await Promise.all(asked)).reduce((sum, { length }) => sum + length, 0);
      assert.equal(taken, 40);
    },
  },
  ...(["resume", "redeliver", "unsuspend"] as const).map(
    (command): StoreRule => ({
      name: `onWork() calls back when a person does ${command}`,
      async check(bench) {
        const { bring, outbox } = bench;
        const request = {
          filter: { ids: [await bring(command === "resume" ? "paused" : "dead")] },
          limit: 1,
        };
        await outbox.suspend("box.two", "refused");
        const calls = await callsDuring(bench, () =>
          command === "unsuspend" ? outbox.unsuspend("box.two") : outbox[command](request),
        );
        assert.ok(calls > 0, "it does not call back");
      },
    }),
  ),
  {
    name: "onWork() calls back when a cancelled head lets its successor go",
    async check(bench) {
      const id = await bench.accept({ orderingKey: "o" });
      await bench.accept({ orderingKey: "o" });
      const request = { filter: { ids: [id], channel }, limit: 1 };
      assert.ok((await callsDuring(bench, () => bench.outbox.cancel(request))) > 0, "it does not call back");
    },
  },
  {
    name: "the right to dispatch, in a store that has one, is had once, and again after its release",
    async check({ outbox }) {
      const right = await outbox.acquireDispatch();
      assert.ok(right, "nobody has the right, and it is not given");
      await right.release();
      const again = await outbox.acquireDispatch();
      assert.ok(again, "the right was released, and it is not given");
      await again.release();
      await again.release();
    },
  },
];
