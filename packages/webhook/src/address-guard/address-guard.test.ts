import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AddressGuardOptions, createAddressGuard } from "./address-guard.ts";

function guardOf(options: Partial<AddressGuardOptions> = {}) {
  return createAddressGuard({ allowHosts: [], allowPrivateNetwork: false, ...options });
}

const guard = guardOf();

describe("a refusal", () => {
  it("names the most specific range, and both ways to open a private one", () => {
    expect(guard.check("127.0.0.1", "localhost")).toEqual({
      address: "127.0.0.1",
      hostname: "localhost",
      range: { name: "Loopback", cidr: "127.0.0.0/8" },
      hint: 'add allowHosts = ["localhost"] or set allowPrivateNetwork = true',
    });
  });

  it("offers only the address where allowPrivateNetwork does not help, never the name that led there", () => {
    expect(guard.check("169.254.169.254", "metadata.example")).toEqual({
      address: "169.254.169.254",
      hostname: "metadata.example",
      range: { name: "Link Local", cidr: "169.254.0.0/16" },
      hint: 'add allowHosts = ["169.254.169.254"]',
    });
  });

  it("has a hint that works for an address in IPv6 form", () => {
    const refusal = guard.checkHost("[::ffff:7f00:1]");
    expect(refusal?.hint).toBe('add allowHosts = ["127.0.0.1"] or set allowPrivateNetwork = true');
    expect(guardOf({ allowHosts: ["127.0.0.1"] }).checkHost("[::ffff:7f00:1]")).toBeUndefined();
  });

  it.each(["fe80::1%eth0", "2606:4700::1%eth0", "::1%1"])("meets the zone id of %s", (address) => {
    const lenient = guardOf({ allowHosts: ["::/0"], allowPrivateNetwork: true });
    expect(lenient.check(address, "printer.example")).toEqual({
      address,
      hostname: "printer.example",
      range: { name: "address with a zone id", cidr: address },
      hint: 'add allowHosts = ["printer.example"]',
    });
  });

  it("advises a host name where the host is an address with a zone id", () => {
    expect(guard.checkHost("fe80::1%eth0")?.hint).toBe("give it a host name and add that name to allowHosts");
  });

  it("meets an answer that is no address", () => {
    expect(guard.check("elsewhere", "receiver.example")?.range.name).toBe("not an IP address");
  });
});

describe("an IPv6 address that carries an IPv4 one", () => {
  it.each([
    ["::ffff:127.0.0.1", "127.0.0.0/8"],
    ["::ffff:7f00:1", "127.0.0.0/8"],
    ["0:0:0:0:0:FFFF:A9FE:A9FE", "169.254.0.0/16"],
    ["64:ff9b::10.0.0.1", "10.0.0.0/8"],
    ["64:ff9b::a00:1", "10.0.0.0/8"],
    ["64:ff9b:0:0:0:0:7f00::", "127.0.0.0/8"],
    ["64:ff9b::1", "0.0.0.0/8"],
    ["64:ff9b:1::808:808", "64:ff9b:1::/48"],
    ["::7f00:1", "::/96"],
    ["::808:808", "::/96"],
    ["::ffff:0:127.0.0.1", "::ffff:0:0:0/96"],
    ["2002:7f00:1::", "2002::/16"],
    ["2002:808:808::1", "2002::/16"],
    ["2001:0:808:808::1", "2001::/32"],
  ])("is refused as %s in %s", (address, cidr) => {
    expect(guard.check(address, "receiver.example")?.range.cidr).toBe(cidr);
  });

  it.each(["::ffff:8.8.8.8", "::ffff:808:808", "64:ff9b::8.8.8.8", "64:ff9b:0:0:0:0:808::"])(
    "is admitted as %s, which is public",
    (address) => {
      expect(guard.check(address, "receiver.example")).toBeUndefined();
    },
  );

  it.each(["::127.0.0.1", "2002:a00:1::", "2001::1", "64:ff9b:1::a00:1", "::ffff:0:10.0.0.1"])(
    "is refused as %s under allowPrivateNetwork too",
    (address) => {
      expect(guardOf({ allowPrivateNetwork: true }).check(address, "receiver.example")).toBeDefined();
    },
  );
});

describe("checkHost", () => {
  it.each([
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://①②⑦.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0/",
  ])("refuses the host of %s", (url) => {
    const { hostname } = new URL(url);
    expect(guard.checkHost(hostname)).toMatchObject({ hostname });
  });

  it.each(["::1", "127.0.0.1", "127.0.0.1."])("refuses %s without a URL's brackets", (hostname) => {
    expect(guard.checkHost(hostname)).toMatchObject({ hostname });
  });

  it.each(["localhost", "localhost.", "receiver.example", "127.0.0.1.nip.example"])(
    "leaves the name %s to the lookup",
    (hostname) => {
      expect(guard.checkHost(hostname)).toBeUndefined();
    },
  );
});

describe("allowHosts", () => {
  it.each([
    ["localhost", "localhost"],
    ["localhost", "LOCALHOST"],
    ["localhost", "localhost."],
    ["LocalHost.", "localhost"],
    ["*.internal.example", "a.internal.example"],
    ["*.internal.example", "a.b.internal.example"],
    ["bücher.example", "xn--bcher-kva.example"],
  ])("%s admits whatever %s leads to", (entry, hostname) => {
    expect(guardOf({ allowHosts: [entry] }).check("169.254.1.1", hostname)).toBeUndefined();
  });

  it.each([
    ["localhost", "localhost.example"],
    ["localhost", "notlocalhost"],
    ["*.internal.example", "internal.example"],
    ["*.internal.example", "notinternal.example"],
    ["*.internal.example", "internal.example.attacker.example"],
  ])("%s does not admit %s", (entry, hostname) => {
    expect(guardOf({ allowHosts: [entry] }).check("127.0.0.1", hostname)).toBeDefined();
  });

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "::ffff:127.0.0.1"],
    ["10.1.0.0/16", "10.1.255.255"],
    ["10.1.0.0/16", "64:ff9b::a01:1"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["[::1]", "::1"],
    ["fe80::/10", "fe80::1"],
    ["169.254.169.254", "169.254.169.254"],
  ])("%s admits %s under any name", (entry, address) => {
    expect(guardOf({ allowHosts: [entry] }).check(address, "receiver.example")).toBeUndefined();
  });

  it.each([
    ["127.0.0.1", "127.0.0.2"],
    ["10.1.0.0/16", "10.2.0.0"],
    ["10.1.0.0/16", "10.0.255.255"],
    ["::/0", "127.0.0.1"],
    ["::/0", "::ffff:127.0.0.1"],
    ["0.0.0.0/0", "::1"],
  ])("%s does not admit %s", (entry, address) => {
    expect(guardOf({ allowHosts: [entry] }).check(address, "receiver.example")).toBeDefined();
  });

  it("takes no entry that is no pattern", () => {
    expect(() => guardOf({ allowHosts: ["http://localhost/"] })).toThrow(
      new TypeError("allowHosts: the entry is a URL: write its host alone, without scheme, port and path"),
    );
  });
});

/** The IPv4 ranges once more, as numbers, and judged with comparisons alone. */
const refusedNumbers: readonly (readonly [first: number, last: number])[] = [
  [0x00000000, 0x00ffffff],
  [0x0a000000, 0x0affffff],
  [0x64400000, 0x647fffff],
  [0x7f000000, 0x7fffffff],
  [0xa83f8110, 0xa83f8110],
  [0xa9fe0000, 0xa9feffff],
  [0xac100000, 0xac1fffff],
  [0xc0000000, 0xc00000ff],
  [0xc0000200, 0xc00002ff],
  [0xc0586300, 0xc05863ff],
  [0xc0a80000, 0xc0a8ffff],
  [0xc6120000, 0xc613ffff],
  [0xc6336400, 0xc63364ff],
  [0xcb007100, 0xcb0071ff],
  [0xe0000000, 0xffffffff],
];

function isRefusedNumber(value: number): boolean {
  return refusedNumbers.some(([first, last]) => value >= first && value <= last);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
}

const maxIPv4 = 0xffff_ffff;

/** Half of the addresses are anywhere, half are within a few of a range's edge. */
const anyIPv4 = fc.oneof(
  fc.integer({ min: 0, max: maxIPv4 }),
  fc
    .tuple(fc.constantFrom(...refusedNumbers.flat()), fc.integer({ min: -3, max: 3 }))
    .map(([edge, distance]) => Math.min(maxIPv4, Math.max(0, edge + distance))),
);

describe("any IPv4 address", () => {
  it("is refused when comparisons of numbers refuse it", () => {
    fc.assert(
      fc.property(anyIPv4, (value) => {
        const refused = guard.check(dotted(value), "receiver.example") !== undefined;
        expect(refused).toBe(isRefusedNumber(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["mapped", "::ffff:"],
    ["NAT64", "64:ff9b::"],
  ])("has the same verdict in %s form, decimal and hexadecimal", (_form, prefix) => {
    fc.assert(
      fc.property(anyIPv4, fc.boolean(), (value, allowPrivateNetwork) => {
        const eitherGuard = guardOf({ allowPrivateNetwork });
        const plain = eitherGuard.check(dotted(value), "receiver.example")?.range;
        const hexadecimal = `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
        expect(eitherGuard.check(prefix + dotted(value), "receiver.example")?.range).toEqual(plain);
        expect(eitherGuard.check(prefix + hexadecimal, "receiver.example")?.range).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });
});
