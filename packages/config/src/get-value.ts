import type { JsonValue } from "@jackfield/core";
import { describeConfig, toTree } from "./describe.ts";
import { parsePath } from "./key-path.ts";
import type { LoadedConfig } from "./load.ts";
import { isTableValue, valueAt } from "./parse-toml.ts";
import { childOf, keysOf, type Schema } from "./schema-tree.ts";
import { unknownPath } from "./unknown-path.ts";

/**
 * The effective value at a path, fit to be shown: a secret is `<set>`. A table is an object with all that is below it.
 *
 * @returns undefined where the key may be set and is not
 * @throws JackfieldError `CONFIG_PATH_INVALID`, `CONFIG_PATH_UNKNOWN`
 */
export async function getConfigValue(config: LoadedConfig, path: string): Promise<JsonValue | undefined> {
  const steps = parsePath(path);
  const rows = await describeConfig(config);
  let value: unknown = toTree(rows);
  let schema: Schema = config.schema;
  for (const [i, step] of steps.entries()) {
    const child = childOf(schema, step);
    const known = keysBelow(schema, value);
    const isFree = keysOf(schema).length === 0 && typeof step === "string";
    if (!child || (isFree && !known.includes(step))) {
      throw unknownPath(steps.slice(0, i + 1), known, config.path);
    }
    value = valueAt(value, [step]);
    schema = child;
  }
  return value as JsonValue | undefined;
}

function keysBelow(schema: Schema, value: unknown): readonly string[] {
  const declared = keysOf(schema);
  return declared.length > 0 ? declared : isTableValue(value) ? Object.keys(value) : [];
}
