import assert from "node:assert/strict";
import { openBench } from "../bench.ts";
import { findSecret } from "../config-schema.ts";
import { faultNames, faults } from "../faults.ts";
import { assertHidden } from "../hidden.ts";
import type { Rule } from "../rule.ts";
import { type ContractSubject, faultsOf } from "../subject.ts";

const needsSecrets = ({ secrets = [] }: ContractSubject): string | undefined =>
  secrets.length > 0 ? undefined : "no secrets are named";

/** What must not be seen of a secret. */
export const secretRules: readonly Rule[] = [
  {
    name: "every secret stands in a field that is marked with secret() or httpUrl()",
    skip: needsSecrets,
    async check(subject) {
      await using bench = await openBench(subject);
      for (const secret of subject.secrets ?? []) {
        const { found, unmarked } = findSecret(subject.type.config, bench.config, secret);
        assert.ok(found, `"${secret}" is named as a secret and stands nowhere in the remote's config`);
        assert.deepEqual(
          unmarked,
          [],
          `a secret stands in ${unmarked.join(", ")}, which "config show" would print`,
        );
      }
    },
  },
  {
    name: "no secret is in a receipt, in an error or in what caused it",
    skip: needsSecrets,
    async check(subject) {
      for (const fault of [undefined, ...faultsOf(subject, faultNames)]) {
        await using bench = await openBench(subject, fault ? { fault } : {});
        const when = fault ? `when ${faults[fault].event}` : "when all is well";
        assertHidden(subject, await bench.deliver(), `${when}, what deliver() gives shows a secret`);
      }
    },
  },
];
