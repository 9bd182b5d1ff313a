import {
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { decodePrefixed } from "./signing-secret.ts";

/** How far a timestamp may be from our clock, either way, in seconds: Standard Webhooks' recommendation. */
const toleranceSeconds = 300;

/** Whether a request is what it claims to be, and if not, why; the reason is for our own log, not for the sender. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The parts of a request that its signature covers, and the headers that hold it. */
export interface SignedRequest {
  /** The exact bytes as they came. */
  readonly body: Uint8Array;
  header(name: string): string | undefined;
}

type Check = (content: Buffer, signature: Buffer) => boolean;

/**
 * Verifies as Standard Webhooks says: any of the signatures may fit any of the secrets, so that both sides can rotate.
 *
 * @param secrets `whsec_` secrets and `whpk_` public keys (or the `whsk_` key itself)
 * @param now milliseconds since the epoch
 */
export function verifyStandard(
  request: SignedRequest,
  secrets: readonly string[],
  now: number,
): Verification {
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
    request.header(name),
  );
  if (!id || !timestamp || !signatures)
    return refused("it lacks webhook-id, webhook-timestamp or webhook-signature");
  if (!/^\d{1,15}$/.test(timestamp)) return refused("webhook-timestamp is not a whole number of seconds");
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > toleranceSeconds) {
    return refused(`webhook-timestamp is more than ${toleranceSeconds} s away from our clock`);
  }
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
  const checks = secrets.map(standardCheck);
  const fits = signatures.split(" ").some((entry) => {
    const [version, encoded = ""] = entry.split(",", 2);
    const signature = Buffer.from(encoded, "base64");
    return checks.some((check) => check.version === version && check.fits(content, signature));
  });
  return fits ? { ok: true } : refused("no signature fits any secret");
}

function standardCheck(secret: string): { readonly version: "v1" | "v1a"; readonly fits: Check } {
  const publicKey = publicKeyOf(secret);
  if (publicKey)
    return { version: "v1a", fits: (content, signature) => verify(null, content, publicKey, signature) };
  const bytes = decodePrefixed(secret, "whsec_");
  if (!bytes || bytes.length === 0)
    throw new TypeError("a Standard Webhooks secret begins with whsec_, whpk_ or whsk_");
  const key = createSecretKey(bytes);
  return {
    version: "v1",
    fits: (content, signature) => sameBytes(createHmac("sha256", key).update(content).digest(), signature),
  };
}

/** A raw ed25519 key in its SubjectPublicKeyInfo wrapping, RFC 8410 section 4. */
function publicKeyOf(secret: string): KeyObject | undefined {
  // A whsk_ key of 64 bytes is the seed and then the public key.
  const raw = decodePrefixed(secret, "whpk_") ?? decodePrefixed(secret, "whsk_")?.subarray(32);
  if (raw?.length !== 32) return undefined;
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  return createPublicKey({ key: Buffer.concat([prefix, raw]), format: "der", type: "spki" });
}

/** Verifies `x-webhook-signature`: hex over the exact bytes, `sha256=` or not, in any casing. */
export function verifyHmac(request: SignedRequest, secrets: readonly string[]): Verification {
  const header = request.header("x-webhook-signature");
  if (!header) return refused("it lacks x-webhook-signature");
  const hex = /^(?:sha256=)?([\da-f]{64})$/i.exec(header.trim())?.[1];
  if (!hex) return refused("x-webhook-signature is not a SHA-256 in hex");
  const signature = Buffer.from(hex, "hex");
  const fits = secrets.some((secret) =>
    sameBytes(createHmac("sha256", createSecretKey(secret, "utf8")).update(request.body).digest(), signature),
  );
  return fits ? { ok: true } : refused("the signature fits no secret");
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function refused(reason: string): Verification {
  return { ok: false, reason };
}
