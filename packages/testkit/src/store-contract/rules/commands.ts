import assert from "node:assert/strict";
import type { CommandRequest, CommandResult } from "@jackfield/core";
import type { StoreRule } from "../rule.ts";
import { giveUp, retry } from "../settlements.ts";
import { channel, type StoreBench } from "../store-bench.ts";

/** Accepts so many, and gives them all up. */
async function bury({ outbox, draft, claim }: StoreBench, count: number): Promise<readonly string[]> {
  const batch = Array.from({ length: count }, () => draft());
  await outbox.enqueue(batch);
  await outbox.settle((await claim(count)).map((mine) => giveUp(mine)));
  return batch.map(({ message }) => message.id);
}

/** Calls a command until it is through. @returns how many it changed, call by call */
async function inPages(
  command: (request: CommandRequest) => Promise<CommandResult>,
  between: () => Promise<void> = async () => undefined,
): Promise<readonly number[]> {
  const changed: number[] = [];
  let after: string | undefined;
  do {
    const filter = { channel, states: ["dead" as const] };
    const result = await command({ filter, limit: 10, ...(after === undefined ? {} : { after }) });
    changed.push(result.changed);
    after = result.next;
    await between();
  } while (after !== undefined);
  return changed;
}

/** What a person can do. */
export const commandRules: readonly StoreRule[] = [
  {
    name: "resume() goes on with the same delivery: its id and attempts kept, with a fresh budget",
    async check({ bring, outbox, claimOne, get }) {
      const id = await bring("paused");
      await outbox.resume({ filter: { ids: [id] }, limit: 1 });
      assert.equal((await get(id)).attempts.length, 1);
      const claim = await claimOne();
      assert.deepEqual([claim.id, claim.attemptsMade, claim.budgetUsed], [id, 1, 0]);
    },
  },
  {
    name: "redeliver() gives a fresh budget, and keeps the id and the history",
    async check({ accept, claimOne, outbox, get, clock }) {
      const id = await accept();
      await outbox.settle([retry(await claimOne(), 1, true)]);
      await clock.advance(1);
      await outbox.settle([giveUp(await claimOne())]);
      await outbox.redeliver({ filter: { ids: [id] }, limit: 1 });
      const claim = await claimOne();
      assert.deepEqual(
        [claim.id, claim.attemptsMade, claim.budgetUsed, claim.maybeArrived],
        [id, 2, 0, true],
      );
      await outbox.settle([retry(claim, 1)]);
      await clock.advance(1);
      const again = await claimOne();
      assert.deepEqual([again.attemptsMade, again.budgetUsed], [3, 1]);
      assert.deepEqual(
        (await get(id)).attempts.map(({ number }) => number),
        [1, 2, 3],
      );
    },
  },
  {
    name: "what was delivered and is redelivered by force may have arrived",
    async check({ bring, outbox, claimOne }) {
      const id = await bring("delivered");
      await outbox.redeliver({ filter: { ids: [id] }, limit: 1, force: true });
      const { maybeArrived, attemptsMade } = await claimOne();
      assert.deepEqual([maybeArrived, attemptsMade], [true, 1]);
    },
  },
  {
    name: "a command that names what does not exist says so, and does the rest",
    async check({ bring, outbox }) {
      const id = await bring("dead");
      const { changed, skipped } = await outbox.redeliver({
        filter: { ids: ["msg_unknown", id] },
        limit: 10,
      });
      assert.equal(changed, 1);
      assert.deepEqual(
        skipped.map((skip) => skip.id),
        ["msg_unknown"],
      );
      assert.ok(skipped[0]?.reason, "no reason is given");
    },
  },
  {
    name: "a filter that matches what a command does not apply to skips it in silence",
    async check({ bring, outbox, get }) {
      const dead = await bring("dead");
      const delivered = await bring("delivered");
      assert.deepEqual(await outbox.redeliver({ filter: { channel }, limit: 10 }), {
        changed: 1,
        skipped: [],
      });
      assert.equal((await get(dead)).state, "queued");
      assert.equal((await get(delivered)).state, "delivered");
    },
  },
  {
    name: "a command in pages changes each delivery once, skips none, and ends",
    async check(bench) {
      const ids = await bury(bench, 25);
      assert.deepEqual(await inPages((request) => bench.outbox.redeliver(request)), [10, 10, 5]);
      assert.deepEqual(await bench.claimed(), ids);
    },
  },
  {
    name: "a delivery that dies again during a redelivery in pages is not redelivered twice",
    async check(bench) {
      const { outbox, claim } = bench;
      await bury(bench, 25);
      let sent = 0;
      const dieAgain = async () => {
        const claims = await claim(100);
        sent += claims.length;
        await outbox.settle(claims.map((mine) => giveUp(mine)));
      };
      assert.deepEqual(await inPages((request) => outbox.redeliver(request), dieAgain), [10, 10, 5]);
      assert.equal(sent, 25);
    },
  },
  {
    name: "a redelivery that was broken off is finished by another one, and doubles nothing",
    async check(bench) {
      const { outbox, claimed } = bench;
      const ids = await bury(bench, 25);
      await outbox.redeliver({ filter: { channel, states: ["dead"] }, limit: 10 });
      const before = await claimed();
      assert.deepEqual(await inPages((request) => outbox.redeliver(request)), [10, 5]);
      assert.deepEqual([...before, ...(await claimed())], ids);
    },
  },
  {
    name: "a cancelled delivery is not sent",
    async check({ accept, outbox, claimed }) {
      const id = await accept();
      await outbox.cancel({ filter: { ids: [id] }, limit: 1 });
      assert.deepEqual(await claimed(), []);
    },
  },
  {
    name: "a redelivered delivery can be found by its state, its reason says where it came from",
    async check({ bring, outbox, get }) {
      const id = await bring("dead");
      await outbox.redeliver({ filter: { states: ["dead"] }, limit: 1 });
      assert.match((await get(id)).reason ?? "", /dead/);
      const { deliveries } = await outbox.list({ states: ["queued"] }, { limit: 10 });
      assert.deepEqual(
        deliveries.map((delivery) => delivery.id),
        [id],
      );
    },
  },
];
