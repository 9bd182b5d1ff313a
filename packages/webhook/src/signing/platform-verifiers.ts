import {
  cameTwice,
  hexSignature,
  hmac,
  refused,
  sameBytes,
  timestampProblem,
  type Verifier,
  verified,
} from "./verification.ts";
import { plainKeys } from "./verifier.ts";

/**
 * Verifies `x-hub-signature-256: sha256=<hex>` over the exact bytes, as GitHub signs
 * (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
 */
export function createGithubVerifier(secrets: readonly string[]): Verifier {
  const keys = plainKeys(secrets);
  return ({ body, header }) => {
    const text = header("x-hub-signature-256");
    if (!text) return refused("it lacks x-hub-signature-256");
    const signature = hexSignature(text, "sha256=");
    if (!signature) return refused("x-hub-signature-256 is not sha256= and a SHA-256 in hex");
    return keys.some((key) => sameBytes(hmac(key, body), signature))
      ? verified
      : refused("the signature fits no secret");
  };
}

/**
 * Verifies `x-slack-signature: v0=<hex>` over `v0:timestamp:body`, as Slack signs
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack).
 */
export function createSlackVerifier(secrets: readonly string[]): Verifier {
  const keys = plainKeys(secrets);
  return ({ body, header }, now) => {
    const text = header("x-slack-signature");
    const timestamp = header("x-slack-request-timestamp");
    if (!text || !timestamp) return refused("it lacks x-slack-signature or x-slack-request-timestamp");
    const problem = timestampProblem("x-slack-request-timestamp", timestamp, now);
    if (problem !== undefined) return refused(problem);
    const signature = hexSignature(text, "v0=");
    if (!signature) return refused("x-slack-signature is not v0= and a SHA-256 in hex");
    return keys.some((key) => sameBytes(hmac(key, `v0:${timestamp}:`, body), signature))
      ? verified
      : refused("the signature fits no secret");
  };
}

/** How many signatures of a request are looked at; Stripe sends one for each of its secrets that is in force. */
const mostSignatures = 100;

/**
 * Verifies `stripe-signature: t=<seconds>,v1=<hex>,...` over `t.body`, any `v1`, as Stripe signs
 * (https://docs.stripe.com/webhooks#verify-manually).
 */
export function createStripeVerifier(secrets: readonly string[]): Verifier {
  const keys = plainKeys(secrets);
  return ({ body, header }, now) => {
    const text = header("stripe-signature");
    if (!text) return refused("it lacks stripe-signature");
    if (cameTwice(text)) return refused("stripe-signature came twice, or has a blank after a comma");
    const parts = text.split(",", mostSignatures);
    const times = parts.filter((part) => part.startsWith("t="));
    const [time = "t="] = times;
    if (times.length !== 1) return refused("stripe-signature has not exactly one t=");
    const timestamp = time.slice("t=".length);
    const problem = timestampProblem("the t= of stripe-signature", timestamp, now);
    if (problem !== undefined) return refused(problem);
    const signatures = parts.flatMap((part) => hexSignature(part, "v1=") ?? []);
    const expected = keys.map((key) => hmac(key, `${timestamp}.`, body));
    return signatures.some((signature) => expected.some((bytes) => sameBytes(bytes, signature)))
      ? verified
      : refused("no v1 signature fits any secret");
  };
}
