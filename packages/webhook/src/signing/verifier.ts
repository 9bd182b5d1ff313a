import {
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { ed25519PrivateKey, ed25519PublicKey } from "./ed25519-key.ts";
import { decodePrefixed } from "./signing-secret.ts";

/** How far a timestamp may be from our clock, either way, in seconds: Standard Webhooks' recommendation. */
const toleranceSeconds = 300;

/** How many signatures of a request are looked at. No rotation needs more, and each costs time: 0.2 ms with ed25519. */
const mostSignatures = 100;

/** Whether a request is what it claims to be, and if not, why; the reason is for our own log, not for the sender. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The parts of a request that its signature covers, and the headers that hold it. */
export interface SignedRequest {
  /** The exact bytes as they came. */
  readonly body: Uint8Array;
  header(name: string): string | undefined;
}

/** Whether a signature of a certain version fits. */
interface Check {
  readonly version: "v1" | "v1a";
  fits(signature: Buffer): boolean;
}

/**
 * Verifies as Standard Webhooks says: any of the signatures may fit any of the secrets, so that both sides can rotate.
 *
 * @param secrets `whsec_` secrets and `whpk_` public keys (or the `whsk_` key itself)
 * @param now milliseconds since the epoch
 * @throws TypeError for a secret that is none of these
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
  const checks = secrets.map((secret) => standardCheck(secret, content));
  const fits = signatures.split(" ", mostSignatures).some((entry) => {
    const [version, encoded = ""] = entry.split(",", 2);
    const signature = Buffer.from(encoded, "base64");
    return checks.some((check) => check.version === version && check.fits(signature));
  });
  return fits ? { ok: true } : refused("no signature fits any secret");
}

function standardCheck(secret: string, content: Buffer): Check {
  const publicKey = publicKeyOf(secret);
  if (publicKey) {
    return { version: "v1a", fits: (signature) => verify(null, content, publicKey, signature) };
  }
  const bytes = decodePrefixed(secret, "whsec_");
  if (!bytes || bytes.length === 0) {
    throw new TypeError("a Standard Webhooks secret is whsec_, whpk_ or whsk_ and a key in base64");
  }
  const expected = createHmac("sha256", createSecretKey(bytes)).update(content).digest();
  return { version: "v1", fits: (signature) => sameBytes(expected, signature) };
}

function publicKeyOf(secret: string): KeyObject | undefined {
  const raw = decodePrefixed(secret, "whpk_");
  if (raw?.length === 32) return ed25519PublicKey(raw);
  // A whsk_ key is the seed alone, or the seed and the public key.
  const seed = decodePrefixed(secret, "whsk_");
  if (seed?.length !== 32 && seed?.length !== 64) return undefined;
  return createPublicKey(ed25519PrivateKey(seed.subarray(0, 32)));
}

/**
 * Verifies `x-webhook-signature`: hex over the exact bytes, `sha256=` or not, in any casing.
 *
 * @throws TypeError for a secret that is empty
 */
export function verifyHmac(request: SignedRequest, secrets: readonly string[]): Verification {
  const header = request.header("x-webhook-signature");
  if (!header) return refused("it lacks x-webhook-signature");
  const hex = /^(?:sha256=)?([\da-f]{64})$/i.exec(header.trim())?.[1];
  if (!hex) return refused("x-webhook-signature is not a SHA-256 in hex");
  const signature = Buffer.from(hex, "hex");
  const fits = secrets.some((secret) => {
    if (secret === "") throw new TypeError("an empty secret verifies nothing: anyone can sign with it");
    return sameBytes(
      createHmac("sha256", createSecretKey(secret, "utf8")).update(request.body).digest(),
      signature,
    );
  });
  return fits ? { ok: true } : refused("the signature fits no secret");
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function refused(reason: string): Verification {
  return { ok: false, reason };
}
