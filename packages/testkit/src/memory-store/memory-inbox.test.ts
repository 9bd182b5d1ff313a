import {
  createInbound,
  createThreadPolicy,
  type InboundState,
  isInboundEnd,
  type TurnClaim,
} from "@jackfield/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createManualClock } from "../manual-clock.ts";
import { giveUp, handle, pause, release, retry } from "../store-contract/turn-settlements.ts";
import { createMemoryStore } from "./memory-store.ts";

const [channel, threadId, leaseMs] = ["box.one", "t", 100];

const settlements = {
  handle: (claim: TurnClaim) => handle(claim),
  retry: (claim: TurnClaim) => retry(claim, 70),
  pause,
  giveUp,
  release,
};

const hows = ["handle", "handle", "retry", "pause", "giveUp", "release"] as const;

const step = fc.oneof(
  fc.record({ does: fc.constant("accept" as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ does: fc.constant("claim" as const) }),
  fc.record({
    does: fc.constant("settle" as const),
    how: fc.constantFrom(...hows),
    // Mostly the last claim; sometimes one that has lapsed.
    back: fc.constantFrom(1, 1, 1, 2),
  }),
  fc.record({ does: fc.constant("resume" as const) }),
  fc.record({ does: fc.constant("wait" as const), ms: fc.constantFrom(1, 50, 70, 100) }),
);

test.each(["queue", "debounce"] as const)(
  "whatever happens in a thread, its messages have their turns in order, and never two at once (%s)",
  async (concurrency) => {
    const policy = createThreadPolicy({ concurrency, threadRateLimit: 0, debounceMs: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const clock = createManualClock();
        const { inbox } = createMemoryStore({ clock });
        const ids: string[] = [];
        const claims: TurnClaim[] = [];
        const mergedInto = new Map<string, readonly string[]>();
        const idsIn = async (isMeant: (state: InboundState) => boolean) => {
          const records = await Promise.all(ids.map((id) => inbox.get(id)));
          return ids.filter((_, index) => isMeant(records[index]?.state ?? "dead"));
        };
        for (const made of steps) {
          if (made.does === "accept") {
            const batch = Array.from({ length: made.count }, () => ({
              message: createInbound({ sender: "alice", content: "hello", threadId }, channel, clock.now()),
              policy,
            }));
            await inbox.accept(batch);
            ids.push(...batch.map(({ message }) => message.id));
          } else if (made.does === "claim") {
            const [oldest, ...others] = await idsIn((state) => !isInboundEnd(state));
            const taken = (await inbox.claim({ channels: [channel], limit: 3, leaseMs })).claims;
            claims.push(...taken);
            for (const { id, merged } of taken) {
              expect(id).toBe(oldest);
              const all = concurrency === "debounce" ? [...(mergedInto.get(id) ?? []), ...others] : [];
              expect(merged.map((message) => message.id)).toEqual(all);
              mergedInto.set(id, all);
            }
          } else if (made.does === "settle") {
            const claim = claims.at(-made.back);
            if (claim) await inbox.settle([settlements[made.how](claim)]);
          } else if (made.does === "resume") {
            await inbox.resume(await idsIn((state) => state === "paused"));
          } else {
            await clock.advance(made.ms);
          }
          expect((await idsIn((state) => state === "running")).slice(1)).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  },
);
