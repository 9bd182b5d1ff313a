import type { StoredAttempt } from "@jackfield/core";
import { duration, printable, type Style } from "./terminal.ts";

/** An attempt as JSON shows it, whether it is kept or was made just now. */
export function attemptJson({ number, at, durationMs, status, failure, waitMs }: StoredAttempt): object {
  return {
    number,
    at: new Date(at).toISOString(),
    durationMs: Number(durationMs.toFixed(3)),
    status,
    failure: failure && { kind: failure.kind, message: failure.message, retryAfterMs: failure.retryAfterMs },
    waitMs,
  };
}

/** An attempt as a person reads it: what came of it, why, and when the next one is. */
export function attemptLines(style: Style, attempt: StoredAttempt): string[] {
  const { number, status, durationMs, failure, waitMs } = attempt;
  const outcome = failure ? style("yellow", failure.kind) : style("green", "delivered");
  const facts = [`attempt ${number}`, outcome, status, duration(durationMs)].filter(
    (fact) => fact !== undefined,
  );
  const lines = [facts.join("  ")];
  if (failure) lines.push(style("dim", `           ${printable(failure.message)}`));
  if (waitMs !== undefined) {
    const asked = failure?.retryAfterMs === undefined ? "" : ", as the receiver asked (Retry-After)";
    lines.push(`           next attempt after ${duration(waitMs)}${asked}`);
  }
  return lines;
}

export function counted(attempts: number): string {
  return attempts === 1 ? "1 attempt" : `${attempts} attempts`;
}
