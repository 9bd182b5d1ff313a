import { DeliveryError, defineChannel, retryFields } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { channelContract } from "./channel-contract.ts";
import { describeChannelContract } from "./describe-channel-contract.ts";
import type { ContractSubject } from "./subject.ts";
import { pagerSubject } from "./test-support.ts";

describeChannelContract(pagerSubject);

/** A channel that speaks no HTTP, and whose other side can only be absent. */
const lines: string[] = [];
const tape = defineChannel({
  contract: 1,
  type: "tape",
  description: "Punches a message into a tape.",
  config: z.strictObject({
    ...retryFields,
    isOpen: z.boolean().default(true).describe("Whether it can be written."),
  }),
  capabilities: { carries: [], members: [] },
  create: ({ isOpen }, host) => ({
    id: host.id,
    capabilities: { carries: [], members: [] },
    async deliver({ content }, { signal }) {
      signal?.throwIfAborted();
      if (!isOpen) throw new DeliveryError("the tape is torn", { kind: "network", ambiguous: false });
      lines.push(content);
      return {};
    },
  }),
});
const tapeSubject: ContractSubject<typeof tape.config> = {
  type: tape,
  remote: {
    faults: { refused: {} },
    async start(fault) {
      const before = lines.length;
      return { config: { isOpen: fault !== "refused" }, received: () => lines.slice(before) };
    },
  },
};

describeChannelContract(tapeSubject);

test("a rule is skipped where its fault, its secrets or its member are missing, and says why", () => {
  const skipped = channelContract(tapeSubject).map((rule) => rule.skipped ?? "checked");
  const reasons = Object.entries(Object.groupBy(skipped, (reason) => reason));
  expect(Object.fromEntries(reasons.map(([reason, rules]) => [reason, rules?.length]))).toEqual({
    checked: 15,
    'its remote gives no fault "unauthorized"': 1,
    'its remote gives no fault "forbidden"': 1,
    'its remote gives no fault "notFound"': 1,
    'its remote gives no fault "redirected"': 1,
    'its remote gives no fault "rateLimited"': 2,
    'its remote gives no fault "serverError"': 1,
    'its remote gives no fault "reset"': 1,
    'its remote gives no fault "silence"': 2,
    "no secrets are named": 2,
    'it declares no "probe"': 3,
  });
});

test("nothing is skipped for a channel over HTTP that has secrets and a probe", () => {
  expect(channelContract(pagerSubject).filter((rule) => rule.skipped)).toEqual([]);
});
