import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** Node takes a raw ed25519 seed of 32 bytes only in its PKCS #8 wrapping, RFC 8410 section 7. */
export function ed25519PrivateKey(seed: Uint8Array): KeyObject {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" });
}

/** Node takes a raw ed25519 public key of 32 bytes only in its SubjectPublicKeyInfo wrapping, RFC 8410 section 4. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  return createPublicKey({ key: Buffer.concat([prefix, raw]), format: "der", type: "spki" });
}
