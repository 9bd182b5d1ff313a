import { fieldTraits } from "@jackfield/core";
import * as z from "zod";
import { bare, definitionOf, type Schema } from "./schema-tree.ts";
import { formatValue } from "./toml-text.ts";

/** What a schema wants, as a noun: `whole number from 1 to 5`, `one of "a", "b"`, `array of strings`. */
export function typeName(schema: Schema): string {
  const traits = fieldTraits(schema);
  if (traits.secret) return "secret";
  if (traits.url) return "URL";
  const inner = bare(schema);
  const def = definitionOf(inner);
  switch (def.type) {
    case "string":
      return "format" in def && typeof def.format === "string" && def.format !== "regex"
        ? `string (${def.format})`
        : "string";
    case "number":
      return numberName(inner);
    case "boolean":
      return "true or false";
    case "enum":
      return oneOf(Object.values(def.entries));
    case "literal":
      return oneOf(def.values);
    case "array":
      return ["enum", "union", "literal"].includes(definitionOf(bare(def.element)).type)
        ? `array, each ${expectation(def.element)}`
        : `array of ${plural(def.element)}`;
    case "record":
      return `table of ${plural(def.valueType)}`;
    case "union":
      return def.options.map(typeName).join(", or ");
    case "object":
    case "intersection":
      return "table";
    case "date":
      return "date";
    default:
      return "value";
  }
}

/** {@link typeName} with its article, to stand after "expected". */
export function expectation(schema: Schema): string {
  const { secret, url } = fieldTraits(schema);
  if (secret || url) return `a ${url ? "URL" : "string"}, { env = "NAME" } or { file = "path" }`;
  const def = definitionOf(bare(schema));
  if (def.type === "union") return def.options.map(expectation).join(", or ");
  const name = typeName(schema);
  if (["boolean", "enum", "literal"].includes(def.type)) return name;
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

/** What was found, to stand after "got": the value itself only where it may be shown. */
export function finding(value: unknown, isShown: boolean): string {
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "a table";
  if (isShown) return shorten(formatValue(value));
  if (value === null) return "null";
  return typeof value === "boolean" ? "true or false" : `a ${typeof value}`;
}

/** The strings that would be right, for suggestions. */
export function stringChoices(schema: Schema): string[] {
  const def = definitionOf(bare(schema));
  if (def.type === "union") return def.options.flatMap(stringChoices);
  const values = def.type === "enum" ? Object.values(def.entries) : def.type === "literal" ? def.values : [];
  return values.filter((value) => typeof value === "string");
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? formatValue(values[0]) : `one of ${values.map(formatValue).join(", ")}`;
}

function plural(schema: Schema): string {
  const name = typeName(schema);
  if (/^(string|secret|URL|table|date|value)\b/.test(name)) return name.replace(/^\w+/, "$&s");
  if (/^(whole )?number\b/.test(name)) return name.replace("number", "numbers");
  return name.startsWith("array") ? name.replace("array", "arrays") : name;
}

function numberName(schema: Schema): string {
  const { type, ...bounds } = z.toJSONSchema(schema, { io: "input" });
  const noun = type === "integer" ? "whole number" : "number";
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = bounds;
  const [least, most] = [chosen(minimum), chosen(maximum)];
  if (least !== undefined && most !== undefined) return `${noun} from ${least} to ${most}`;
  const words = [
    least !== undefined && `of at least ${least}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    most !== undefined && `of at most ${most}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ].filter((word) => word !== false);
  return [noun, words.join(" and ")].filter(Boolean).join(" ");
}

/** A bound that somebody chose: those of the safe integers go without saying. */
function chosen(bound: number | undefined): number | undefined {
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
