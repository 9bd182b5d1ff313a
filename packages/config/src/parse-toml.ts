import { parse, TomlError } from "smol-toml";
import type { KeyPath } from "./key-path.ts";

/** A table of TOML as it was parsed. Its tables have no prototype, so that `__proto__` is a key like any other. */
export type Table = { [key: string]: unknown };

/** Why a text is not TOML. */
export interface SyntaxProblem {
  readonly message: string;
  /** Both begin at 1. */
  readonly line: number;
  readonly column: number;
}

/** Reads a text as TOML. */
export function parseToml(
  text: string,
):
  | { readonly document: Table; readonly problem?: never }
  | { readonly problem: SyntaxProblem; readonly document?: never } {
  try {
    return { document: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { problem: { message: describe(error), line: error.line, column: error.column } };
  }
}

function describe(error: TomlError): string {
  const reason = error.message.replace(/^Invalid TOML document: /, "").split("\n", 1)[0];
  const advice = reason === "invalid value" ? " (text stands in quotes)" : "";
  return `is not TOML: ${reason}${advice}`;
}

/** A value as it is written behind `key =`, or undefined where the text is none. */
export function parseTomlValue(text: string): { readonly value: unknown } | undefined {
  const { document } = parseToml(`value = ${text}`);
  // A line break in the text could bring further keys along.
  return document && Object.keys(document).length === 1 ? { value: document.value } : undefined;
}

/** Whether a value is a table, and not an array or a date. */
export function isTableValue(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The value at a path, undefined where there is none. */
export function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === "number") value = value[step];
    else if (isTableValue(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}
