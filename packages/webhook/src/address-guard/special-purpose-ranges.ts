/** A block of addresses that is set apart from the public internet. */
export interface SpecialPurposeRange {
  readonly cidr: string;
  /** The registry's name for it. */
  readonly name: string;
  /** The RFC that sets it apart, or the vendor whose service lives there. */
  readonly reference: string;
  /**
   * What the range means to a client:
   * - `private`: refused unless `allowPrivateNetwork` is set;
   * - `never`: refused, and only a host, address or range in `allowHosts` opens it;
   * - `embedded`: the last 32 bits are an IPv4 address, and the verdict is that address's.
   */
  readonly scope: "private" | "never" | "embedded";
}

/**
 * Every range that a webhook has no business in. Ranges may nest: the longest prefix decides.
 *
 * From IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), as of 2025-10-09: each block that is not
 * "globally reachable". Blocks within 192.0.0.0/24 and 2001::/23 that are (anycast for NAT traversal, AMT, AS112, ORCHIDv2,
 * drone ids) are refused with their parents, because no webhook is received there.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry/
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
export const specialPurposeRanges: readonly SpecialPurposeRange[] = [
  // IPv4 Special-Purpose Address Registry
  { cidr: "0.0.0.0/8", name: "This network", reference: "RFC 791", scope: "never" },
  { cidr: "0.0.0.0/32", name: "This host on this network", reference: "RFC 1122", scope: "never" },
  { cidr: "10.0.0.0/8", name: "Private-Use", reference: "RFC 1918", scope: "private" },
  { cidr: "100.64.0.0/10", name: "Shared Address Space", reference: "RFC 6598", scope: "private" },
  { cidr: "127.0.0.0/8", name: "Loopback", reference: "RFC 1122", scope: "private" },
  { cidr: "169.254.0.0/16", name: "Link Local", reference: "RFC 3927", scope: "never" },
  { cidr: "172.16.0.0/12", name: "Private-Use", reference: "RFC 1918", scope: "private" },
  { cidr: "192.0.0.0/24", name: "IETF Protocol Assignments", reference: "RFC 6890", scope: "never" },
  { cidr: "192.0.0.0/29", name: "IPv4 Service Continuity Prefix", reference: "RFC 7335", scope: "never" },
  { cidr: "192.0.0.8/32", name: "IPv4 dummy address", reference: "RFC 7600", scope: "never" },
  { cidr: "192.0.0.170/32", name: "NAT64/DNS64 Discovery", reference: "RFC 8880", scope: "never" },
  { cidr: "192.0.0.171/32", name: "NAT64/DNS64 Discovery", reference: "RFC 8880", scope: "never" },
  { cidr: "192.0.2.0/24", name: "Documentation (TEST-NET-1)", reference: "RFC 5737", scope: "never" },
  { cidr: "192.88.99.0/24", name: "Deprecated (6to4 Relay Anycast)", reference: "RFC 7526", scope: "never" },
  { cidr: "192.88.99.2/32", name: "6a44-relay anycast address", reference: "RFC 6751", scope: "never" },
  { cidr: "192.168.0.0/16", name: "Private-Use", reference: "RFC 1918", scope: "private" },
  { cidr: "198.18.0.0/15", name: "Benchmarking", reference: "RFC 2544", scope: "never" },
  { cidr: "198.51.100.0/24", name: "Documentation (TEST-NET-2)", reference: "RFC 5737", scope: "never" },
  { cidr: "203.0.113.0/24", name: "Documentation (TEST-NET-3)", reference: "RFC 5737", scope: "never" },
  { cidr: "240.0.0.0/4", name: "Reserved", reference: "RFC 1112", scope: "never" },
  { cidr: "255.255.255.255/32", name: "Limited Broadcast", reference: "RFC 919", scope: "never" },

  // IPv6 Special-Purpose Address Registry. The forms that carry an IPv4 address differ: the system itself connects a mapped one
  // by IPv4, and NAT64 is how an IPv6-only network reaches IPv4; 6to4 and Teredo are tunnels that no receiver is behind today,
  // and whose far end is beyond our judgement, so they are refused whatever they carry.
  { cidr: "::1/128", name: "Loopback Address", reference: "RFC 4291", scope: "private" },
  { cidr: "::/128", name: "Unspecified Address", reference: "RFC 4291", scope: "never" },
  { cidr: "::ffff:0:0/96", name: "IPv4-mapped Address", reference: "RFC 4291", scope: "embedded" },
  { cidr: "64:ff9b::/96", name: "IPv4-IPv6 Translat.", reference: "RFC 6052", scope: "embedded" },
  { cidr: "64:ff9b:1::/48", name: "IPv4-IPv6 Translat.", reference: "RFC 8215", scope: "never" },
  { cidr: "100::/64", name: "Discard-Only Address Block", reference: "RFC 6666", scope: "never" },
  { cidr: "100:0:0:1::/64", name: "Dummy IPv6 Prefix", reference: "RFC 9780", scope: "never" },
  { cidr: "2001::/23", name: "IETF Protocol Assignments", reference: "RFC 2928", scope: "never" },
  { cidr: "2001::/32", name: "TEREDO", reference: "RFC 4380", scope: "never" },
  { cidr: "2001:2::/48", name: "Benchmarking", reference: "RFC 5180", scope: "never" },
  { cidr: "2001:10::/28", name: "Deprecated (previously ORCHID)", reference: "RFC 4843", scope: "never" },
  { cidr: "2001:20::/28", name: "ORCHIDv2", reference: "RFC 7343", scope: "never" },
  { cidr: "2001:db8::/32", name: "Documentation", reference: "RFC 3849", scope: "never" },
  { cidr: "2002::/16", name: "6to4", reference: "RFC 3056", scope: "never" },
  { cidr: "3fff::/20", name: "Documentation", reference: "RFC 9637", scope: "never" },
  { cidr: "5f00::/16", name: "Segment Routing (SRv6) SIDs", reference: "RFC 9602", scope: "never" },
  { cidr: "fc00::/7", name: "Unique-Local", reference: "RFC 4193", scope: "private" },
  { cidr: "fe80::/10", name: "Link-Local Unicast", reference: "RFC 4291", scope: "never" },

  // Set apart in other registries and documents.
  { cidr: "224.0.0.0/4", name: "Multicast", reference: "RFC 5771", scope: "never" },
  { cidr: "ff00::/8", name: "Multicast", reference: "RFC 4291", scope: "never" },
  { cidr: "::/96", name: "Deprecated (IPv4-compatible Address)", reference: "RFC 4291", scope: "never" },
  {
    cidr: "::ffff:0:0:0/96",
    name: "Deprecated (IPv4-translated Address)",
    reference: "RFC 2765",
    scope: "never",
  },
  { cidr: "fec0::/10", name: "Deprecated (Site-Local Unicast)", reference: "RFC 3879", scope: "never" },

  // Whatever is outside 2000::/3 is not Global Unicast: overlay networks squat there.
  { cidr: "::/3", name: "Reserved by IETF", reference: "RFC 4291", scope: "never" },
  { cidr: "4000::/2", name: "Reserved by IETF", reference: "RFC 4291", scope: "never" },
  { cidr: "8000::/1", name: "Reserved by IETF", reference: "RFC 4291", scope: "never" },

  // Where clouds serve a machine's own credentials outside of link-local space. They lie in private or even public ranges,
  // and have to stay shut when those are open.
  { cidr: "100.100.100.200/32", name: "Instance metadata", reference: "Alibaba Cloud", scope: "never" },
  { cidr: "168.63.129.16/32", name: "WireServer", reference: "Microsoft Azure", scope: "never" },
  { cidr: "fd00:42::42/128", name: "Instance metadata", reference: "Scaleway", scope: "never" },
  { cidr: "fd00:ec2::/32", name: "Instance metadata and services", reference: "Amazon EC2", scope: "never" },
  { cidr: "fd20:ce::254/128", name: "Instance metadata", reference: "Google Cloud", scope: "never" },
];
