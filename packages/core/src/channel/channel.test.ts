import { expect, test } from "vitest";
import * as z from "zod";
import { retryFields } from "../retry/retry-policy.ts";
import { type ChannelType, defineChannel } from "./channel.ts";

const pager: ChannelType = {
  contract: 1,
  type: "pager",
  description: "Rings a pager.",
  config: z.strictObject({ ...retryFields, number: z.string() }),
  capabilities: { carries: [], members: [] },
  create: (_, host) => ({ id: host.id, capabilities: pager.capabilities, deliver: async () => ({}) }),
};

test("a type that keeps the contract is returned as it is", () => {
  expect(defineChannel(pager)).toBe(pager);
});

test.each(["a", "my-pager", "web3"])("%j is a name for a type", (type) => {
  expect(defineChannel({ ...pager, type }).type).toBe(type);
});

test.each(["", "Pager", "2pager", "-pager", "my_pager", "my.pager", "pager ", "páger", "pager\n"])(
  "%j is no name for a type",
  (type) => {
    expect(() => defineChannel({ ...pager, type })).toThrow(
      `channel type "${type}": its name must be lower-case letters, digits and dashes, beginning with a letter`,
    );
  },
);

test("a type of another contract is refused with both versions", () => {
  const future = Object.assign({ ...pager }, { contract: 2 });
  expect(() => defineChannel(Object.assign(future, { contract: 2 as 1 }))).toThrow(
    'channel type "pager": it was written for contract 2, this is contract 1: install versions that agree',
  );
});

test.each(Object.keys(retryFields))("a config without %s is refused", (field) => {
  const { [field]: _, ...others } = pager.config.shape;
  const config = z.strictObject(others) as unknown as typeof pager.config;
  expect(() => defineChannel({ ...pager, config })).toThrow(
    expect.objectContaining({
      code: "CHANNEL_TYPE_INVALID",
      message: `channel type "pager": its config lacks "${field}": spread retryFields into it`,
    }),
  );
});
