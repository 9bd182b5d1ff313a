import { createPublicKey, createSecretKey, type KeyObject, verify } from "node:crypto";
import { ed25519PrivateKey, ed25519PublicKey } from "./ed25519-key.ts";
import { decodePrefixed } from "./signing-secret.ts";
import {
  cameTwice,
  hexSignature,
  hmac,
  refused,
  type SignedRequest,
  sameBytes,
  timestampProblem,
  type Verification,
  type Verifier,
  verified,
} from "./verification.ts";

/** How many signatures of a request are looked at. No rotation needs more, and each costs time: 0.2 ms with ed25519. */
const mostSignatures = 100;

/** A key that is prepared once, and what it expects of a content. */
interface Key {
  readonly version: "v1" | "v1a";
  /** Whether a signature fits; what is the same for all signatures of a request is computed with the first. */
  over(prefix: string, body: Uint8Array): (signature: Buffer) => boolean;
}

/**
 * Verifies as Standard Webhooks says: any of the signatures may fit any of the secrets, so that both sides can rotate.
 *
 * @param secrets `whsec_` secrets and `whpk_` public keys (or the `whsk_` key itself)
 * @throws TypeError for a secret that is none of these
 */
export function createStandardVerifier(secrets: readonly string[]): Verifier {
  const keys = secrets.map(standardKey);
  return (request, now) => {
    const id = request.header("webhook-id");
    const timestamp = request.header("webhook-timestamp");
    const signatures = request.header("webhook-signature");
    if (!id || !timestamp || !signatures)
      return refused("it lacks webhook-id, webhook-timestamp or webhook-signature");
    if (cameTwice(signatures)) return refused("webhook-signature came twice, or has a blank after a comma");
    const problem = timestampProblem("webhook-timestamp", timestamp, now);
    if (problem !== undefined) return refused(problem);
    const prefix = `${id}.${timestamp}.`;
    const checks = keys.map((key) => ({ version: key.version, fits: key.over(prefix, request.body) }));
    const fits = signatures.split(" ", mostSignatures).some((entry) => {
      const [version, encoded = ""] = entry.split(",", 2);
      const signature = Buffer.from(encoded, "base64");
      return checks.some((check) => check.version === version && check.fits(signature));
    });
    return fits ? verified : refused("no signature fits any secret");
  };
}

/** {@link createStandardVerifier}, for a single request. */
export function verifyStandard(
  request: SignedRequest,
  secrets: readonly string[],
  now: number,
): Verification {
  return createStandardVerifier(secrets)(request, now);
}

function standardKey(secret: string): Key {
  const publicKey = publicKeyOf(secret);
  if (publicKey) {
    return {
      version: "v1a",
      over: (prefix, body) => {
        let content: Buffer | undefined;
        return (signature) => {
          content ??= Buffer.concat([Buffer.from(prefix), body]);
          return verify(null, content, publicKey, signature);
        };
      },
    };
  }
  const bytes = decodePrefixed(secret, "whsec_");
  if (!bytes || bytes.length === 0) {
    throw new TypeError("a Standard Webhooks secret is whsec_, whpk_ or whsk_ and a key in base64");
  }
  const key = createSecretKey(bytes);
  return {
    version: "v1",
    over: (prefix, body) => {
      let expected: Buffer | undefined;
      return (signature) => {
        expected ??= hmac(key, prefix, body);
        return sameBytes(expected, signature);
      };
    },
  };
}

function publicKeyOf(secret: string): KeyObject | undefined {
  const raw = decodePrefixed(secret, "whpk_");
  if (raw?.length === 32) return ed25519PublicKey(raw);
  // A whsk_ key is the seed alone, or the seed and the public key.
  const seed = decodePrefixed(secret, "whsk_");
  if (seed?.length !== 32 && seed?.length !== 64) return undefined;
  return createPublicKey(ed25519PrivateKey(seed.subarray(0, 32)));
}

/** The keys of plain secrets. @throws TypeError for one that is empty: anyone can sign with it */
export function plainKeys(secrets: readonly string[]): readonly KeyObject[] {
  return secrets.map((secret) => {
    if (secret === "") throw new TypeError("an empty secret verifies nothing: anyone can sign with it");
    return createSecretKey(secret, "utf8");
  });
}

/**
 * Verifies `x-webhook-signature`: hex over the exact bytes, `sha256=` or not, in any casing.
 *
 * @throws TypeError for a secret that is empty
 */
export function createHmacVerifier(secrets: readonly string[]): Verifier {
  const keys = plainKeys(secrets);
  return ({ body, header }) => {
    const text = header("x-webhook-signature")?.trim();
    if (!text) return refused("it lacks x-webhook-signature");
    const signature = hexSignature(text.replace(/^sha256=/i, ""), "");
    if (!signature) return refused("x-webhook-signature is not a SHA-256 in hex");
    return keys.some((key) => sameBytes(hmac(key, body), signature))
      ? verified
      : refused("the signature fits no secret");
  };
}

/** {@link createHmacVerifier}, for a single request. */
export function verifyHmac(request: SignedRequest, secrets: readonly string[]): Verification {
  return createHmacVerifier(secrets)(request, 0);
}
