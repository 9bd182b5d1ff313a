import type { FailureKind } from "./delivery-error.ts";

/** A status, or all statuses of a class: `429`, `"5xx"`. */
export type StatusPattern = number | `${1 | 2 | 3 | 4 | 5}xx`;

/**
 * What a status means, first match first. The table is data and the same for every channel; what follows from a kind is
 * the retry policy's to say.
 */
export const classification: readonly {
  readonly statuses: readonly StatusPattern[];
  readonly means: FailureKind | "delivered";
}[] = [
  { statuses: ["2xx"], means: "delivered" },
  { statuses: [401, 402, 403], means: "auth_required" },
  { statuses: [408, 425, 429], means: "rate_limited" },
  { statuses: ["5xx"], means: "server_error" },
  { statuses: ["3xx", "4xx"], means: "rejected" },
];

/** What a status means by the {@link classification} table; a status outside of HTTP's five classes is `unknown`. */
export function classifyStatus(status: number): FailureKind | "delivered" {
  return classification.find((row) => matchesStatus(row.statuses, status))?.means ?? "unknown";
}

/** Whether a status is in a list of patterns. */
export function matchesStatus(patterns: readonly StatusPattern[], status: number): boolean {
  return patterns.some((pattern) =>
    typeof pattern === "number" ? pattern === status : Number(pattern[0]) === Math.floor(status / 100),
  );
}

/**
 * Whether a request that was answered with this status may have taken effect all the same. A server that broke down while
 * it worked, or a gateway that lost its upstream, may have done what it was asked; 501 and 503 say that nothing was done.
 */
export function isAmbiguousStatus(status: number): boolean {
  return status >= 500 && status !== 501 && status !== 503;
}
