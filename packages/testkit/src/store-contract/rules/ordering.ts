import assert from "node:assert/strict";
import type { Claim, Settlement } from "@jackfield/core";
import type { StoreRule } from "../rule.ts";
import { deliver, giveUp, pause, release, retry } from "../settlements.ts";
import { channel, leaseMs, type StoreBench } from "../store-bench.ts";

const orderingKey = "thread-1";

/** Accepts so many with one ordering key. */
async function acceptInLine({ accept }: StoreBench, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(await accept({ orderingKey }));
  return ids;
}

function letsGo(how: string, settle: (claim: Claim) => Settlement): StoreRule {
  return {
    name: `${how} lets the next one of its ordering key go`,
    async check(bench) {
      const [first, second] = await acceptInLine(bench, 3);
      const claim = await bench.claimOne();
      assert.equal(claim.id, first);
      await bench.outbox.settle([settle(claim)]);
      assert.deepEqual(await bench.claimed(), [second]);
    },
  };
}

function holds(how: string, settle: (claim: Claim) => Settlement): StoreRule {
  return {
    name: `${how} holds the others of its ordering key`,
    async check(bench) {
      const [first] = await acceptInLine(bench, 3);
      await bench.outbox.settle([settle(await bench.claimOne())]);
      const taken = await bench.claimed();
      assert.deepEqual(
        taken.filter((id) => id !== first),
        [],
      );
    },
  };
}

/** Ordering keys: one after the other. */
export const orderingRules: readonly StoreRule[] = [
  {
    name: "deliveries with one ordering key go one at a time, in the order in which they were accepted",
    async check(bench) {
      const { outbox, draft, claim } = bench;
      const batch = Array.from({ length: 10 }, () => draft({ orderingKey }));
      await outbox.enqueue(batch.slice(0, 5));
      await outbox.enqueue(batch.slice(5));
      const seen: string[] = [];
      while (seen.length < 10) {
        const claims = await claim();
        assert.equal(claims.length, 1, `${claims.length} are under way at once`);
        seen.push(...claims.map(({ id }) => id));
        await outbox.settle(claims.map(deliver));
      }
      assert.deepEqual(
        seen,
        batch.map(({ message }) => message.id),
      );
    },
  },
  {
    name: "deliveries with other ordering keys, and with none, do not wait for each other",
    async check({ accept, claimed }) {
      const ids = [
        await accept({ orderingKey: "a" }),
        await accept({ orderingKey: "b" }),
        await accept(),
        await accept(),
      ];
      assert.deepEqual(await claimed(), ids);
    },
  },
  letsGo("what is delivered", deliver),
  letsGo("what is dead", (claim) => giveUp(claim)),
  holds("what is retried", (claim) => retry(claim, 1000)),
  holds("what is paused", pause),
  holds("what is given back", (claim) => release(claim)),
  {
    name: "a delivery under way holds the others of its ordering key, also when its lease lapses",
    async check(bench) {
      const [first] = await acceptInLine(bench, 2);
      await bench.claimOne();
      assert.deepEqual(await bench.claimed(), []);
      await bench.clock.advance(leaseMs);
      assert.deepEqual(await bench.claimed(), [first]);
    },
  },
  {
    name: "what is cancelled at the head of its line lets the next one go, and further behind nothing",
    async check(bench) {
      const [first = "", second = "", third = ""] = await acceptInLine(bench, 3);
      await bench.outbox.cancel({ filter: { ids: [second] }, limit: 1 });
      assert.deepEqual(await bench.claimed(), [first]);
      await bench.outbox.settle([release({ id: first, token: 1, attemptsMade: 0 })]);
      const head = await bench.claim();
      await bench.outbox.settle(head.map((claim) => retry(claim, 1000)));
      await bench.outbox.cancel({ filter: { ids: [first] }, limit: 1 });
      assert.deepEqual(await bench.claimed(), [third]);
    },
  },
  {
    name: "when the first two of a line are cancelled together, the third one goes",
    async check(bench) {
      const [first = "", second = "", third] = await acceptInLine(bench, 4);
      await bench.outbox.cancel({ filter: { ids: [first, second] }, limit: 10 });
      assert.deepEqual(await bench.claimed(), [third]);
    },
  },
  {
    name: "a whole line is cancelled at once, and a new one begins",
    async check(bench) {
      await acceptInLine(bench, 4);
      const { changed } = await bench.outbox.cancel({ filter: { channel }, limit: 10 });
      assert.equal(changed, 4);
      const [next] = await acceptInLine(bench, 1);
      assert.deepEqual(await bench.claimed(), [next]);
    },
  },
  {
    name: "what expires lets the next one of its ordering key go, in the same claim",
    async check({ accept, ask, clock }) {
      const late = await accept({ orderingKey, expiresInMs: 10 });
      const alsoLate = await accept({ orderingKey, expiresInMs: 10 });
      const next = await accept({ orderingKey });
      await clock.advance(10);
      const { claims, expired } = await ask();
      assert.deepEqual(
        expired.map(({ id }) => id),
        [late, alsoLate],
      );
      assert.deepEqual(
        claims.map(({ id }) => id),
        [next],
      );
    },
  },
  {
    name: "a resumed delivery goes before the others of its ordering key",
    async check(bench) {
      const [first = ""] = await acceptInLine(bench, 2);
      await bench.outbox.settle([pause(await bench.claimOne())]);
      await bench.outbox.resume({ filter: { ids: [first] }, limit: 1 });
      assert.deepEqual(await bench.claimed(), [first]);
    },
  },
  {
    name: "a redelivered one goes next: after what is under way, before what is newer",
    async check(bench) {
      const [first = "", second] = await acceptInLine(bench, 3);
      await bench.outbox.settle([giveUp(await bench.claimOne())]);
      const current = await bench.claimOne();
      assert.equal(current.id, second);
      await bench.outbox.redeliver({ filter: { ids: [first] }, limit: 1 });
      assert.equal((await bench.get(first)).dueAt, undefined, "it has a time, and has to wait");
      assert.deepEqual(await bench.claimed(), [], "two of one ordering key are under way");
      await bench.outbox.settle([deliver(current)]);
      assert.deepEqual(await bench.claimed(), [first]);
    },
  },
  {
    name: "what is redelivered together goes one at a time, oldest first",
    async check(bench) {
      const ids = await acceptInLine(bench, 3);
      for (const _ of ids) await bench.outbox.settle([giveUp(await bench.claimOne())]);
      await bench.outbox.redeliver({ filter: { states: ["dead"] }, limit: 10 });
      for (const id of ids) {
        const claim = await bench.claimOne();
        assert.equal(claim.id, id);
        await bench.outbox.settle([deliver(claim)]);
      }
    },
  },
  {
    name: "a paused one that is redelivered by force keeps its place at the head",
    async check(bench) {
      const [first = ""] = await acceptInLine(bench, 2);
      await bench.outbox.settle([pause(await bench.claimOne())]);
      await bench.outbox.redeliver({ filter: { ids: [first] }, limit: 1, force: true });
      assert.deepEqual(await bench.claimed(), [first]);
    },
  },
  {
    name: "an ordering key holds across channels",
    async check({ accept, claimed }) {
      await accept({ orderingKey });
      await accept({ orderingKey, channel: "box.two" });
      assert.equal((await claimed()).length, 1);
      assert.deepEqual(await claimed(10, "box.two"), []);
    },
  },
  {
    name: "of new ones that are accepted and claimed at once only the first of an ordering key goes",
    async check({ outbox, draft, claim, claimed }) {
      const batch = Array.from({ length: 3 }, () => draft({ orderingKey }));
      const enqueued = outbox.enqueue(batch);
      const claims = await claim();
      await enqueued;
      const taken = [...claims.map(({ id }) => id), ...(await claimed())];
      assert.deepEqual(taken, [batch[0]?.message.id]);
    },
  },
];
