import { defineChannel, retryFields } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { bell, load, problemOf } from "./test-support.ts";

test("a channel type that was not declared strict is strict all the same", async () => {
  const lax = defineChannel({ ...bell, type: "lax", config: z.object({ ...retryFields }) });
  expect(await problemOf("version = 1\n[channels.lax.a]\ncolour = 1\n", { types: [lax] })).toMatchObject({
    code: "unknown_key",
  });
});

test("a channel type that declares other keys open keeps them", async () => {
  const open = defineChannel({ ...bell, type: "open", config: z.looseObject({ ...retryFields }) });
  const { deployment } = await load("version = 1\n[channels.open.a]\ncolour = 1\n", { types: [open] });
  expect(deployment.channels[0]?.config).toMatchObject({ colour: 1 });
});

test.each(["a", "A-b_9", "x".repeat(63)])("%s is a channel's name", async (alias) => {
  const { deployment } = await load(`version = 1\n[channels.door-bell.${alias}]\n`);
  expect(deployment.channels[0]?.alias).toBe(alias);
});

test.each(["9a", "-a", "a.b", "ä", "", "x".repeat(64)])("%j is no channel's name", async (alias) => {
  const toml = `version = 1\n[channels.door-bell.${JSON.stringify(alias)}]\n`;
  expect(await problemOf(toml)).toMatchObject({ code: "unknown_key", line: 2 });
});
