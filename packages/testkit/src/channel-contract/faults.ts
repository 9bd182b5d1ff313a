import type { Failure, FailureKind } from "@jackfield/core";

/** What a failure must say of a fault, whatever the protocol. */
export interface FaultMeaning {
  /** What the other side does, as the middle of a sentence. */
  readonly event: string;
  readonly kind: FailureKind;
  /** Given where it follows from the event alone. */
  readonly ambiguous?: boolean;
}

/** Everything that can go wrong at the other side, and the failure that a channel makes of it. */
export const faults = {
  unauthorized: { event: "the other side does not know us", kind: "auth_required" },
  forbidden: { event: "the other side forbids it", kind: "auth_required" },
  notFound: { event: "the other side knows no such address", kind: "rejected" },
  redirected: { event: "the other side sends us elsewhere", kind: "rejected" },
  rateLimited: { event: "the other side asks us to slow down", kind: "rate_limited" },
  serverError: { event: "the other side breaks down", kind: "server_error" },
  reset: { event: "the connection breaks before the answer", kind: "network", ambiguous: true },
  silence: { event: "no answer comes", kind: "timeout", ambiguous: true },
  refused: { event: "nobody listens", kind: "network", ambiguous: false },
} as const satisfies Record<string, FaultMeaning>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as FaultName[];

/** What a failure must say besides its kind, because the other side said it: the status, the wait that was asked for. */
export type FaultDetails = Pick<Failure, "status" | "retryAfterMs">;
