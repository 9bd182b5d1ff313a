import { expect, test } from "vitest";
import { deploymentJsonSchema, type JsonSchema } from "./json-schema.ts";
import { types } from "./test-support.ts";

const whole = deploymentJsonSchema(types);

function below(schema: JsonSchema, ...keys: string[]): JsonSchema {
  return keys.reduce((part, key) => Object(part)[key], schema);
}

const pagers = below(whole, "properties", "channels", "properties", "pager");
const fields = below(pagers, "additionalProperties", "properties");
const environmentReference = {
  type: "object",
  properties: {
    env: { type: "string", minLength: 1, description: "The environment variable that holds the value." },
  },
  required: ["env"],
  additionalProperties: false,
};

test("the schema says which draft it is, and has a title and no id", () => {
  expect(whole).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Jackfield deployment",
  });
  expect(whole).not.toHaveProperty("$id");
});

test("only what has no default is required", () => {
  expect([whole.required, below(pagers, "additionalProperties").required]).toEqual([
    ["version"],
    ["sendUrl"],
  ]);
});

test("nothing but what is declared may be written", () => {
  const strict = [whole, below(whole, "properties", "channels"), below(pagers, "additionalProperties")];
  expect(strict.map((part) => part.additionalProperties)).toEqual([false, false, false]);
});

test("any alias of a channel type is completed by an editor", () => {
  expect(pagers).toMatchObject({
    type: "object",
    description: "Rings a pager.",
    propertyNames: { pattern: "^[A-Za-z][A-Za-z0-9_-]{0,62}$" },
    additionalProperties: { type: "object" },
  });
});

test("a number has its default, its bounds and its description", () => {
  expect(fields.maxRetries).toEqual({
    type: "integer",
    minimum: 0,
    maximum: 1_000_000,
    default: 3,
    description: "Retries after the first attempt; 0 is one attempt.",
  });
});

test("a secret is a text that is only written, or a reference; its description is outside", () => {
  expect(fields.token).toEqual({
    description: "Proves who we are.",
    anyOf: [
      { type: "string", minLength: 1, writeOnly: true },
      environmentReference,
      expect.objectContaining({ required: ["file"] }),
    ],
  });
});

test("a URL is a text or a reference", () => {
  expect(fields.sendUrl).toMatchObject({
    description: "Where messages are sent.",
    anyOf: [{ type: "string", format: "uri" }, environmentReference, {}],
  });
});

test("secrets in arrays and free tables may be references, and the default stays where it was", () => {
  expect(fields).toMatchObject({
    previousTokens: { type: "array", default: [], items: { anyOf: [{ writeOnly: true }, {}, {}] } },
    headers: { type: "object", default: {}, additionalProperties: { anyOf: [{ writeOnly: true }, {}, {}] } },
  });
});

test("the choices of a field that takes either of two types are all there", () => {
  expect(fields).toMatchObject({
    retryStatuses: { items: { anyOf: [{ type: "integer", minimum: 300 }, { enum: ["3xx", "4xx", "5xx"] }] } },
  });
});

test("nobody's bounds are left out", () => {
  expect(fields.room).toEqual({ type: "integer", description: "In which room it rings." });
});

test.each([
  ["channels.pager", pagers],
  ["channels.pager.maxRetries", fields.maxRetries],
  ["channels.pager.ops.maxRetries", fields.maxRetries],
  ["channels.pager.ops.hours.to", below(fields, "hours", "properties", "to")],
])("the part at %s is the same as in the whole, with a title of its own", (path, part) => {
  expect(deploymentJsonSchema(types, path)).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Jackfield deployment: ${path}`,
    ...Object(part),
  });
});

test.each([
  ["channels.pagr", 'there is no channels.pagr in the configuration, did you mean "channels.pager"?'],
  ["channels.pager.ops.maxRetires", /did you mean "channels.pager.ops.maxRetries"\?$/],
  ["channels.pager.maxRetries.x", /^there is no channels.pager.maxRetries.x in the configuration$/],
])("%s is no part of it, and what was meant is said", (path, message) => {
  expect(() => deploymentJsonSchema(types, path)).toThrow(message);
});
