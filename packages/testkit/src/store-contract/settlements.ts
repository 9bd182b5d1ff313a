import type { Claim, FailureKind, Settlement, StoredAttempt } from "@jackfield/core";

type Held = Pick<Claim, "id" | "token" | "attemptsMade">;

/** An attempt that failed, for a claim. */
export function failedAttempt(
  { attemptsMade }: Pick<Claim, "attemptsMade">,
  {
    kind = "server_error",
    ambiguous = false,
  }: { readonly kind?: FailureKind; readonly ambiguous?: boolean } = {},
): StoredAttempt {
  const failure = { kind, message: `failed with ${kind}`, ambiguous };
  return { number: attemptsMade + 1, at: 1_767_225_600_000, durationMs: 12.5, failure };
}

export function deliver({ id, token, attemptsMade }: Held): Settlement {
  const attempt = { number: attemptsMade + 1, at: 1_767_225_600_000, durationMs: 12.5, status: 200 };
  return { id, token, event: "deliver", attempt, receipt: { status: 200 } };
}

export function retry(claim: Held, delayMs: number, ambiguous = false): Settlement {
  const attempt = { ...failedAttempt(claim, { ambiguous }), waitMs: delayMs };
  return { id: claim.id, token: claim.token, event: "retry", attempt, delayMs };
}

export function pause(claim: Held): Settlement {
  const attempt = failedAttempt(claim, { kind: "auth_required" });
  return { id: claim.id, token: claim.token, event: "pause", attempt, reason: "the token was refused" };
}

export function giveUp(claim: Held, kind: FailureKind = "rejected"): Settlement {
  const attempt = failedAttempt(claim, { kind });
  return { id: claim.id, token: claim.token, event: "give_up", attempt, reason: "it was rejected" };
}

export function release({ id, token }: Held, maybeArrived = false): Settlement {
  return { id, token, event: "release", maybeArrived };
}
