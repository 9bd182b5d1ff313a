import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** How far a timestamp may be from our clock, either way, in seconds: what Standard Webhooks, Slack and Stripe recommend. */
const toleranceSeconds = 300;

/** Whether a request is what it claims to be, and if not, why; the reason is for our own log, not for the sender. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The parts of a request that its signature covers, and the headers that hold it. */
export interface SignedRequest {
  /** The exact bytes as they came. */
  readonly body: Uint8Array;
  header(name: string): string | undefined;
}

/** Verifies requests with keys that were prepared once. @param now milliseconds since the epoch */
export type Verifier = (request: SignedRequest, now: number) => Verification;

export const verified: Verification = { ok: true };

export function refused(reason: string): Verification {
  return { ok: false, reason };
}

/** Whether a header came more than once: a Request joins its copies with a comma and a blank, which no signature has. */
export function cameTwice(value: string): boolean {
  return value.includes(", ");
}

/** What is wrong with a timestamp in seconds; strict, so that "123abc" is none. */
export function timestampProblem(header: string, timestamp: string, now: number): string | undefined {
  if (!/^\d{1,15}$/.test(timestamp)) return `${header} is not a whole number of seconds`;
  return Math.abs(Math.floor(now / 1000) - Number(timestamp)) > toleranceSeconds
    ? `${header} is more than ${toleranceSeconds} s away from our clock`
    : undefined;
}

/** The HMAC-SHA256 of parts that stand one after the other. */
export function hmac(key: KeyObject, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Compares in a time that tells nothing of where they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The bytes of a SHA-256 in hex, in any casing, behind a prefix; undefined for anything else. */
export function hexSignature(text: string, prefix: string): Buffer | undefined {
  const hex = text.startsWith(prefix) ? text.slice(prefix.length) : "";
  return /^[\da-f]{64}$/i.test(hex) ? Buffer.from(hex, "hex") : undefined;
}
