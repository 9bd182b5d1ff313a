import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { type IpRange, parseIpRange } from "./ip-range.ts";
import { destinationOf } from "./special-purpose-range-of.ts";

/** One entry of `allowHosts`. */
export type HostPattern =
  | { readonly kind: "name"; readonly name: string }
  /** `suffix` begins with its dot: any subdomain matches, the domain itself does not. */
  | { readonly kind: "subdomains"; readonly suffix: string }
  | { readonly kind: "range"; readonly range: IpRange };

export type ParsedHostPattern =
  | { readonly ok: true; readonly pattern: HostPattern }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads one entry of `allowHosts`: a host name, `*.` and a domain for its subdomains, an IP address, or a range in CIDR
 * notation. Names are compared without regard to case or a trailing dot; an international name may be written as it is read.
 *
 * @returns the pattern, or the reason why there is none, as a sentence for the person who wrote the entry
 */
export function parseHostPattern(text: string): ParsedHostPattern {
  if (text.includes("://")) {
    return refuse(text, "is a URL: write its host alone, without scheme, port and path");
  }
  if (text.includes("%")) {
    return refuse(text, "has a zone id or an escape: write a plain host name or address");
  }
  if (text.includes("/")) return parseRange(text, text);
  const host = canonicalHostname(text);
  const family = isIP(host);
  if (family !== 0) return parseRange(text, `${host}/${family === 4 ? 32 : 128}`);
  return parseName(text, host);
}

/**
 * A host as it is compared: lower case, without the brackets that a URL puts around an IPv6 address, and without the dot that
 * marks a name as complete.
 */
export function canonicalHostname(hostname: string): string {
  const bare = hostname.startsWith("[") && hostname.endsWith("]") ? hostname.slice(1, -1) : hostname;
  return (bare.endsWith(".") ? bare.slice(0, -1) : bare).toLowerCase();
}

function parseRange(text: string, cidr: string): ParsedHostPattern {
  const range = parseIpRange(cidr);
  if (range === undefined) {
    return refuse(text, 'is not a range of addresses: write one as "10.0.0.0/8" or "fd00::/8"');
  }
  const [network = ""] = cidr.split("/");
  const destination = destinationOf(network);
  // The guard judges such an address as the IPv4 address that it stands for, so this entry would match nothing.
  if (destination !== network) {
    return refuse(text, `stands for IPv4 in IPv6 form: write it as IPv4, from "${destination}"`);
  }
  return { ok: true, pattern: { kind: "range", range } };
}

function parseName(text: string, host: string): ParsedHostPattern {
  const isWildcard = host.startsWith("*.");
  const written = isWildcard ? host.slice(2) : host;
  if (written.includes("*")) {
    return refuse(text, 'uses "*" where it has no meaning: only "*.example.com" is a pattern');
  }
  if (written.includes(":")) return refuse(text, "has a port: write the host alone");
  const name = domainToASCII(written);
  // 127.1 and 0x7f.1 are spellings of 127.0.0.1 that a URL never keeps, so as a name they would match nothing.
  if (isIP(name) !== 0) {
    if (isWildcard) return refuse(text, 'puts "*." before an address: write the address or a range');
    return refuse(text, `spells an address in an unusual way: write it as "${name}"`);
  }
  if (droppedByUrlParser.test(written) || !namePattern.test(name)) {
    return refuse(text, 'is not a host: write a name, "*." and a domain, an address, or a range');
  }
  return {
    ok: true,
    pattern: isWildcard ? { kind: "subdomains", suffix: `.${name}` } : { kind: "name", name },
  };
}

// domainToASCII reads its argument as a URL does: it drops the blanks and cuts the rest off.
const droppedByUrlParser = /[\s?#@\\]/;

// Underscores are no part of a host name (RFC 1123 section 2.1), but container networks are full of them.
const namePattern = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

function refuse(text: string, why: string): ParsedHostPattern {
  return { ok: false, reason: `${harmless.test(text) ? JSON.stringify(text) : "the entry"} ${why}` };
}

// Whoever writes a whole URL here may write a password, a token in its path or a query string: none belongs in a message.
const harmless = /^[^/?#@]*(\/\d{0,3})?$/;
