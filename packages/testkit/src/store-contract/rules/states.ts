import assert from "node:assert/strict";
import {
  canHappen,
  type DeliveryEvent,
  type DeliveryState,
  deliveryStates,
  stateAfter,
} from "@jackfield/core";
import type { StoreRule } from "../rule.ts";
import { deliver, giveUp, pause, release, retry } from "../settlements.ts";
import type { StoreBench } from "../store-bench.ts";

const settlements = { deliver, pause, give_up: giveUp, release, retry: (claim: Held) => retry(claim, 1000) };
type Held = Parameters<typeof deliver>[0];

const commands = {
  resume: ({ outbox }: StoreBench, ids: string[]) => outbox.resume({ filter: { ids }, limit: 10 }),
  cancel: ({ outbox }: StoreBench, ids: string[]) => outbox.cancel({ filter: { ids }, limit: 10 }),
  redeliver: ({ outbox }: StoreBench, ids: string[]) => outbox.redeliver({ filter: { ids }, limit: 10 }),
  force_redeliver: ({ outbox }: StoreBench, ids: string[]) =>
    outbox.redeliver({ filter: { ids }, limit: 10, force: true }),
};

/** Each event in each state: what may happen happens, and what may not is refused with a reason and changes nothing. */
export const stateRules: readonly StoreRule[] = deliveryStates.flatMap((state) => [
  ...Object.keys(commands).map((name) => commandRule(state, name as keyof typeof commands)),
  ...Object.keys(settlements).map((name) => settlementRule(state, name as keyof typeof settlements)),
]);

function commandRule(state: DeliveryState, event: keyof typeof commands): StoreRule {
  const run = commands[event];
  if (canHappen(event, state)) {
    return {
      name: `${event}: ${state} becomes ${stateAfter(event)}`,
      async check(bench) {
        const id = await bench.bring(state);
        await bench.clock.advance(7);
        assert.deepEqual(await run(bench, [id]), { changed: 1, skipped: [] });
        const after = await bench.get(id);
        assert.equal(after.state, stateAfter(event));
        assert.equal(after.updatedAt, bench.clock.now());
        assert.ok(after.reason, "no reason is given for the new state");
      },
    };
  }
  return {
    name: `${event}: what is ${state} is skipped, and the reason names its state`,
    async check(bench) {
      const id = await bench.bring(state);
      const before = await bench.get(id);
      const { changed, skipped } = await run(bench, [id]);
      assert.equal(changed, 0);
      assert.deepEqual(
        skipped.map((skip) => skip.id),
        [id],
      );
      assert.match(skipped[0]?.reason ?? "", new RegExp(state));
      assert.deepEqual(await bench.get(id), before);
    },
  };
}

function settlementRule(state: DeliveryState, event: keyof typeof settlements): StoreRule {
  const settle = settlements[event];
  if (canHappen(event satisfies DeliveryEvent, state)) {
    return {
      name: `${event}: a claimed delivery becomes ${stateAfter(event)}`,
      async check(bench) {
        const id = await bench.accept();
        const claim = await bench.claimOne();
        assert.equal((await bench.get(id)).state, state);
        assert.deepEqual(await bench.outbox.settle([settle(claim)]), [true]);
        assert.equal((await bench.get(id)).state, stateAfter(event));
      },
    };
  }
  return {
    name: `${event}: what is ${state} cannot be settled, whatever the token`,
    async check(bench) {
      const id = await bench.bring(state);
      const before = await bench.get(id);
      for (const token of [0, 1, 2]) {
        assert.deepEqual(await bench.outbox.settle([settle({ id, token, attemptsMade: 1 })]), [false]);
      }
      assert.deepEqual(await bench.get(id), before);
    },
  };
}
