import type { LookupAddress, LookupOptions } from "node:dns";
import { expect, it } from "vitest";
import { AddressRefusedError, createAddressGuard, type Resolver } from "./address-guard.ts";

const publicAddress: LookupAddress = { address: "198.41.0.4", family: 4 };
const publicAddress6: LookupAddress = { address: "2606:4700::1111", family: 6 };
const loopback: LookupAddress = { address: "127.0.0.1", family: 4 };

interface Answer {
  readonly error: Error | null;
  readonly address: string | LookupAddress[];
  readonly family: number | undefined;
}

function lookUp(
  resolver: Resolver,
  options: LookupOptions = { all: true },
  allowHosts: string[] = [],
): Promise<Answer> {
  const guard = createAddressGuard({ allowHosts, allowPrivateNetwork: false }, resolver);
  return new Promise((resolve) => {
    guard.lookup("receiver.example", options, (error, address, family) =>
      resolve({ error, address, family }),
    );
  });
}

function answering(...answers: LookupAddress[]): Resolver {
  return (_hostname, _options, callback) => callback(null, answers);
}

it("answers with all addresses when it is asked for all", async () => {
  expect(await lookUp(answering(publicAddress6, publicAddress))).toEqual({
    error: null,
    address: [publicAddress6, publicAddress],
    family: undefined,
  });
});

it("answers with the first address when it is asked for one", async () => {
  expect(await lookUp(answering(publicAddress6, publicAddress), {})).toEqual({
    error: null,
    address: publicAddress6.address,
    family: 6,
  });
});

it("hands the resolver the socket's options, and always asks for all", async () => {
  const asked: LookupOptions[] = [];
  await lookUp(
    (_hostname, options, callback) => {
      asked.push(options);
      callback(null, [publicAddress]);
    },
    { family: 4, hints: 0 },
  );
  expect(asked).toEqual([{ family: 4, hints: 0, all: true }]);
});

it.each([{ all: true }, { all: false }, {}])(
  "refuses a name for one bad answer among good ones, with %j",
  async (options) => {
    const { error } = await lookUp(answering(publicAddress, publicAddress6, loopback), options);
    expect(error).toBeInstanceOf(AddressRefusedError);
    expect(error).toMatchObject({
      name: "AddressRefusedError",
      code: "ADDRESS_REFUSED",
      message:
        '"receiver.example" leads to 127.0.0.1, which is refused as Loopback (127.0.0.0/8); if it is to be reached, add allowHosts = ["receiver.example"] or set allowPrivateNetwork = true',
      refusal: { address: "127.0.0.1", hostname: "receiver.example" },
    });
  },
);

it("admits every answer for a name in allowHosts", async () => {
  const { error, address } = await lookUp(answering(publicAddress, loopback), { all: true }, [
    "receiver.example",
  ]);
  expect({ error, address }).toEqual({ error: null, address: [publicAddress, loopback] });
});

it("judges the answers of each lookup anew", async () => {
  const answers = [publicAddress, loopback];
  const guard = createAddressGuard(
    { allowHosts: [], allowPrivateNetwork: false },
    (_hostname, _options, callback) => callback(null, answers.splice(0, 1)),
  );
  const outcomes: (string | undefined)[] = [];
  for (let connection = 0; connection < 2; connection += 1) {
    guard.lookup("receiver.example", { all: true }, (error) => outcomes.push(error?.code));
  }
  expect(outcomes).toEqual([undefined, "ADDRESS_REFUSED"]);
});

it("passes the resolver's own error on", async () => {
  const notFound = Object.assign(new Error("getaddrinfo ENOTFOUND receiver.example"), { code: "ENOTFOUND" });
  const { error } = await lookUp((_hostname, _options, callback) => callback(notFound, []));
  expect(error).toBe(notFound);
});

it.each([{ all: true }, {}])("fails when there is no answer, with %j", async (options) => {
  const { error } = await lookUp(answering(), options);
  expect(error).toMatchObject({
    code: "ENODATA",
    hostname: "receiver.example",
    message: '"receiver.example" resolves to no address: check the host, and what its name server says of it',
  });
});
