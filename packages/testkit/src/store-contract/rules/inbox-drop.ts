import assert from "node:assert/strict";
import type { TurnClaim } from "@jackfield/core";
import type { InboxRule } from "../rule.ts";
import { leaseMs } from "../store-bench.ts";
import { giveUp, handle, pause, retry } from "../turn-settlements.ts";

const drop = { concurrency: "drop" as const };

const droppedIds = ({ dropped }: TurnClaim) => dropped.map(({ id }) => id);

/** `concurrency = "drop"`: what comes while the agent is busy has no turn. */
export const inboxDropRules: readonly InboxRule[] = [
  {
    name: "drop: a message that comes while its thread is busy is kept as dropped, and has no turn",
    async check({ accept, claimOne, claimed, settle, get, clock }) {
      await accept(drop);
      const waiting = await accept(drop, "dropped");
      const claim = await claimOne();
      const running = await accept(drop, "dropped");
      await settle(retry(claim, 10));
      const retrying = await accept(drop, "dropped");
      await clock.advance(10);
      await settle(pause(await claimOne()));
      const paused = await accept(drop, "dropped");
      await clock.advance(leaseMs * 2);
      assert.deepEqual(await claimed(), []);
      for (const id of [waiting, running, retrying, paused]) {
        const { state, dueAt, turns } = await get(id);
        assert.deepEqual([state, dueAt, turns], ["dropped", undefined, []]);
      }
    },
  },
  {
    name: "drop: a message has its turn where its thread is not busy, whatever other threads are at",
    async check({ accept, claimOne, claimed, settle }) {
      await accept(drop);
      await settle(handle(await claimOne()));
      const ids = [await accept(drop), await accept({ ...drop, threadId: "another" })];
      assert.deepEqual(await claimed(), ids);
    },
  },
  {
    name: "drop: the next turn of the thread is told what was dropped, whole, oldest first, and once",
    async check({ accept, claimOne, settle, get }) {
      await accept(drop);
      const claim = await claimOne();
      const data = { a: [1] };
      const ids = [await accept({ ...drop, data }, "dropped"), await accept(drop, "dropped")];
      assert.equal((await get(ids[0] ?? "")).turnOf, undefined);
      await settle(handle(claim));
      const nextId = await accept(drop);
      const next = await claimOne();
      const records = await Promise.all(ids.map(get));
      assert.deepEqual(
        next.dropped,
        records.map(({ message }) => message),
      );
      assert.deepEqual(next.dropped[0]?.data, data);
      assert.deepEqual(
        records.map(({ state, turnOf }) => [state, turnOf]),
        [
          ["dropped", nextId],
          ["dropped", nextId],
        ],
      );
      await settle(handle(next));
      await accept(drop);
      assert.deepEqual(droppedIds(await claimOne()), []);
    },
  },
  {
    name: "drop: a turn that is made again is told again, and also what was dropped since",
    async check({ accept, claimOne, settle, clock }) {
      await accept(drop);
      const first = await accept(drop, "dropped");
      const claim = await claimOne();
      assert.deepEqual(droppedIds(claim), [first]);
      const second = await accept(drop, "dropped");
      await settle(retry(claim, 10));
      await clock.advance(10);
      assert.deepEqual(droppedIds(await claimOne()), [first, second]);
      await clock.advance(leaseMs);
      assert.deepEqual(droppedIds(await claimOne()), [first, second]);
    },
  },
  {
    name: "drop: what came after the last claim of a turn that is handled is told to the next one",
    async check({ accept, claimOne, settle }) {
      await accept(drop);
      await accept(drop, "dropped");
      const claim = await claimOne();
      const late = await accept(drop, "dropped");
      await settle(handle(claim));
      await accept(drop);
      assert.deepEqual(droppedIds(await claimOne()), [late]);
    },
  },
  {
    name: "drop: what a turn was told of that was given up is told to the next one",
    async check({ accept, claimOne, settle, get }) {
      await accept(drop);
      const dropped = await accept(drop, "dropped");
      await settle(giveUp(await claimOne()));
      const next = await accept(drop);
      assert.deepEqual(droppedIds(await claimOne()), [dropped]);
      assert.equal((await get(dropped)).turnOf, next);
    },
  },
  {
    name: "drop: what was dropped in one thread is told in no other one",
    async check({ accept, claimOne, settle }) {
      await accept(drop);
      await settle(handle(await claimOne()));
      await accept(drop);
      await accept(drop, "dropped");
      await accept({ ...drop, channel: "box.two" });
      assert.deepEqual(droppedIds(await claimOne(["box.two"])), []);
    },
  },
];
