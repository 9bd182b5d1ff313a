import { type ChannelConfigSchema, httpUrl, retryFields, secret } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { describedFields, findSecret } from "./config-schema.ts";

const configWith = (fields: z.core.$ZodShape): ChannelConfigSchema =>
  z.strictObject({ ...retryFields, ...fields }) as ChannelConfigSchema;

const isSilent = (config: ChannelConfigSchema) =>
  describedFields(config).flatMap(({ path, description }) => (description ? [] : [path]));

test("the retry fields are described", () => {
  expect(describedFields(configWith({}))).toHaveLength(9);
  expect(isSilent(configWith({}))).toEqual([]);
});

test("a field without a description is found by its path, wherever it is", () => {
  const inner = z.object({ told: z.string().describe("It."), untold: z.string() });
  const config = configWith({
    plain: z.string(),
    object: inner.describe("An object."),
    optional: inner.optional().describe("Perhaps an object."),
    array: z.array(inner).describe("Objects."),
    record: z.record(z.string(), inner).describe("Named objects."),
    union: z.union([z.string(), inner]).describe("A string or an object."),
  });
  expect(isSilent(config)).toEqual([
    "plain",
    "object.untold",
    "optional.untold",
    "array.untold",
    "record.untold",
    "union.untold",
  ]);
});

test("a field that is transformed is described as it is written", () => {
  const config = configWith({ count: z.string().describe("A number.").transform(Number) });
  expect(describedFields(config).at(-1)).toEqual({ path: "count", description: "A number." });
});

const secretConfig = configWith({
  token: secret().optional(),
  url: httpUrl(),
  list: z.array(secret()),
  plainList: z.array(z.string()),
  record: z.record(z.string(), secret()),
  object: z.object({ inner: secret(), plain: z.string() }),
  markedRecord: z.record(z.string(), z.string()).meta({ writeOnly: true }),
  either: z.union([secret(), z.number()]),
  plain: z.string().default(""),
});

test.each<[string, unknown]>([
  ["a secret", { token: "s3cret" }],
  ["a part of a secret", { token: "Bearer s3cret" }],
  ["a URL", { url: "https://example.com/?k=s3cret" }],
  ["a list of secrets", { list: ["other", "s3cret"] }],
  ["a record of secrets", { record: { name: "s3cret" } }],
  ["an object with a secret", { object: { inner: "s3cret" } }],
  ["a record that is marked as a whole", { markedRecord: { name: "s3cret" } }],
  ["a union with a secret", { either: "s3cret" }],
])("%s may hold one", (_, value) => {
  expect(findSecret(secretConfig, value, "s3cret")).toEqual({ found: true, unmarked: [] });
});

test.each<[string, unknown]>([
  ["plain", { plain: "s3cret" }],
  ["plainList.1", { plainList: ["other", "s3cret"] }],
  ["object.plain", { object: { inner: "other", plain: "s3cret" } }],
  ["unheardOf", { unheardOf: "s3cret" }],
])("%s may not", (path, value) => {
  expect(findSecret(secretConfig, value, "s3cret")).toEqual({ found: true, unmarked: [path] });
});

test("a secret that stands nowhere is not found", () => {
  expect(findSecret(secretConfig, { token: "other" }, "s3cret")).toEqual({ found: false, unmarked: [] });
});
