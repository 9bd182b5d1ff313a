import type { ChannelType } from "@jackfield/core";
import * as z from "zod";
import { createDeploymentSchema } from "./deployment-schema.ts";
import { formatPath, type KeyPath, parsePath } from "./key-path.ts";
import { bare, childOf, definitionOf, keysOf, type Schema } from "./schema-tree.ts";
import { unknownPath } from "./unknown-path.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema of what may be written in the file: of the whole deployment, or of the part at `path`, such as
 * `channels.webhook` or `channels.webhook.maxRetries`; an alias in the path may be left out.
 *
 * @throws JackfieldError `CONFIG_PATH_INVALID`, `CONFIG_PATH_UNKNOWN`
 */
export function deploymentJsonSchema(types: readonly ChannelType[], path?: string): JsonSchema {
  const deployment = createDeploymentSchema(types);
  const steps = path === undefined ? [] : parsePath(path);
  const schema = partAt(deployment, steps);
  const { $schema, ...part } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const title = steps.length === 0 ? "Jackfield deployment" : `Jackfield deployment: ${formatPath(steps)}`;
  return { ...($schema === undefined ? {} : { $schema }), title, ...polish(part) };
}

function partAt(root: Schema, path: KeyPath): Schema {
  let schema = root;
  for (const [i, step] of path.entries()) {
    const def = definitionOf(bare(schema));
    // The aliases of channels are free, so that a field's name says enough.
    const field = def.type === "record" ? childOf(def.valueType, step) : undefined;
    const child = field ?? childOf(schema, step);
    if (!child) throw unknownPath(path.slice(0, i + 1), keysOf(schema), "the configuration");
    schema = child;
  }
  return schema;
}

/** What zod cannot know: that a secret or a URL may be a reference, and that nobody chose the bounds of the safe integers. */
function polish(node: JsonSchema): JsonSchema {
  const polished: JsonSchema = {};
  for (const [keyword, value] of Object.entries(node)) {
    const isNobodysBound = keyword === "maximum" || keyword === "minimum";
    if (isNobodysBound && Math.abs(Number(value)) >= Number.MAX_SAFE_INTEGER) continue;
    polished[keyword] = polishKeyword(keyword, value);
  }
  return polished.type === "string" && isReferable(polished) ? withReferences(polished) : polished;
}

function polishKeyword(keyword: string, value: unknown): unknown {
  // What stands here is data and no schema.
  if (["default", "enum", "const", "examples"].includes(keyword)) return value;
  if (keyword === "properties" || keyword === "patternProperties" || keyword === "$defs") {
    return Object.fromEntries(
      Object.entries(Object(value)).map(([key, below]) => [key, polish(Object(below))]),
    );
  }
  if (Array.isArray(value)) return value.map((below) => (isSchema(below) ? polish(below) : below));
  return isSchema(value) ? polish(value) : value;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}

function isReferable({ writeOnly, format }: JsonSchema): boolean {
  return writeOnly === true || format === "uri";
}

/** What is said about the field stays outside, where editors look for it; what binds the text goes to the text. */
function withReferences({ description, title, default: preset, ...text }: JsonSchema): JsonSchema {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
    anyOf: [
      text,
      referenceSchema("env", "The environment variable that holds the value."),
      referenceSchema(
        "file",
        "The file that holds the value; a relative path begins at the configuration's folder.",
      ),
    ],
  };
}

function referenceSchema(key: string, description: string): JsonSchema {
  return {
    type: "object",
    properties: { [key]: { type: "string", minLength: 1, description } },
    required: [key],
    additionalProperties: false,
  };
}
