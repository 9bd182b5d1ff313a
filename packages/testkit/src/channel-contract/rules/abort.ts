import assert from "node:assert/strict";
import { type Bench, eventually, openBench } from "../bench.ts";
import { describeOutcome, type Outcome } from "../outcome.ts";
import { needs, type Rule } from "../rule.ts";
import { hasArrived } from "../sample-fields.ts";
import type { ContractSubject } from "../subject.ts";

/** What an abort does to an attempt. */
export const abortRules: readonly Rule[] = [
  {
    name: "under a signal that is aborted already, deliver() sends nothing and rejects with its reason",
    async check(subject) {
      const reason = new Error("aborted before the attempt");
      await using bench = await openBench(subject);
      assertRejectsWith(await bench.deliver({}, AbortSignal.abort(reason)), reason);
      assert.equal(bench.received().length, 0, "an attempt reaches the other side all the same");
    },
  },
  {
    name: "an abort ends an attempt at once with the signal's reason, and nothing more is sent",
    skip: needs(["silence"]),
    async check(subject) {
      const reason = new Error("aborted during the attempt");
      const controller = new AbortController();
      await using bench = await openBench(subject, { fault: "silence" });
      let outcome: Outcome | undefined;
      const delivering = bench.deliver({}, controller.signal).then((ended) => {
        outcome = ended;
      });
      await eventually(subject, () => bench.received().length > 0 || outcome !== undefined);
      assert.equal(
        outcome,
        undefined,
        "the attempt ends before it can be aborted: give the channel a longer timeout in the remote's config",
      );
      controller.abort(reason);
      await delivering;
      assert.ok(outcome, "unreachable: the attempt has ended and has an outcome");
      assertRejectsWith(outcome, reason);
      const others = await othersThanFence(subject, bench);
      assert.equal(others, 1, `the aborted attempt reaches the other side ${others} times`);
    },
  },
];

function assertRejectsWith(outcome: Outcome, reason: Error): void {
  const isReason = outcome.state === "failed" && outcome.error === reason;
  assert.ok(isReason, `deliver() ${describeOutcome(outcome)}, and not with the signal's reason`);
}

/**
 * How many attempts arrive besides that of a further message, which is sent now and waited for: whatever the channel had
 * begun to send before it is there as well.
 */
async function othersThanFence(subject: ContractSubject, bench: Bench): Promise<number> {
  const fence = { content: "a fence behind an aborted attempt" };
  const controller = new AbortController();
  const delivering = bench.deliver(fence, controller.signal);
  const isFence = (text: string) => hasArrived(text, fence, "content");
  await eventually(subject, () => bench.received().some(isFence));
  controller.abort();
  await delivering;
  return bench.received().filter((text) => !isFence(text)).length;
}
