import type { ContractRule } from "../channel-contract/channel-contract.ts";
import { openInboxBench } from "./inbox-bench.ts";
import type { InboxRule, StoreRule } from "./rule.ts";
import { channelRules } from "./rules/channels.ts";
import { claimRules } from "./rules/claim.ts";
import { commandRules } from "./rules/commands.ts";
import { enqueueRules } from "./rules/enqueue.ts";
import { expiryRules } from "./rules/expiry.ts";
import { inboxAcceptRules } from "./rules/inbox-accept.ts";
import { inboxClaimRules } from "./rules/inbox-claim.ts";
import { inboxDebounceRules } from "./rules/inbox-debounce.ts";
import { inboxDropRules } from "./rules/inbox-drop.ts";
import { inboxLeaseRules } from "./rules/inbox-lease.ts";
import { inboxParallelRules } from "./rules/inbox-parallel.ts";
import { inboxQueryRules } from "./rules/inbox-queries.ts";
import { inboxQueueRules } from "./rules/inbox-queue.ts";
import { inboxRateRules } from "./rules/inbox-rate.ts";
import { inboxRepeatRules } from "./rules/inbox-repeat.ts";
import { inboxResumeRules } from "./rules/inbox-resume.ts";
import { inboxSettleRules } from "./rules/inbox-settle.ts";
import { leaseRules } from "./rules/lease.ts";
import { orderingRules } from "./rules/ordering.ts";
import { queryRules } from "./rules/queries.ts";
import { settleRules } from "./rules/settle.ts";
import { stateRules } from "./rules/states.ts";
import { threadRules } from "./rules/threads.ts";
import { timelineRules } from "./rules/timeline.ts";
import { trackRules } from "./rules/track.ts";
import { wakeRules } from "./rules/wake.ts";
import { openStoreBench } from "./store-bench.ts";
import type { StoreSubject } from "./subject.ts";

const outboxRules: readonly StoreRule[] = [
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
];

const inboxRules: readonly InboxRule[] = [
  ...inboxAcceptRules,
  ...inboxRepeatRules,
  ...inboxRateRules,
  ...inboxClaimRules,
  ...inboxLeaseRules,
  ...inboxSettleRules,
  ...inboxQueueRules,
  ...inboxParallelRules,
  ...inboxDebounceRules,
  ...inboxDropRules,
  ...inboxResumeRules,
  ...inboxQueryRules,
  ...threadRules,
  ...timelineRules,
  ...trackRules,
];

/** The store contract as data, for a test runner of one's own; {@link describeStoreContract} is for vitest. */
export function storeContract(subject: StoreSubject): readonly ContractRule[] {
  return [
    ...outboxRules.map(({ name, check }) => ({
      name: `outbox: ${name}`,
      check: async () => {
        await using bench = await openStoreBench(subject);
        await check(bench);
      },
    })),
    ...inboxRules.map(({ name, check }) => ({
      name: `inbox: ${name}`,
      check: async () => {
        await using bench = await openInboxBench(subject);
        await check(bench);
      },
    })),
  ];
}
