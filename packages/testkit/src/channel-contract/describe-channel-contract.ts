import type { ChannelConfigSchema } from "@jackfield/core";
import { describe, it } from "vitest";
import { channelContract } from "./channel-contract.ts";
import type { ContractSubject } from "./subject.ts";

/** Far beyond any patience: a rule that is broken has something better to say than that it took too long. */
const timeoutMs = 120_000;

/**
 * The channel contract as a suite of vitest: one test for each rule. A rule that cannot be checked is skipped, and its
 * title says why.
 *
 * ```ts
 * describeChannelContract({
 *   type: pager,
 *   remote: httpRemote((url) => ({ url, token: "t0p-s3cret", timeoutMs: 300 })),
 *   secrets: ["t0p-s3cret"],
 * });
 * ```
 */
export function describeChannelContract<Config extends ChannelConfigSchema>(
  subject: ContractSubject<Config>,
): void {
  describe(`the channel type "${subject.type.type}" keeps the channel contract`, () => {
    for (const { name, skipped, check } of channelContract(subject)) {
      if (skipped) it.skip(`${name} (skipped: ${skipped})`);
      else it(name, { timeout: timeoutMs }, check);
    }
  });
}
