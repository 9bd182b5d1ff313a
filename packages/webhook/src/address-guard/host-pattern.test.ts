import { expect, it } from "vitest";
import { parseHostPattern } from "./host-pattern.ts";

it.each([
  ["localhost", { kind: "name", name: "localhost" }],
  ["LocalHost.", { kind: "name", name: "localhost" }],
  ["my_service", { kind: "name", name: "my_service" }],
  ["bücher.example", { kind: "name", name: "xn--bcher-kva.example" }],
  ["*.Internal.Example", { kind: "subdomains", suffix: ".internal.example" }],
])("reads %s as a name", (text, pattern) => {
  expect(parseHostPattern(text)).toEqual({ ok: true, pattern });
});

it.each([
  ["127.0.0.1", "127.0.0.1/32"],
  ["::1", "::1/128"],
  ["[FD00::1]", "fd00::1/128"],
  ["10.0.0.0/8", "10.0.0.0/8"],
  ["fd00::/8", "fd00::/8"],
  ["0.0.0.0/0", "0.0.0.0/0"],
])("reads %s as a range", (text, cidr) => {
  expect(parseHostPattern(text)).toMatchObject({ ok: true, pattern: { kind: "range", range: { cidr } } });
});

it.each([
  ["", 'is not a host: write a name, "*." and a domain, an address, or a range'],
  ["*", 'uses "*" where it has no meaning: only "*.example.com" is a pattern'],
  ["a.*.example", 'uses "*" where it has no meaning: only "*.example.com" is a pattern'],
  ["*.", 'uses "*" where it has no meaning: only "*.example.com" is a pattern'],
  ["*.127.0.0.1", 'puts "*." before an address: write the address or a range'],
  ["*.1", 'puts "*." before an address: write the address or a range'],
  ["a..example", 'is not a host: write a name, "*." and a domain, an address, or a range'],
  [".example", 'is not a host: write a name, "*." and a domain, an address, or a range'],
  ["local host", 'is not a host: write a name, "*." and a domain, an address, or a range'],
  ["local\thost", 'is not a host: write a name, "*." and a domain, an address, or a range'],
  ["localhost:8080", "has a port: write the host alone"],
  ["[::1]:8080", "has a port: write the host alone"],
  ["127.1", 'spells an address in an unusual way: write it as "127.0.0.1"'],
  ["0x7f.0.0.1", 'spells an address in an unusual way: write it as "127.0.0.1"'],
  ["fe80::1%eth0", "has a zone id or an escape: write a plain host name or address"],
  ["::ffff:127.0.0.1", 'stands for IPv4 in IPv6 form: write it as IPv4, from "127.0.0.1"'],
  ["::ffff:10.0.0.0/104", 'stands for IPv4 in IPv6 form: write it as IPv4, from "10.0.0.0"'],
  ["64:ff9b::/96", 'stands for IPv4 in IPv6 form: write it as IPv4, from "0.0.0.0"'],
  ["10.0.0.0/33", 'is not a range of addresses: write one as "10.0.0.0/8" or "fd00::/8"'],
  ["fd00::/129", 'is not a range of addresses: write one as "10.0.0.0/8" or "fd00::/8"'],
  ["10.0.0.0/08", 'is not a range of addresses: write one as "10.0.0.0/8" or "fd00::/8"'],
  ["10.0.0.0/", 'is not a range of addresses: write one as "10.0.0.0/8" or "fd00::/8"'],
  ["localhost/8", 'is not a range of addresses: write one as "10.0.0.0/8" or "fd00::/8"'],
])("has no pattern in %j, and says why", (text, why) => {
  expect(parseHostPattern(text)).toEqual({ ok: false, reason: `${JSON.stringify(text)} ${why}` });
});

it.each([
  ["http://localhost/", "is a URL: write its host alone, without scheme, port and path"],
  ["https://user:pass@host.example", "is a URL: write its host alone, without scheme, port and path"],
  ["host.example/T0/B0/token", 'is not a range of addresses: write one as "10.0.0.0/8" or "fd00::/8"'],
  ["user:pass@host.example", "has a port: write the host alone"],
  ["pass@host", 'is not a host: write a name, "*." and a domain, an address, or a range'],
  ["host?token", 'is not a host: write a name, "*." and a domain, an address, or a range'],
])("does not repeat %j, which may hold a secret", (text, why) => {
  expect(parseHostPattern(text)).toEqual({ ok: false, reason: `the entry ${why}` });
});
