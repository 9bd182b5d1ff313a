import fc from "fast-check";
import { expect, it } from "vitest";
import { parseIpRange } from "./ip-range.ts";

interface Family {
  readonly bits: number;
  write(value: bigint): string;
}

const ipv4: Family = {
  bits: 32,
  write: (value) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join("."),
};

const ipv6: Family = {
  bits: 128,
  write: (value) =>
    [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n]
      .map((shift) => ((value >> shift) & 0xffffn).toString(16))
      .join(":"),
};

it.each([
  ["IPv4", ipv4],
  ["IPv6", ipv6],
])("an %s range contains what shares its leading bits", (_name, { bits, write }) => {
  const anyAddress = fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
  fc.assert(
    fc.property(
      anyAddress,
      fc.integer({ min: 0, max: bits }),
      fc.oneof(fc.constant(bits - 1), fc.integer({ min: 0, max: bits - 1 })),
      anyAddress,
      (network, prefixLength, lastSharedBit, other) => {
        // An address that agrees with the network down to one bit, and then goes its own way.
        const below = BigInt(lastSharedBit);
        const address = ((network >> below) << below) | (other & ((1n << below) - 1n));
        const hostBits = BigInt(bits - prefixLength);
        const range = parseIpRange(`${write(network)}/${prefixLength}`);
        expect(range?.contains(write(address))).toBe(address >> hostBits === network >> hostBits);
      },
    ),
    { numRuns: 2000 },
  );
});

it.each([
  ["::/0", "127.0.0.1"],
  ["::ffff:0:0/96", "127.0.0.1"],
  ["0.0.0.0/0", "::1"],
  ["0.0.0.0/0", "::ffff:127.0.0.1"],
])("%s does not contain %s, which is of the other family", (cidr, address) => {
  expect(parseIpRange(cidr)?.contains(address)).toBe(false);
});

it.each([
  "10.0.0.0",
  "10.0.0.0/33",
  "10.0.0/8",
  "::/129",
  "10.0.0.0/-1",
  "10.0.0.0/8/8",
  "fe80::%1/10",
  "/8",
  "",
])("does not read %j", (cidr) => {
  expect(parseIpRange(cidr)).toBeUndefined();
});
