import { BlockList, isIP } from "node:net";

/** A block of IPv4 or IPv6 addresses. */
export interface IpRange {
  readonly cidr: string;
  readonly prefixLength: number;
  /** Whether an address is in the range. One of the other family never is. */
  contains(address: string): boolean;
}

const cidrPattern = /^([^/%]+)\/(0|[1-9]\d{0,2})$/;

/** Reads CIDR notation (RFC 4632, RFC 4291 section 2.3), such as `10.0.0.0/8`; nothing when the text is not that. */
export function parseIpRange(cidr: string): IpRange | undefined {
  const [, network = "", digits = ""] = cidrPattern.exec(cidr) ?? [];
  const family = isIP(network);
  const prefixLength = Number(digits);
  if (family === 0 || prefixLength > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  const familyName = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, prefixLength, familyName);
  return {
    cidr,
    prefixLength,
    // A BlockList matches IPv4 and IPv4-mapped addresses across families, so it is only asked about its own.
    contains: (address) => isIP(address) === family && list.check(address, familyName),
  };
}
