import {
  createGithubVerifier,
  createSlackVerifier,
  createStripeVerifier,
} from "../signing/platform-verifiers.ts";
import { secretProblem } from "../signing/signing-secret.ts";
import { type Verifier, verified } from "../signing/verification.ts";
import { createHmacVerifier, createStandardVerifier } from "../signing/verifier.ts";

/** How requests are verified. */
export const verifySchemes = ["standard", "hmac-sha256", "github", "slack", "stripe", "none"] as const;
export type VerifyScheme = (typeof verifySchemes)[number];

const verifiers: Readonly<Record<VerifyScheme, (secrets: readonly string[]) => Verifier>> = {
  standard: createStandardVerifier,
  "hmac-sha256": createHmacVerifier,
  github: createGithubVerifier,
  slack: createSlackVerifier,
  stripe: createStripeVerifier,
  none: () => () => verified,
};

export function createVerifier(scheme: VerifyScheme, secrets: readonly string[]): Verifier {
  return verifiers[scheme](secrets);
}

/** Why a secret cannot verify, undefined where it can; the secret itself is not in the answer. */
export function verifySecretProblem(scheme: VerifyScheme, secret: string): string | undefined {
  if (scheme === "none") return undefined;
  // Standard Webhooks' public keys verify, and cannot sign.
  if (scheme === "standard" && secret.startsWith("whpk_")) {
    return /^whpk_[A-Za-z\d+/]{43}=$/.test(secret)
      ? undefined
      : 'must be "whpk_" and an ed25519 public key of 32 bytes in base64';
  }
  return secretProblem(scheme === "standard" ? "standard" : "hmac-sha256", secret);
}
