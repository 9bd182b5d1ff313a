import { describe, expect, it } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { specialPurposeRanges } from "./special-purpose-ranges.ts";

/** A range, its first and last address, and its neighbours where those are public. */
type Edges = readonly [
  cidr: string,
  first: string,
  last: string,
  before: string | undefined,
  after: string | undefined,
];

const edges: readonly Edges[] = [
  ["0.0.0.0/8", "0.0.0.0", "0.255.255.255", undefined, "1.0.0.0"],
  ["0.0.0.0/32", "0.0.0.0", "0.0.0.0", undefined, undefined],
  ["10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"],
  ["100.64.0.0/10", "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"],
  ["127.0.0.0/8", "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"],
  ["169.254.0.0/16", "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"],
  ["172.16.0.0/12", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"],
  ["192.0.0.0/24", "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"],
  ["192.0.0.0/29", "192.0.0.0", "192.0.0.7", "191.255.255.255", undefined],
  ["192.0.0.8/32", "192.0.0.8", "192.0.0.8", undefined, undefined],
  ["192.0.0.170/32", "192.0.0.170", "192.0.0.170", undefined, undefined],
  ["192.0.0.171/32", "192.0.0.171", "192.0.0.171", undefined, undefined],
  ["192.0.2.0/24", "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"],
  ["192.88.99.0/24", "192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"],
  ["192.88.99.2/32", "192.88.99.2", "192.88.99.2", undefined, undefined],
  ["192.168.0.0/16", "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"],
  ["198.18.0.0/15", "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"],
  ["198.51.100.0/24", "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"],
  ["203.0.113.0/24", "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"],
  ["224.0.0.0/4", "224.0.0.0", "239.255.255.255", "223.255.255.255", undefined],
  ["240.0.0.0/4", "240.0.0.0", "255.255.255.255", undefined, undefined],
  ["255.255.255.255/32", "255.255.255.255", "255.255.255.255", undefined, undefined],
  ["100.100.100.200/32", "100.100.100.200", "100.100.100.200", undefined, undefined],
  ["168.63.129.16/32", "168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17"],
  ["::1/128", "::1", "::1", undefined, undefined],
  ["::/128", "::", "::", undefined, undefined],
  ["::/96", "::", "::ffff:ffff", undefined, undefined],
  ["::ffff:0:0/96", "::ffff:0:0", "::ffff:ffff:ffff", undefined, undefined],
  ["::ffff:0:0:0/96", "::ffff:0:0:0", "::ffff:0:ffff:ffff", undefined, undefined],
  ["64:ff9b::/96", "64:ff9b::", "64:ff9b::ffff:ffff", undefined, undefined],
  ["64:ff9b:1::/48", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["100::/64", "100::", "100::ffff:ffff:ffff:ffff", undefined, undefined],
  ["100:0:0:1::/64", "100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", undefined, undefined],
  ["::/3", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, "2000::"],
  [
    "2001::/23",
    "2001::",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:200::",
  ],
  [
    "2001::/32",
    "2001::",
    "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
    "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    undefined,
  ],
  ["2001:2::/48", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["2001:10::/28", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["2001:20::/28", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  [
    "2001:db8::/32",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9::",
  ],
  [
    "2002::/16",
    "2002::",
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2003::",
  ],
  [
    "3fff::/20",
    "3fff::",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::",
  ],
  [
    "4000::/2",
    "4000::",
    "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    undefined,
  ],
  ["5f00::/16", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["8000::/1", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["fd00:42::42/128", "fd00:42::42", "fd00:42::42", undefined, undefined],
  ["fd00:ec2::/32", "fd00:ec2::", "fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["fd20:ce::254/128", "fd20:ce::254", "fd20:ce::254", undefined, undefined],
  ["fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["fec0::/10", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["ff00::/8", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
];

const openedByAllowPrivateNetwork = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1/128",
  "fc00::/7",
];

const strict = createAddressGuard({ allowHosts: [], allowPrivateNetwork: false });
const lenient = createAddressGuard({ allowHosts: [], allowPrivateNetwork: true });

describe.each(edges)("%s", (cidr, first, last, before, after) => {
  it.each([first, last])("refuses %s", (address) => {
    expect(strict.check(address, "receiver.example")).toMatchObject({ address });
  });

  const opened = openedByAllowPrivateNetwork.includes(cidr);
  it.each([first, last])(`${opened ? "admits" : "refuses"} %s under allowPrivateNetwork`, (address) => {
    expect(lenient.check(address, "receiver.example") === undefined).toBe(opened);
  });

  it.each([before, after].filter((address) => address !== undefined))(
    "leaves its neighbour %s public",
    (address) => {
      expect(strict.check(address, "receiver.example")).toBeUndefined();
    },
  );
});

it("has its edges tested for every range", () => {
  expect(specialPurposeRanges.map(({ cidr }) => cidr).sort()).toEqual(edges.map(([cidr]) => cidr).sort());
});

it.each([
  "8.8.8.8",
  "192.31.196.1",
  "192.52.193.1",
  "192.175.48.1",
  "2606:4700:4700::1111",
  "2620:4f:8000::1",
])("leaves %s public", (address) => {
  expect(strict.check(address, "receiver.example")).toBeUndefined();
});

it.each(["192.0.0.9", "192.0.0.10", "2001:1::1", "2001:1::2", "2001:1::3", "2001:3::1", "2001:4:112::1"])(
  "refuses %s with its parent block, globally reachable or not",
  (address) => {
    expect(strict.check(address, "receiver.example")?.range.name).toBe("IETF Protocol Assignments");
  },
);
