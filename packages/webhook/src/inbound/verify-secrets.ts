import type { WebhookConfig } from "../config.ts";

/** The secrets that verify: their own, or else the channel's, with which it signs what it sends. */
export function verifySecretsOf({
  verify,
  verifySecret,
  previousVerifySecrets,
  secret,
}: Pick<WebhookConfig, "verify" | "verifySecret" | "previousVerifySecrets" | "secret">): readonly string[] {
  const shared = verify === "standard" || verify === "hmac-sha256" ? secret : undefined;
  const own = verifySecret ?? shared;
  return own === undefined ? [] : [own, ...previousVerifySecrets];
}
