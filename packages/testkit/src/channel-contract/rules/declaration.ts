import assert from "node:assert/strict";
import { defineChannel, messageFields, optionalMembers } from "@jackfield/core";
import { openBench } from "../bench.ts";
import { describedFields } from "../config-schema.ts";
import type { Rule } from "../rule.ts";

/** What a type declares, and whether its channels are like that. */
export const declarationRules: readonly Rule[] = [
  {
    name: "the type is one that defineChannel accepts",
    check: ({ type }) => {
      defineChannel(type);
    },
  },
  {
    name: "every field of the config says in a description what it is for",
    check({ type }) {
      const silent = describedFields(type.config).filter(({ description }) => !description);
      assert.deepEqual(
        silent.map(({ path }) => path),
        [],
        `without a description: ${silent.map(({ path }) => path).join(", ")}; add .describe("...")`,
      );
    },
  },
  {
    name: "a parsed config parses to itself, its defaults included",
    async check(subject) {
      const { type } = subject;
      await using bench = await openBench(subject);
      const once: unknown = type.config.parse(bench.config);
      assert.deepEqual(type.config.parse(once), once, "the config changes when it is parsed a second time");
    },
  },
  {
    name: "a key that the config does not know is refused",
    async check(subject) {
      await using bench = await openBench(subject);
      const parsed = subject.type.config.safeParse({ ...bench.config, aKeyThatNobodyKnows: 1 });
      assert.equal(parsed.success, false, "a misspelt key goes unnoticed: use z.strictObject for the config");
    },
  },
  {
    name: "every channel carries the id that its host gave it",
    async check(subject) {
      await using first = await openBench(subject, { alias: "first" });
      await using second = await openBench(subject, { alias: "second" });
      const ids = [first.open.channel.id, second.open.channel.id];
      assert.deepEqual(ids, [`${subject.type.type}.first`, `${subject.type.type}.second`]);
    },
  },
  {
    name: "what a channel can do is within what its type can do",
    async check(subject) {
      await using bench = await openBench(subject);
      const { capabilities: own } = bench.open.channel;
      const { capabilities: most } = subject.type;
      const known = {
        carries: messageFields.filter((field) => most.carries.includes(field)),
        members: optionalMembers.filter((member) => most.members.includes(member)),
      };
      for (const field of own.carries) {
        assert.ok(known.carries.includes(field), `the channel carries "${field}", and its type does not`);
      }
      for (const member of own.members) {
        assert.ok(known.members.includes(member), `the channel declares "${member}", and its type does not`);
      }
      if (most.maxContentLength === undefined) return;
      const longest = own.maxContentLength ?? Number.POSITIVE_INFINITY;
      assert.ok(
        longest <= most.maxContentLength,
        `the channel's maxContentLength is ${longest}, its type's is ${most.maxContentLength}`,
      );
    },
  },
  {
    name: "a channel has the optional members that it declares, and no others",
    async check(subject) {
      await using bench = await openBench(subject);
      const { channel } = bench.open;
      const present = optionalMembers.filter((member) => channel[member] !== undefined);
      assert.deepEqual(
        present,
        optionalMembers.filter((member) => channel.capabilities.members.includes(member)),
      );
    },
  },
];
