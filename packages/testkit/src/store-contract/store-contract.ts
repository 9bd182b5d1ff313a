import type { ContractRule } from "../channel-contract/channel-contract.ts";
import { channelRules } from "./rules/channels.ts";
import { claimRules } from "./rules/claim.ts";
import { commandRules } from "./rules/commands.ts";
import { enqueueRules } from "./rules/enqueue.ts";
import { expiryRules } from "./rules/expiry.ts";
import { leaseRules } from "./rules/lease.ts";
import { orderingRules } from "./rules/ordering.ts";
import { queryRules } from "./rules/queries.ts";
import { settleRules } from "./rules/settle.ts";
import { stateRules } from "./rules/states.ts";
import { wakeRules } from "./rules/wake.ts";
import { openStoreBench } from "./store-bench.ts";
import type { StoreSubject } from "./subject.ts";

/** The store contract as data, for a test runner of one's own; {@link describeStoreContract} is for vitest. */
export function storeContract(subject: StoreSubject): readonly ContractRule[] {
  return [
    ...enqueueRules,
    ...claimRules,
    ...leaseRules,
    ...settleRules,
    ...stateRules,
    ...orderingRules,
    ...expiryRules,
    ...queryRules,
    ...commandRules,
    ...channelRules,
    ...wakeRules,
  ].map(({ name, check }) => ({
    name,
    check: async () => {
      await using bench = await openStoreBench(subject);
      await check(bench);
    },
  }));
}
