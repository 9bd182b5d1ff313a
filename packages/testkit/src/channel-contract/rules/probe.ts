import assert from "node:assert/strict";
import { inspect } from "node:util";
import { openBench } from "../bench.ts";
import { faultNames, faults } from "../faults.ts";
import { assertHidden } from "../hidden.ts";
import { needs, type Rule } from "../rule.ts";
import { type ContractSubject, faultsOf } from "../subject.ts";

const needsProbe = ({ type }: ContractSubject): string | undefined =>
  type.capabilities.members.includes("probe") ? undefined : 'it declares no "probe"';

/** What a health check finds. */
export const probeRules: readonly Rule[] = [
  {
    name: "a probe of a healthy other side is ok and says what it found",
    skip: needsProbe,
    async check(subject) {
      await using bench = await openBench(subject);
      const result = await bench.probe();
      assert.ok(result?.ok && result.detail.length > 0, `all is well, and the probe says ${inspect(result)}`);
    },
  },
  {
    name: "a probe of an other side that nobody listens at says so, and does not reject",
    skip: (subject) => needsProbe(subject) ?? needs(["refused"])(subject),
    async check(subject) {
      await using bench = await openBench(subject, { fault: "refused" });
      const result = await bench.probe();
      assert.ok(
        result?.ok === false && result.detail.length > 0,
        `nobody listens, and the probe says ${inspect(result)}`,
      );
    },
  },
  {
    name: "no secret is in what a probe says",
    skip: (subject) => needsProbe(subject) ?? (subject.secrets?.length ? undefined : "no secrets are named"),
    async check(subject) {
      for (const fault of [undefined, ...faultsOf(subject, faultNames)]) {
        await using bench = await openBench(subject, fault ? { fault } : {});
        const when = fault ? `when ${faults[fault].event}` : "when all is well";
        const result: unknown = await bench.probe().catch((error: unknown) => error);
        assertHidden(subject, result, `${when}, the probe shows a secret`);
      }
    },
  },
];
