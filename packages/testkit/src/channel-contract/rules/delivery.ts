import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type MessageDraft, messageFields, type Receipt, SendError, send } from "@jackfield/core";
import { createManualClock } from "../../manual-clock.ts";
import { type Bench, draftOf, openBench } from "../bench.ts";
import { faultNames, faults } from "../faults.ts";
import { describeOutcome } from "../outcome.ts";
import { needs, type Rule } from "../rule.ts";
import { hasArrived, sampleFields } from "../sample-fields.ts";
import { faultsOf } from "../subject.ts";

/** The faults that end an attempt at once. */
const promptFaults = faultNames.filter((name) => name !== "silence" && name !== "redirected");

/** A channel that follows a redirect breaks the rule about redirects, which is enough to be told once. */
const retriedFaults = faultNames.filter((name) => name !== "redirected");

/** What one attempt does. */
export const deliveryRules: readonly Rule[] = [
  {
    name: "deliver() makes one attempt and resolves with a receipt",
    async check(subject) {
      await using bench = await openBench(subject);
      const receipt: unknown = await deliverWell(bench);
      assert.ok(
        typeof receipt === "object" && receipt !== null,
        `the receipt is ${inspect(receipt)}, not an object`,
      );
      assert.equal(bench.received().length, 1, `the other side received ${bench.received().length} attempts`);
    },
  },
  {
    name: "deliver() makes one attempt also when that fails, and leaves trying again to others",
    skip: needs(retriedFaults),
    async check(subject) {
      for (const fault of faultsOf(subject, retriedFaults)) {
        await using bench = await openBench(subject, { fault });
        await bench.deliver();
        const { length } = bench.received();
        const most = fault === "refused" ? 0 : 1;
        assert.equal(length, most, `when ${faults[fault].event}, the other side received ${length} attempts`);
      }
    },
  },
  {
    name: "deliver() never sleeps on its host's clock, and leaves no timer behind",
    async check(subject) {
      for (const fault of [undefined, ...faultsOf(subject, promptFaults)]) {
        const clock = createManualClock();
        await using bench = await openBench(subject, fault ? { fault, clock } : { clock });
        const { state } = await bench.deliver();
        const when = fault ? `when ${faults[fault].event}` : "when all is well";
        assert.notEqual(state, "pending", `${when}, deliver() does not end while the clock stands still`);
        assert.equal(clock.pending, 0, `${when}, deliver() leaves a sleep of ${clock.nextWakeMs} ms behind`);
      }
    },
  },
  {
    name: "the content and every field that a channel declares reach the other side",
    async check(subject) {
      await using bench = await openBench(subject);
      const { carries } = bench.open.channel.capabilities;
      const draft = { ...sampleFields(carries), ...draftOf(subject) };
      await deliverWell(bench, draft);
      const arrived = bench.received().join("\n");
      for (const field of ["content", ...carries] as const) {
        const sent = `sent ${inspect(draft[field])}, received ${inspect(arrived)}`;
        assert.ok(hasArrived(arrived, draft, field), `"${field}" does not arrive: ${sent}`);
      }
    },
  },
  {
    name: "a field that a channel does not declare is refused by send() before an attempt",
    async check(subject) {
      await using bench = await openBench(subject);
      const { carries } = bench.open.channel.capabilities;
      for (const field of messageFields.filter((candidate) => !carries.includes(candidate))) {
        const draft = { ...draftOf(subject), ...sampleFields([field]) };
        const outcome: unknown = await send(bench.open, draft).catch((error: unknown) => error);
        const kind = outcome instanceof SendError ? outcome.cause.kind : inspect(outcome);
        assert.equal(kind, "blocked", `"${field}" is not declared, and send() does not refuse it: ${kind}`);
      }
      assert.equal(bench.received().length, 0, "a refused message reaches the other side all the same");
    },
  },
];

async function deliverWell(bench: Bench, draft: Partial<MessageDraft> = {}): Promise<Receipt> {
  const outcome = await bench.deliver(draft);
  if (outcome.state === "delivered") return outcome.receipt;
  assert.fail(`all is well, and deliver() ${describeOutcome(outcome)}`);
}
