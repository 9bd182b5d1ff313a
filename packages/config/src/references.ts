import { resolve } from "node:path";
import { fieldTraits } from "@jackfield/core";
import { expectation } from "./expectation.ts";
import { type KeyPath, pathId } from "./key-path.ts";
import { nearest } from "./nearest.ts";
import type { Origin } from "./origin.ts";
import { isTableValue, type Table } from "./parse-toml.ts";
import type { ProblemDraft } from "./problem-draft.ts";
import { errorCode, type ReadFile } from "./read-file.ts";
import { childOf, isTable, type Schema, takesReference } from "./schema-tree.ts";
import { isVariableName } from "./variable-name.ts";

/** The variables of the process, or of a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** From where references are read. */
export interface ReferenceSource {
  readonly env: Environment;
  /** The folder of the configuration file, which relative paths begin at. */
  readonly directory: string;
  readonly readFile: ReadFile;
}

/** A document without references, and where their values came from. */
export interface ResolvedDocument {
  readonly document: Table;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly problems: readonly ProblemDraft[];
}

/**
 * Puts the value in the place of each `{ env = "NAME" }` and `{ file = "path" }`, wherever the schema has a secret or a URL.
 * One that has no value is replaced by a stand-in, so that the rest can be checked as if it were there.
 */
export async function resolveReferences(
  document: Table,
  schema: Schema,
  source: ReferenceSource,
): Promise<ResolvedDocument> {
  const origins = new Map<string, Origin>();
  const problems: ProblemDraft[] = [];

  async function walk(value: unknown, field: Schema | undefined, path: KeyPath): Promise<unknown> {
    if (field && takesReference(field) && isTableValue(value)) return follow(value, field, path);
    if (field && isTable(field) && value instanceof Date) {
      problems.push({ code: "invalid_value", path, message: "expected a table, got a date", at: "value" });
    }
    if (Array.isArray(value)) {
      const elements: unknown[] = [];
      for (const [i, element] of value.entries()) {
        elements.push(await walk(element, field && childOf(field, i), [...path, i]));
      }
      return elements;
    }
    if (!isTableValue(value)) return value;
    const table: Table = Object.create(null);
    for (const [key, member] of Object.entries(value)) {
      if (key === "__proto__") problems.push(unusableKey([...path, key]));
      table[key] = await walk(member, field && childOf(field, key), [...path, key]);
    }
    return table;
  }

  async function follow(reference: Table, field: Schema, path: KeyPath): Promise<string> {
    const found = await lookUp(reference, field, source);
    if (found.origin) origins.set(pathId(path), found.origin);
    if (found.value !== undefined) return found.value;
    const { message, suggestion } = found;
    problems.push({ code: "unresolved_reference", path, message, suggestion, at: "value" });
    return fieldTraits(field).url ? "https://unresolved.invalid" : "unresolved";
  }

  const resolved = await walk(document, schema, []);
  return { document: resolved as Table, origins, problems };
}

type Found =
  | { readonly value: string; readonly origin: Origin }
  | {
      readonly value?: never;
      readonly origin?: Origin;
      readonly message: string;
      readonly suggestion?: string | undefined;
    };

async function lookUp(reference: Table, field: Schema, source: ReferenceSource): Promise<Found> {
  const keys = Object.keys(reference);
  const [key = "", ...others] = keys;
  const name = reference[key];
  if (others.length > 0 || (key !== "env" && key !== "file")) {
    const suggestion = others.length > 0 ? undefined : nearest(key, ["env", "file"]);
    const got = keys.length === 0 ? "an empty table" : `a table with ${keys.join(", ")}`;
    return { message: `expected ${expectation(field)}, got ${got}`, suggestion };
  }
  if (typeof name !== "string" || name === "") {
    return { message: `expected ${key === "env" ? "the name of a variable" : "a path"} behind ${key}` };
  }
  return key === "env" ? fromEnvironment(name, source.env) : fromFile(name, source);
}

function fromEnvironment(variable: string, env: Environment): Found {
  // Who has put the secret itself here, or "$NAME", must not see it again in the message.
  if (!isVariableName(variable)) {
    const written = variable.replace(/^\$\{?(\w+)\}?$/, "$1");
    const suggestion = written !== variable && isVariableName(written) ? written : undefined;
    return {
      message: "what stands behind env is no name of an environment variable: letters, digits and _ only",
      suggestion,
    };
  }
  const value = env[variable];
  const origin: Origin = { from: "environment", variable };
  if (value) return { value, origin };
  const state = value === "" ? "is empty" : "is not set";
  const isSet = (name: string) => Boolean(env[name]);
  const suggestion = nearest(variable, Object.keys(env).filter(isSet));
  return { origin, suggestion, message: `the environment variable ${variable} ${state}` };
}

async function fromFile(path: string, { directory, readFile }: ReferenceSource): Promise<Found> {
  const origin: Origin = { from: "secret_file", path };
  try {
    const bytes = await readFile(resolve(directory, path));
    const value = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
    return value === "" ? { origin, message: `the file ${path} is empty` } : { value, origin };
  } catch (error) {
    return { origin, message: `the file ${path} ${whyUnreadable(error)}` };
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof TypeError) return "is not UTF-8";
  const code = errorCode(error);
  if (code === "ENOENT") return "does not exist (a relative path begins at the configuration's folder)";
  if (code === "EISDIR") return "is a directory";
  if (code === "EACCES" || code === "EPERM") return "must not be read by this user";
  return `cannot be read (${code})`;
}

function unusableKey(path: KeyPath): ProblemDraft {
  return { code: "unknown_key", path, message: "unknown key", at: "key" };
}
