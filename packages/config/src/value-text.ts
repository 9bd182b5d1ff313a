import { isTableValue, parseTomlValue } from "./parse-toml.ts";
import { bare, definitionOf, isTable, type Schema, takesReference } from "./schema-tree.ts";

/**
 * Reads a value that was given as text, on a command line or in an environment variable, the way its schema wants it:
 * strings as they stand, numbers and booleans as in TOML, arrays and tables as JSON or TOML. A text that does not fit is
 * returned as it is, for validation to say what was expected.
 */
export function parseValueText(schema: Schema, text: string): unknown {
  const def = definitionOf(bare(schema));
  switch (def.type) {
    case "string":
    case "enum":
    case "template_literal":
      return text;
    case "number":
      return literalOf(text, "number");
    case "boolean":
      return literalOf(text, "boolean");
    case "union":
      return isTable(schema) ? structureOf(text) : unionMember(def.options, text);
    case "literal":
      return def.values.find((value) => String(value) === text) ?? text;
    default:
      return structureOf(text);
  }
}

/** Like {@link parseValueText}, but a secret or a URL may also be a reference: `{ env = "NAME" }`. */
export function parseValueOrReference(schema: Schema, text: string): unknown {
  if (takesReference(schema)) {
    const reference = /^\s*\{/.test(text) ? parseTomlValue(text)?.value : undefined;
    if (isTableValue(reference)) return reference;
  }
  return parseValueText(schema, text);
}

function literalOf(text: string, type: "number" | "boolean"): unknown {
  const value = parseTomlValue(text.trim())?.value;
  return typeof value === type ? value : text;
}

/** The first option that does not take the text for what it is not: `5` is a number where a number may stand. */
function unionMember(options: readonly Schema[], text: string): unknown {
  for (const option of options) {
    const value = parseValueText(option, text);
    if (typeof value !== "string") return value;
  }
  return text;
}

function structureOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return parseTomlValue(text.trim())?.value ?? text;
  }
}
