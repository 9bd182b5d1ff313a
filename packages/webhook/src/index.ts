// The public door of the webhook package: every exported name stands here by hand.
export { type WebhookConfig, webhookConfig } from "./config.ts";
export { createStandardSigner, type SignedContent, type Signer } from "./signing/signer.ts";
export { secretProblem } from "./signing/signing-secret.ts";
export type { SignedRequest, Verification } from "./signing/verification.ts";
export { verifyHmac, verifyStandard } from "./signing/verifier.ts";
export { webhook } from "./webhook.ts";
