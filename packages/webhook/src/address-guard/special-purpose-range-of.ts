import { type IpRange, parseIpRange } from "./ip-range.ts";
import { type SpecialPurposeRange, specialPurposeRanges } from "./special-purpose-ranges.ts";

/**
 * The most specific special-purpose range that holds an address; nothing when the address is public.
 *
 * @param address an IPv4 or IPv6 address without a zone id
 */
export function specialPurposeRangeOf(address: string): SpecialPurposeRange | undefined {
  return compile().find(({ range }) => range.contains(address))?.row;
}

/**
 * The address that a connection to `address` reaches in the end: the IPv4 address within an IPv4-mapped (RFC 4291 section
 * 2.5.5.2) or well-known NAT64 address (RFC 6052), any other as it is.
 *
 * @param address an IPv4 or IPv6 address without a zone id
 */
export function destinationOf(address: string): string {
  return specialPurposeRangeOf(address)?.scope === "embedded" ? lastBitsAsIPv4(address) : address;
}

interface CompiledRange {
  readonly row: SpecialPurposeRange;
  readonly range: IpRange;
}

let compiled: readonly CompiledRange[] | undefined;

/** Made at the first use, because it takes milliseconds and reading a configuration must not wait for it. */
function compile(): readonly CompiledRange[] {
  compiled ??= specialPurposeRanges
    .map((row) => {
      const range = parseIpRange(row.cidr);
      if (range === undefined) throw new TypeError(`"${row.cidr}" is not a range in CIDR notation`);
      return { row, range };
    })
    .sort((a, b) => b.range.prefixLength - a.range.prefixLength);
  return compiled;
}

function lastBitsAsIPv4(address: string): string {
  // The URL parser writes an IPv6 address in one way only: hexadecimal, with "::" for two zero groups or more. An empty piece
  // among the last two is therefore a group of zeros.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [high = 0, low = 0] = canonical
    .split(":")
    .slice(-2)
    .map((group) => Number.parseInt(group || "0", 16));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}
