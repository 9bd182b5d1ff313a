import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type DeliveryError, isDeliveryError, toDeliveryError } from "@jackfield/core";
import { openBench } from "../bench.ts";
import { type FaultName, faultNames, faults } from "../faults.ts";
import { describeOutcome } from "../outcome.ts";
import { needs, type Rule } from "../rule.ts";
import { type ContractSubject, faultsOf } from "../subject.ts";

/** What becomes of a fault: one rule for each of them. */
const kindRules: readonly Rule[] = faultNames.map((fault) => ({
  name: `when ${faults[fault].event}, deliver() rejects with a DeliveryError of kind ${faults[fault].kind}`,
  skip: needs([fault]),
  async check(subject) {
    const failure = await failureOf(subject, fault);
    const expected = { kind: faults[fault].kind, status: subject.remote.faults?.[fault]?.status };
    const { kind, status } = failure;
    assert.deepEqual(
      { kind, status },
      expected,
      `the failure is ${inspect(failure)}, to be ${inspect(expected)}`,
    );
  },
}));

const waits = ["rateLimited"] as const;
const telling = ["reset", "silence", "refused"] as const;

/** What a failed attempt says. */
export const failureRules: readonly Rule[] = [
  ...kindRules,
  {
    name: "the wait that the other side asks for is the failure's retryAfterMs",
    skip: needs(waits),
    async check(subject) {
      for (const fault of faultsOf(subject, waits)) {
        const { retryAfterMs } = await failureOf(subject, fault);
        const asked = subject.remote.faults?.[fault]?.retryAfterMs;
        assert.equal(retryAfterMs, asked, `asked to wait for ${asked} ms, the failure says ${retryAfterMs}`);
      }
    },
  },
  {
    name: "a failure is ambiguous when the message may have arrived, and is not when it cannot have",
    skip: needs(telling),
    async check(subject) {
      for (const fault of faultsOf(subject, telling)) {
        await using bench = await openBench(subject, { fault });
        const outcome = await bench.deliver();
        if (outcome.state !== "failed") continue;
        const { event, ambiguous: expected } = faults[fault];
        const { ambiguous } = toDeliveryError(outcome.error);
        assert.equal(ambiguous, expected, `when ${event}, the failure says ambiguous: ${ambiguous}`);
      }
    },
  },
];

async function failureOf(subject: ContractSubject, fault: FaultName): Promise<DeliveryError> {
  await using bench = await openBench(subject, { fault });
  const outcome = await bench.deliver();
  if (outcome.state === "failed" && isDeliveryError(outcome.error)) return outcome.error;
  assert.fail(`when ${faults[fault].event}, deliver() ${describeOutcome(outcome)}`);
}
