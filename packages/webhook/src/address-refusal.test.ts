import { createReceiver, testCertificate } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { sendTo } from "./test-support.ts";

// The address guard from the outside: no message, no request, no socket.

const guarded = { allowPrivateNetwork: false };

describe("a message to this machine", () => {
  test.each([
    ["dotted", "127.0.0.1"],
    ["another of its addresses", "127.8.9.1"],
    ["decimal", "2130706433"],
    ["octal", "0177.0.0.1"],
    ["octal, whole", "017700000001"],
    ["hexadecimal", "0x7f.0.0.1"],
    ["hexadecimal, whole", "0x7F000001"],
    ["mixed", "0x7f.0.1"],
    ["short", "127.1"],
    ["full-width digits", "\uff11\uff12\uff17.0.0.1"],
    ["percent-encoded", "%31%32%37.0.0.1"],
    ["with a dot at its end", "127.0.0.1."],
    ["by name", "localhost"],
    ["by name, in capitals", "LOCALHOST"],
    ["IPv6", "[::1]"],
    ["IPv4 in IPv6", "[::ffff:127.0.0.1]"],
    ["IPv4 in IPv6, hexadecimal", "[::ffff:7f00:1]"],
    ["NAT64", "[64:ff9b::127.0.0.1]"],
    ["this network", "0.0.0.0"],
    ["this network, short", "0"],
  ])("is blocked, once and without a socket: %s", async (_, host) => {
    await using receiver = await createReceiver();
    const { error } = await sendTo(receiver.url.replace("127.0.0.1", host), guarded);
    expect(error?.cause).toMatchObject({ kind: "blocked", ambiguous: false });
    expect(error?.attempts).toHaveLength(1);
    expect(receiver.connections).toBe(0);
  });

  test("is blocked over TLS, too", async () => {
    await using receiver = await createReceiver({ tls: testCertificate });
    const { error } = await sendTo(receiver.url, { ...guarded, ca: testCertificate.cert });
    expect(error?.cause.kind).toBe("blocked");
    expect(receiver.connections).toBe(0);
  });

  test("is blocked with a sentence that says which line of configuration would allow it", async () => {
    await using receiver = await createReceiver();
    const localhost = receiver.url.replace("127.0.0.1", "localhost");
    const { error } = await sendTo(localhost, guarded);
    expect(error?.cause.message).toMatch(
      new RegExp(
        `^POST ${new URL(localhost).origin} is blocked: "localhost" leads to \\S+, which is refused as Loopback.* \\(\\S+\\); ` +
          'if it is to be reached, add allowHosts = \\["localhost"\\] or set allowPrivateNetwork = true$',
      ),
    );
  });

  test.each([
    ["127.0.0.1", { allowHosts: ["127.0.0.1"] }],
    ["127.0.0.1", { allowHosts: ["127.0.0.0/8"] }],
    ["2130706433", { allowHosts: ["127.0.0.1"] }],
    ["localhost", { allowHosts: ["localhost"] }],
    ["localhost", { allowPrivateNetwork: true }],
  ])("is delivered (%s) with %j", async (host, opening) => {
    await using receiver = await createReceiver();
    const { delivered } = await sendTo(receiver.url.replace("127.0.0.1", host), { ...guarded, ...opening });
    expect(delivered?.receipt.status).toBe(200);
  });
});

test.each(["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16"])(
  "a message to a cloud's metadata at %s is blocked even under allowPrivateNetwork",
  async (host) => {
    const { error } = await sendTo(`http://${host}:9/latest/meta-data/`, {
      allowPrivateNetwork: true,
      timeoutMs: 500,
    });
    expect(error?.cause.kind).toBe("blocked");
    expect(error?.attempts).toHaveLength(1);
  },
);
