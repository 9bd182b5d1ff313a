import type {
  Claim,
  Delivery,
  DeliveryFilter,
  DeliveryState,
  DeliverySummary,
  FailureKind,
  OutboundMessage,
  Receipt,
  StoredAttempt,
} from "@jackfield/core";

/** One delivery in memory. */
export interface Row {
  readonly seq: number;
  readonly id: string;
  readonly channel: string;
  readonly message: OutboundMessage;
  readonly orderingKey: string | undefined;
  /** `channel/name`. */
  readonly thread: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly createdAt: number;
  state: DeliveryState;
  /** When it is looked at next: to be claimed or, where it is paused, to expire. */
  dueAt: number | undefined;
  leaseUntil: number | undefined;
  token: number;
  attempts: StoredAttempt[];
  /** The number of attempts at the last fresh budget. */
  budgetFrom: number;
  maybeArrived: boolean;
  updatedAt: number;
  expiresAt: number | undefined;
  failureKind: FailureKind | undefined;
  reason: string | undefined;
  receipt: Receipt | undefined;
}

export function matches(row: Row, filter: DeliveryFilter): boolean {
  const { ids, channel, states, failureKind, threadId, since, until } = filter;
  return (
    (ids === undefined || ids.includes(row.id)) &&
    (channel === undefined || channel === row.channel) &&
    (states === undefined || states.includes(row.state)) &&
    (failureKind === undefined || failureKind === row.failureKind) &&
    (threadId === undefined || threadId === row.message.threadId) &&
    (since === undefined || row.updatedAt >= since) &&
    (until === undefined || row.updatedAt < until)
  );
}

export function claimOf(row: Row): Claim {
  return {
    id: row.id,
    channel: row.channel,
    message: row.message,
    token: row.token,
    attemptsMade: row.attempts.length,
    budgetUsed: row.attempts.length - row.budgetFrom,
    maybeArrived: row.maybeArrived,
    ...defined({ orderingKey: row.orderingKey }),
  };
}

export function deliveryOf(row: Row): Delivery {
  return {
    ...commonOf(row),
    message: row.message,
    attempts: [...row.attempts],
    ...defined({ receipt: row.receipt, inReplyTo: row.inReplyTo }),
  };
}

export function summaryOf(row: Row): DeliverySummary {
  return {
    ...commonOf(row),
    createdAt: row.createdAt,
    attemptCount: row.attempts.length,
    ...defined({ threadId: row.message.threadId, failureKind: row.failureKind }),
  };
}

function commonOf(row: Row): Omit<Delivery, "message" | "attempts" | "receipt"> {
  const { id, channel, state, updatedAt, orderingKey, expiresAt, reason } = row;
  const dueAt = state === "paused" ? undefined : row.dueAt;
  return { id, channel, state, updatedAt, ...defined({ orderingKey, dueAt, expiresAt, reason }) };
}

/** The fields that have a value. */
function defined<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: NonNullable<Fields[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: NonNullable<Fields[Key]>;
  };
}
