/** The fewest characters of a plain secret: 16 bytes are 128 bits where they are random. */
const fewestCharacters = 16;

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/;

/** The bytes behind a prefix such as `whsec_`, or undefined where they are not base64. */
export function decodePrefixed(secret: string, prefix: string): Buffer | undefined {
  const encoded = secret.slice(prefix.length);
  return secret.startsWith(prefix) && base64.test(encoded) ? Buffer.from(encoded, "base64") : undefined;
}

/**
 * Why a secret cannot sign, undefined where it can; the secret itself is not in the answer.
 *
 * Standard Webhooks: `whsec_` and 24 to 64 bytes in base64 for a shared secret, `whsk_` and an ed25519 private key (the
 * 32-byte seed, or the seed and the public key) in base64.
 */
export function secretProblem(
  signing: "standard" | "hmac-sha256" | "none",
  secret: string,
): string | undefined {
  if (signing === "none") return undefined;
  if (signing === "hmac-sha256") {
    return secret.trim().length < fewestCharacters
      ? `is too short: at least ${fewestCharacters} characters, such as the output of "openssl rand -hex 32"`
      : undefined;
  }
  if (secret.startsWith("whsk_")) {
    const length = decodePrefixed(secret, "whsk_")?.length;
    return length === 32 || length === 64
      ? undefined
      : 'must be "whsk_" and an ed25519 private key of 32 or 64 bytes in base64';
  }
  const advice = 'make one with: echo "whsec_$(openssl rand -base64 32)"';
  if (!secret.startsWith("whsec_")) {
    return `must begin with "whsec_" or "whsk_" (Standard Webhooks), unless signing = "hmac-sha256"; ${advice}`;
  }
  const length = decodePrefixed(secret, "whsec_")?.length;
  if (length === undefined) return `must be base64 after "whsec_"; ${advice}`;
  if (length === 0) return `is nothing but its prefix; ${advice}`;
  return length < 24 || length > 64
    ? `has ${length} bytes after "whsec_", it takes 24 to 64; ${advice}`
    : undefined;
}
