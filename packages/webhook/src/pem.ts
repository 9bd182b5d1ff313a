import { createPrivateKey, X509Certificate } from "node:crypto";

const certificates = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;

/** Why a text cannot be used as certificates in PEM; undefined where it can. */
export function certificateProblem(pem: string): string | undefined {
  const blocks = pem.match(certificates);
  if (!blocks) return 'holds no certificate in PEM, which begins with "-----BEGIN CERTIFICATE-----"';
  return blocks.every((block) => isReadable(() => new X509Certificate(block)))
    ? undefined
    : "holds a certificate that cannot be read";
}

/** Why a text cannot be used as a private key in PEM; undefined where it can. The text is not in the answer. */
export function privateKeyProblem(pem: string): string | undefined {
  return isReadable(() => createPrivateKey(pem))
    ? undefined
    : 'is not a private key in PEM without a passphrase, which begins with "-----BEGIN PRIVATE KEY-----"';
}

/** Whether a private key is the one of a certificate; both have to be readable. */
export function belongTogether(cert: string, key: string): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    // OpenSSL's reasons ("no start line") help nobody, and say nothing that the callers' sentences do not.
    return false;
  }
}
