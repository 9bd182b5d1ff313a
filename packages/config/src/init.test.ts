import { defineChannel, retryFields } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { initConfig } from "./init.ts";
import { bell, load, pager, problemOf } from "./test-support.ts";

const values = { sendUrl: "https://example.com/hook", token: { env: "OPS_TOKEN" } };
const text = initConfig({ type: pager, alias: "ops", values });
const env = { OPS_TOKEN: "0123456789" };

test("the file begins with the line that tells editors of the schema", () => {
  expect(text.split("\n")[0]).toBe("#:schema ./jackfield.schema.json");
});

test("the file is a right configuration with what was answered", async () => {
  const { deployment } = await load(text, { env });
  expect(deployment.channels).toHaveLength(1);
  expect(deployment.channels[0]).toMatchObject({
    id: "pager.ops",
    input: { sendUrl: "https://example.com/hook", token: "0123456789" },
  });
});

test("every key is preceded by its description", () => {
  expect(text).toContain('# Where messages are sent.\nsendUrl = "https://example.com/hook"\n');
});

test("the keys that have a default are there, commented out", () => {
  expect(text).toContain("# How loud, as a share.\n# volume = 0.5\n");
});

test("what is commented out may be taken in, and changes nothing", async () => {
  const all = text.replace(/^# (\w+ = )/gm, "$1");
  const [without, withAll] = [await load(text, { env }), await load(all, { env })];
  expect(withAll.deployment.channels[0]?.config).toEqual(without.deployment.channels[0]?.config);
  expect(Object.keys(withAll.deployment.channels[0]?.input ?? {})).toContain("volume");
});

test("only the suggestions that were asked for are there", () => {
  const short = initConfig({ type: pager, alias: "ops", values, suggestions: ["maxRetries"] });
  expect(short.match(/^# \w+ = .*$/gm)).toEqual(["# maxRetries = 3"]);
});

test("a key that is needed and was not answered is left to be filled in", async () => {
  const open = initConfig({ type: pager, alias: "ops", values: {} });
  expect(open).toContain("# Where messages are sent.\n# sendUrl = ");
  expect(await problemOf(open)).toMatchObject({ code: "missing_key", path: "channels.pager.ops.sendUrl" });
});

test("a long description is broken into lines", () => {
  const words = "word ".repeat(40).trim();
  const wordy = defineChannel({
    ...bell,
    config: z.strictObject({ ...retryFields, chime: z.string().describe(words) }),
  });
  const lines = initConfig({ type: wordy, alias: "a", values: { chime: "ding" }, suggestions: [] }).split(
    "\n",
  );
  const [first, second, third, ...rest] = lines.slice(lines.indexOf("[channels.door-bell.a]") + 1);
  expect([first?.length, second?.length, third?.length, ...rest]).toEqual([96, 96, 11, 'chime = "ding"', ""]);
  expect([first, second, third].map((line) => line?.slice(2)).join(" ")).toBe(words);
});
