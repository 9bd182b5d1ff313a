import assert from "node:assert/strict";
import type { InboxRule } from "../rule.ts";
import { giveUp, handle, pause } from "../turn-settlements.ts";

const parallel = { concurrency: "parallel" as const };

/** `concurrency = "parallel"`: each at once. */
export const inboxParallelRules: readonly InboxRule[] = [
  {
    name: "parallel: messages of one thread have their turns at once, in the order in which they were accepted",
    async check({ accept, claim }) {
      const ids = [await accept(parallel), await accept(parallel), await accept(parallel)];
      const claims = await claim();
      assert.deepEqual(
        claims.map(({ id }) => id),
        ids,
      );
      assert.deepEqual(
        claims.flatMap(({ merged, dropped }) => [...merged, ...dropped]),
        [],
      );
    },
  },
  {
    name: "parallel: what is paused or dead holds nobody up",
    async check({ accept, claimed, claimOne, settle }) {
      await accept(parallel);
      await settle(pause(await claimOne()));
      const second = await accept(parallel);
      const claim = await claimOne();
      assert.equal(claim.id, second);
      await settle(giveUp(claim));
      const third = await accept(parallel);
      assert.deepEqual(await claimed(), [third]);
    },
  },
  {
    name: "parallel: after a change of the configuration neither waits for the other",
    async check({ accept, claim, claimed, settle }) {
      const queued = await accept();
      const alsoQueued = await accept();
      const atOnce = await accept(parallel);
      const [first, second] = await claim();
      assert.deepEqual([first?.id, second?.id], [queued, atOnce]);
      assert.ok(first && second);
      await settle(handle(second));
      assert.deepEqual(await claimed(), [], "the end of one that was not in line lets the next one go");
      await settle(handle(first));
      assert.deepEqual(await claimed(), [alsoQueued]);
    },
  },
];
