import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { JackfieldError } from "@jackfield/core";
import { canonicalHostname, type HostPattern, parseHostPattern } from "./host-pattern.ts";
import { destinationOf, specialPurposeRangeOf } from "./special-purpose-range-of.ts";

/** What is opened beyond the public internet. */
export interface AddressGuardOptions {
  /** Entries as {@link parseHostPattern} reads them. */
  readonly allowHosts: readonly string[];
  /** Opens loopback, private, unique local and shared address space; never link-local addresses or cloud metadata. */
  readonly allowPrivateNetwork: boolean;
}

/** Why an address is not connected to. */
export interface Refusal {
  readonly address: string;
  /** The host as the URL has it, which led to the address. */
  readonly hostname: string;
  readonly range: { readonly name: string; readonly cidr: string };
  /** The configuration that would allow it. */
  readonly hint: string;
}

/** Resolves a name to all of its addresses, as `dns.lookup` does with `all`. */
export type Resolver = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, answers: LookupAddress[]) => void,
) => void;

/** Decides which addresses a connection may be opened to: the defence against server-side request forgery. */
export interface AddressGuard {
  /** Judges one address that `hostname` led to. Does no I/O. */
  check(address: string, hostname: string): Refusal | undefined;
  /**
   * Judges a host, as `URL.hostname` has it, when it is an address itself: sockets connect to those without a lookup. A name
   * passes, for its addresses are judged by {@link AddressGuard.lookup}.
   */
  checkHost(hostname: string): Refusal | undefined;
  /**
   * The `lookup` option of `net.connect`. It resolves the name anew for each connection, and the answers that were judged are
   * the ones connected to, so a name cannot change between the check and the use. Fails with an {@link AddressRefusedError}
   * when any one of the answers is refused, with the resolver's own error, or with `ENODATA` when there is no answer.
   */
  readonly lookup: LookupFunction;
}

/** A connection was not opened, because its address is not one that may be reached. */
export class AddressRefusedError extends JackfieldError {
  override readonly name = "AddressRefusedError";
  override readonly code = "ADDRESS_REFUSED";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    const { address, hostname, range, hint } = refusal;
    const subject =
      canonicalHostname(hostname) === address ? address : `"${hostname}" leads to ${address}, which`;
    super(
      "ADDRESS_REFUSED",
      `${subject} is refused as ${range.name} (${range.cidr}); if it is to be reached, ${hint}`,
    );
    this.refusal = refusal;
  }
}

/**
 * Makes the guard of one channel.
 *
 * A host name in `allowHosts` is reached wherever it leads; an address or range in it is reached by whatever name.
 * IPv4-mapped and NAT64 addresses are judged as the IPv4 addresses that they stand for.
 *
 * @throws TypeError for an entry of `allowHosts` that is no pattern
 */
export function createAddressGuard(
  { allowHosts, allowPrivateNetwork }: AddressGuardOptions,
  resolve: Resolver = systemLookup,
): AddressGuard {
  const patterns = allowHosts.map(hostPattern);

  function check(address: string, hostname: string): Refusal | undefined {
    const host = canonicalHostname(hostname);
    if (patterns.some((pattern) => matchesName(pattern, host))) return undefined;
    if (isIP(address) === 0 || address.includes("%")) return refuseUnjudgeable(address, hostname);
    const destination = destinationOf(address);
    if (patterns.some((pattern) => matchesAddress(pattern, destination))) return undefined;
    const range = specialPurposeRangeOf(destination);
    if (range === undefined || (range.scope === "private" && allowPrivateNetwork)) return undefined;
    const { name, cidr, scope } = range;
    return { address, hostname, range: { name, cidr }, hint: hintFor(scope, host, destination) };
  }

  function checkHost(hostname: string): Refusal | undefined {
    const host = canonicalHostname(hostname);
    return isIP(host) === 0 ? undefined : check(host, hostname);
  }

  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, answers) => {
      if (error) return callback(error, []);
      const [first] = answers;
      if (first === undefined) return callback(noAnswer(hostname), []);
      for (const { address } of answers) {
        const refusal = check(address, hostname);
        if (refusal) return callback(new AddressRefusedError(refusal), []);
      }
      return options.all ? callback(null, answers) : callback(null, first.address, first.family);
    });
  };

  return { check, checkHost, lookup };
}

function hostPattern(text: string): HostPattern {
  const parsed = parseHostPattern(text);
  if (!parsed.ok) throw new TypeError(`allowHosts: ${parsed.reason}`);
  return parsed.pattern;
}

function matchesName(pattern: HostPattern, host: string): boolean {
  if (pattern.kind === "name") return host === pattern.name;
  return pattern.kind === "subdomains" && host.endsWith(pattern.suffix);
}

function matchesAddress(pattern: HostPattern, address: string): boolean {
  return pattern.kind === "range" && pattern.range.contains(address);
}

/** A zone id picks a network interface, which no range can speak for; and a resolver may answer with anything. */
function refuseUnjudgeable(address: string, hostname: string): Refusal {
  const host = canonicalHostname(hostname);
  const name = isIP(address) === 0 ? "not an IP address" : "address with a zone id";
  const hint =
    isIP(host) === 0 ? `add ${allowing(host)}` : "give it a host name and add that name to allowHosts";
  return { address, hostname, range: { name, cidr: address }, hint };
}

function hintFor(scope: string, host: string, destination: string): string {
  if (scope !== "private") {
    // To allow the name would open link-local and metadata addresses to whoever controls its DNS.
    return `add ${allowing(destination)}`;
  }
  const narrow = allowing(isIP(host) === 0 ? host : destination);
  return `add ${narrow} or set allowPrivateNetwork = true`;
}

function allowing(entry: string): string {
  return `allowHosts = ["${entry}"]`;
}

function noAnswer(hostname: string): NodeJS.ErrnoException {
  const message = `"${hostname}" resolves to no address: check the host, and what its name server says of it`;
  return Object.assign(new Error(message), { code: "ENODATA", hostname });
}
