// The public door of the webhook package: every exported name stands here by hand.
export { type WebhookConfig, webhookConfig } from "./config.ts";
export { secretProblem } from "./signing/signing-secret.ts";
export { type SignedRequest, type Verification, verifyHmac, verifyStandard } from "./signing/verifier.ts";
export { webhook } from "./webhook.ts";
