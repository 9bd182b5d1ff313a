import { describe, expect, test } from "vitest";
import { decodePrefixed, secretProblem } from "./signing-secret.ts";

const bytes = (count: number) => Buffer.alloc(count, 0xfb).toString("base64");
const make = 'make one with: echo "whsec_$(openssl rand -base64 32)"';

describe("a secret for standard signing", () => {
  test.each([
    ["of 24 bytes", `whsec_${bytes(24)}`],
    ["of 64 bytes", `whsec_${bytes(64)}`],
    ["of 32 bytes without padding", `whsec_${bytes(32).replace(/=+$/, "")}`],
    ["that is an ed25519 seed", `whsk_${bytes(32)}`],
    ["that is an ed25519 seed and its public key", `whsk_${bytes(64)}`],
  ])("%s is good", (_, secret) => {
    expect(secretProblem("standard", secret)).toBeUndefined();
  });

  const noPrefix = `must begin with "whsec_" or "whsk_" (Standard Webhooks), unless signing = "hmac-sha256"; ${make}`;
  const notBase64 = `must be base64 after "whsec_"; ${make}`;
  const noKey = 'must be "whsk_" and an ed25519 private key of 32 or 64 bytes in base64';

  test.each([
    ["that is empty", "", noPrefix],
    ["without a prefix", bytes(32), noPrefix],
    ["with a prefix in capitals", `WHSEC_${bytes(32)}`, noPrefix],
    ["with a blank before it", ` whsec_${bytes(32)}`, noPrefix],
    ["that is a public key", `whpk_${bytes(32)}`, noPrefix],
    ["that is only the prefix", "whsec_", `is nothing but its prefix; ${make}`],
    ["of 23 bytes", `whsec_${bytes(23)}`, `has 23 bytes after "whsec_", it takes 24 to 64; ${make}`],
    ["of 65 bytes", `whsec_${bytes(65)}`, `has 65 bytes after "whsec_", it takes 24 to 64; ${make}`],
    ["of 1 byte", "whsec_AA==", `has 1 bytes after "whsec_", it takes 24 to 64; ${make}`],
    ["that is not base64", `whsec_${bytes(32).slice(1)}*`, notBase64],
    ["with a line break at its end", `whsec_${bytes(32)}\n`, notBase64],
    ["of the alphabet for URLs", `whsec_${Buffer.alloc(33, 0xfb).toString("base64url")}`, notBase64],
    ["of a length that base64 never has", "whsec_AAAAA", notBase64],
    ["with padding inside", `whsec_${bytes(32)}${bytes(32)}`, notBase64],
    ["that is only the prefix of a private key", "whsk_", noKey],
    ["that is a private key of 31 bytes", `whsk_${bytes(31)}`, noKey],
    ["that is a private key of 48 bytes", `whsk_${bytes(48)}`, noKey],
    ["that is a private key and not base64", `whsk_${bytes(32)}!`, noKey],
  ])("%s is a problem that is named without it", (_, secret, problem) => {
    expect(secretProblem("standard", secret)).toBe(problem);
  });
});

describe("a secret for hmac-sha256", () => {
  const tooShort = 'is too short: at least 16 characters, such as the output of "openssl rand -hex 32"';

  test.each(["x".repeat(16), "a plain secret of words", `whsec_${bytes(32)}`])("%j is good", (secret) => {
    expect(secretProblem("hmac-sha256", secret)).toBeUndefined();
  });

  test.each(["", " ".repeat(40), "x".repeat(15), `  ${"x".repeat(15)}  `])("%j is too short", (secret) => {
    expect(secretProblem("hmac-sha256", secret)).toBe(tooShort);
  });
});

test("a secret that does not sign has no problem", () => {
  expect(secretProblem("none", "x")).toBeUndefined();
});

test.each([
  ["whsec_AAAA", "whsec_", "000000"],
  ["whsec_", "whsec_", ""],
  ["whsk_AAAA", "whsec_", undefined],
  ["whsec_A", "whsec_", undefined],
  ["whsec_AA==AA==", "whsec_", undefined],
])("of %j the bytes after %j are %j in hex", (secret, prefix, hex) => {
  expect(decodePrefixed(secret, prefix)?.toString("hex")).toBe(hex);
});
