/**
 * TEST ONLY. A self-signed certificate for `localhost` and `127.0.0.1`, and its private key.
 *
 * The key is published with this source, so it protects nothing: never serve anything real with it, and
 * never add the certificate to a machine's or a browser's trust store. A test hands the pair to the receiver
 * and `cert` to the client under test as its only authority. Valid from 2025 to 2125; it is checked in so that
 * no machine needs openssl to run the tests.
 *
 * @example
 * const receiver = await createReceiver({ tls: testCertificate });
 * const client = new Agent({ connect: { ca: testCertificate.cert } });
 */
export const testCertificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBjDCCATKgAwIBAgIUNqFX1+EFPLZpPZgke4kEtHCiD3swCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI1MDEwMTAwMDAwMFoYDzIxMjUwMTAx
MDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATxkVeQJ3gTIdy4op0NuTaVcd0V/oaJtI0p/vdU1GbFGQZYy72qD8xY
C4UDcsMfCHw7vhdZDVQQk6AqxwHcsra5o2AwXjAMBgNVHRMBAf8EAjAAMBoGA1Ud
EQQTMBGCCWxvY2FsaG9zdIcEfwAAATATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNV
HQ4EFgQUv1e70z9n/9tOHExvLtQgYWAaz9owCgYIKoZIzj0EAwIDSAAwRQIhALQM
YJoH5Aqul96gtDQEjkoRNjRW28MMVYjTVwjQH0kkAiBwQNAgp3huaS28rUWDipWs
c740Mr6inzPCoOVvB1TvUg==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQaugad6doJWbI/mR
BuygZtRmpTdXFz9zyJ9B9Vbn4R2hRANCAATxkVeQJ3gTIdy4op0NuTaVcd0V/oaJ
tI0p/vdU1GbFGQZYy72qD8xYC4UDcsMfCHw7vhdZDVQQk6AqxwHcsra5
-----END PRIVATE KEY-----
`,
} as const;
